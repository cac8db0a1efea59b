// SPDX-License-Identifier: MIT
import pg from 'pg';
import { readConfig } from './config.ts';
import { migrate } from './migrations.ts';

const client = new pg.Client({ connectionString: readConfig(process.env).databaseUrl, application_name: 'migrate' });
await client.connect();
try {
  const applied = await migrate(client, 'migrations');
  for (const name of applied) console.log(`migrate: applied ${name}`);
  if (applied.length === 0) console.log('migrate: nothing to do');
} finally {
  await client.end();
}
