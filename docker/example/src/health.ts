// SPDX-License-Identifier: MIT
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves if the service behind it works, and rejects otherwise. */
export type Check = () => Promise<unknown>;

export interface CheckResult {
  status: 'up' | 'down';
  latency: number;
  error?: string;
}

export interface Health {
  status: 'healthy' | 'unhealthy';
  version: string;
  uptime: number;
  timestamp: string;
  checks: Record<string, CheckResult>;
}

// Less than healthprobe's 2.5 s, so that it gets a response instead of a timeout.
const limitMs = 1000;

/** What went wrong, in a word: drivers' messages may contain what outsiders should not read. */
function reason(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'Error';
}

async function run(check: Check): Promise<CheckResult> {
  const start = performance.now();
  const timer = new AbortController();
  const limit = sleep(limitMs, undefined, { signal: timer.signal }).then(() => {
    throw Object.assign(new Error(), { code: 'ETIMEDOUT' });
  });
  const latency = () => Math.round((performance.now() - start) * 1000) / 1000;
  try {
    await Promise.race([check(), limit]);
    return { status: 'up', latency: latency() };
  } catch (error) {
    return { status: 'down', latency: latency(), error: reason(error) };
  } finally {
    timer.abort();
    limit.catch(() => {});
  }
}

export async function health(version: string, checks: Record<string, Check>): Promise<Health> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await run(check)] as const),
  );
  return {
    status: results.every(([, result]) => result.status === 'up') ? 'healthy' : 'unhealthy',
    version,
    uptime: Math.round(process.uptime() * 10) / 10,
    timestamp: new Date().toISOString(),
    checks: Object.fromEntries(results),
  };
}
