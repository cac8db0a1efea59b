// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';

type Environment = Record<string, string | undefined>;

export interface Config {
  port: number;
  version: string;
  databaseUrl: string;
  redisUrl: string;
}

/** The value of a variable, or the content of the file named by NAME_FILE, without its final newline. */
function setting(env: Environment, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  return env[name] || (file ? readFileSync(file, 'utf8').replace(/\r?\n$/, '') : undefined);
}

/** A required URL, completed with its separate password. */
function target(env: Environment, name: string): string {
  const text = setting(env, `${name}_URL`);
  if (!text) throw new Error(`${name}_URL is not set, and neither is ${name}_URL_FILE`);
  if (!URL.canParse(text)) throw new Error(`${name}_URL is not a URL`);
  const url = new URL(text);
  url.password ||= encodeURIComponent(setting(env, `${name}_PASSWORD`) ?? '');
  return url.href;
}

export function readConfig(env: Environment): Config {
  const port = Number(env.PORT || 3000);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error('PORT is not a port number');
  return {
    port,
    version: env.APP_VERSION || 'unknown',
    databaseUrl: target(env, 'DATABASE'),
    redisUrl: target(env, 'REDIS'),
  };
}
