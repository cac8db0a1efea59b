// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readConfig } from '../src/config.ts';

const directory = mkdtempSync(join(tmpdir(), 'config-'));
after(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const urls = { DATABASE_URL: 'postgresql://app@db:5432/app', REDIS_URL: 'redis://cache:6379' };

test('passwords come from files, without the newline at their end', () => {
  const config = readConfig({
    ...urls,
    DATABASE_PASSWORD_FILE: file('database', 'one\n'),
    REDIS_PASSWORD_FILE: file('redis', 'two\r\n'),
  });
  assert.equal(config.databaseUrl, 'postgresql://app:one@db:5432/app');
  assert.equal(config.redisUrl, 'redis://:two@cache:6379');
});

test('a password may hold any character', () => {
  const config = readConfig({ ...urls, DATABASE_PASSWORD_FILE: file('odd', 'p@s:s/w#o%rd?&') });
  assert.equal(decodeURIComponent(new URL(config.databaseUrl).password), 'p@s:s/w#o%rd?&');
});

test('a whole URL may come from a file, and its password stays', () => {
  const config = readConfig({
    DATABASE_URL_FILE: file('url', 'postgresql://app:mine@db/app\n'),
    DATABASE_PASSWORD: 'other',
    REDIS_URL: urls.REDIS_URL,
  });
  assert.equal(config.databaseUrl, 'postgresql://app:mine@db/app');
});

test('what is missing or wrong is named, and its value is not shown', () => {
  assert.throws(() => readConfig({ REDIS_URL: urls.REDIS_URL }), /^Error: DATABASE_URL is not set/);
  assert.throws(() => readConfig({ ...urls, PORT: 'tcp://10.0.0.1:80' }), /^Error: PORT is not a port number$/);
  assert.throws(() => readConfig({ ...urls, REDIS_URL: 'secret' }), /^Error: REDIS_URL is not a URL$/);
});
