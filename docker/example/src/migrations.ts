// SPDX-License-Identifier: MIT
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientBase } from 'pg';

// Any number, as long as every version of this service uses the same one.
const lock = 7041953;

/**
 * Apply the new .sql files in a directory, in the order of their names, each in a separate transaction. Of several
 * concurrent runs, all but one wait and then find nothing to do. The end of the session frees the lock.
 *
 * @returns the names of the files that were applied
 */
export async function migrate(client: Pick<ClientBase, 'query'>, directory: string): Promise<string[]> {
  await client.query('SELECT pg_advisory_lock($1)', [lock]);
  await client.query(
    'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
  );
  const { rows } = await client.query<{ name: string }>('SELECT name FROM migrations');
  const known = new Set(rows.map((row) => row.name));
  const files = readdirSync(directory).filter((name) => name.endsWith('.sql') && !known.has(name)).sort();
  for (const name of files) {
    await client.query('BEGIN');
    try {
      await client.query(readFileSync(join(directory, name), 'utf8'));
      await client.query('INSERT INTO migrations (name) VALUES ($1)', [name]);
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {});
      throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
    }
  }
  return files;
}
