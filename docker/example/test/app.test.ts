// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildApp } from '../src/app.ts';

type Answer = () => Promise<unknown>;

const up: Answer = async () => ({ rows: [] });
const refused: Answer = async () => {
  throw Object.assign(new Error('connect ECONNREFUSED, password secret'), { code: 'ECONNREFUSED' });
};
const silent: Answer = () => new Promise(() => {});

async function get(path: string, database: Answer, redis: Answer) {
  const cache = { ping: redis, get: redis, setex: redis, del: redis };
  const app = buildApp({ version: '1.2.3', database: { query: database }, cache } as never);
  const response = await app.inject(path);
  await app.close();
  return { code: response.statusCode, body: response.json() };
}

test('all is well', async () => {
  const { code, body } = await get('/health', up, up);
  assert.equal(code, 200);
  assert.equal(body.status, 'healthy');
  assert.equal(body.version, '1.2.3');
  assert.equal(typeof body.uptime, 'number');
  assert.match(body.timestamp, /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.deepEqual(Object.keys(body.checks), ['database', 'redis']);
  assert.equal(body.checks.database.status, 'up');
  assert.equal(typeof body.checks.redis.latency, 'number');
});

test('a database that is down makes it unhealthy and not ready, but not dead', async () => {
  const health = await get('/health', refused, up);
  assert.equal(health.code, 503);
  assert.equal(health.body.status, 'unhealthy');
  assert.equal(health.body.checks.database.status, 'down');
  assert.equal(health.body.checks.database.error, 'ECONNREFUSED');
  assert.equal(health.body.checks.redis.status, 'up');
  assert.equal((await get('/health/ready', refused, up)).code, 503);
  assert.equal((await get('/health/live', refused, refused)).code, 200);
});

test('a cache that is down makes it unhealthy, but still ready, and the notes are read', async () => {
  assert.equal((await get('/health', up, refused)).code, 503);
  assert.equal((await get('/health/ready', up, refused)).code, 200);
  assert.equal((await get('/notes', up, refused)).code, 200);
});

test('the message of a driver is not shown', async () => {
  const { body } = await get('/health', refused, refused);
  assert.doesNotMatch(JSON.stringify(body), /secret/);
});

test('a check that does not answer is down after a second', async () => {
  const { code, body } = await get('/health', silent, up);
  assert.equal(code, 503);
  assert.equal(body.checks.database.error, 'ETIMEDOUT');
  assert.ok(body.checks.database.latency >= 990 && body.checks.database.latency < 2000);
});
