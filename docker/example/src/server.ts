// SPDX-License-Identifier: MIT
import { Redis } from 'ioredis';
import pg from 'pg';
import { buildApp } from './app.ts';
import { readConfig } from './config.ts';

// Less than the 10 s of Docker and the 30 s of Kubernetes before they kill.
const stopLimitMs = 8000;

const config = readConfig(process.env);
const database = new pg.Pool({
  connectionString: config.databaseUrl,
  application_name: 'api',
  connectionTimeoutMillis: 1000,
  query_timeout: 2000,
});
const cache = new Redis(config.redisUrl, {
  connectionName: 'api',
  commandTimeout: 1000,
  connectTimeout: 1000,
  enableOfflineQueue: false,
  retryStrategy: (attempt) => Math.min(attempt * 100, 1000),
});
const app = buildApp({ version: config.version, database, cache, log: true });

// Both reconnect on their own; until then requests get an error.
database.on('error', (error) => app.log.warn({ code: (error as { code?: string }).code }, 'database connection lost'));
cache.on('error', (error) => app.log.warn({ code: (error as { code?: string }).code }, 'redis connection lost'));

let stopping = false;

async function stop(signal: NodeJS.Signals): Promise<void> {
  // A second signal ends it at once.
  if (stopping) process.exit(1);
  stopping = true;
  app.log.info(`${signal}: stopping`);
  setTimeout(() => {
    app.log.error('not stopped in time');
    process.exit(1);
  }, stopLimitMs).unref();
  // Pending requests are answered first, and they need the connections.
  await app.close();
  cache.disconnect();
  await database.end();
  app.log.info('stopped');
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);

await app.listen({ host: '0.0.0.0', port: config.port });
