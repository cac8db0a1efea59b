// SPDX-License-Identifier: MIT
import Fastify, { type FastifyInstance, type FastifyReply, LogController } from 'fastify';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { type Check, health } from './health.ts';

export interface Services {
  version: string;
  database: Pick<Pool, 'query'>;
  cache: Pick<Redis, 'ping' | 'get' | 'setex' | 'del'>;
  log?: boolean;
}

const cacheKey = 'notes';
const cacheSeconds = 5;

export function buildApp({ version, database, cache, log = false }: Services): FastifyInstance {
  const app = Fastify({
    logger: log,
    // Health checks would fill the log.
    logController: new LogController({ disableRequestLogging: (request) => request.url.startsWith('/health') }),
  });

  const databaseCheck: Check = () => database.query('SELECT 1');
  const redisCheck: Check = () => cache.ping();
  const answer = (checks: Record<string, Check>) => async (_: unknown, reply: FastifyReply) => {
    const body = await health(version, checks);
    return reply.code(body.status === 'healthy' ? 200 : 503).send(body);
  };
  app.get('/health/live', answer({}));
  app.get('/health/ready', answer({ database: databaseCheck }));
  app.get('/health', answer({ database: databaseCheck, redis: redisCheck }));

  // Notes work without the cache, only slower, so readiness does not depend on Redis.
  const orNothing = <T>(work: Promise<T>) => work.catch((error: unknown) => void app.log.warn(error));

  app.get('/notes', async () => {
    const cached = await orNothing(cache.get(cacheKey));
    if (cached) return JSON.parse(cached);
    const { rows } = await database.query('SELECT id, text, created_at FROM notes ORDER BY id DESC LIMIT 20');
    await orNothing(cache.setex(cacheKey, cacheSeconds, JSON.stringify(rows)));
    return rows;
  });

  const body = {
    type: 'object',
    required: ['text'],
    properties: { text: { type: 'string', minLength: 1, maxLength: 500 } },
  };
  app.post<{ Body: { text: string } }>('/notes', { schema: { body } }, async (request, reply) => {
    const { rows } = await database.query('INSERT INTO notes (text) VALUES ($1) RETURNING id, text, created_at', [
      request.body.text,
    ]);
    await orNothing(cache.del(cacheKey));
    return reply.code(201).send(rows[0]);
  });

  return app;
}
