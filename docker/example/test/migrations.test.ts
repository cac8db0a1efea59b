// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { migrate } from '../src/migrations.ts';

const directory = mkdtempSync(join(tmpdir(), 'migrations-'));
after(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, '002_second.sql'), 'second');
writeFileSync(join(directory, '001_first.sql'), 'first');
writeFileSync(join(directory, 'README'), 'no migration');

/** A client that records its statements, knows some migrations, and fails at one statement. */
function client(known: string[], failing?: string) {
  const log: string[] = [];
  const query = async (text: string, values: unknown[] = []) => {
    log.push([text.replace(/ IF NOT EXISTS.*| \(name\) VALUES.*/, ''), ...values].join(' '));
    if (text === failing) throw new Error('syntax error');
    return { rows: text.startsWith('SELECT name') ? known.map((name) => ({ name })) : [] };
  };
  return { log, client: { query } as never };
}

test('files are applied in order, each in a transaction, under the lock', async () => {
  const { log, client: c } = client([]);
  assert.deepEqual(await migrate(c, directory), ['001_first.sql', '002_second.sql']);
  assert.match(log[0]!, /^SELECT pg_advisory_lock/);
  assert.deepEqual(log.slice(3), [
    'BEGIN', 'first', 'INSERT INTO migrations 001_first.sql', 'COMMIT',
    'BEGIN', 'second', 'INSERT INTO migrations 002_second.sql', 'COMMIT',
  ]);
});

test('what was applied is not applied again', async () => {
  assert.deepEqual(await migrate(client(['001_first.sql']).client, directory), ['002_second.sql']);
  assert.deepEqual(await migrate(client(['001_first.sql', '002_second.sql']).client, directory), []);
});

test('one that fails is rolled back and named, and those after it are left', async () => {
  const { log, client: c } = client([], 'first');
  await assert.rejects(migrate(c, directory), /^Error: 001_first.sql: syntax error$/);
  assert.deepEqual(log.slice(3), ['BEGIN', 'first', 'ROLLBACK']);
});
