import { type Revocations, redisRevocations, revocations } from 'express-app-roles/revocation';
import type { Logger } from 'pino';
import { createClient } from 'redis';
import { describeError } from './failure.js';

export interface OpenRevocations {
  readonly revocations: Revocations;
  close(): void;
}

/**
 * The list of revocations that all instances share. An instance that never read it, or not for five minutes, answers 503: what was
 * shut out must not come in because Redis is away.
 *
 * @param url of a Redis that keeps what it was told over a restart
 */
export function openRevocations(url: string, log: Logger): OpenRevocations {
  const client = createClient({ url });
  client.on('error', (error) => log.warn(describeError(error), 'the connection to Redis failed'));
  // It goes on trying: what is answered meanwhile is decided by whenUnknown.
  void client.connect().catch(() => {});
  const list = revocations({
    store: redisRevocations(client, { prefix: 'mailroom:revocations' }),
    whenUnknown: 'refuse',
  });
  return {
    revocations: list,
    close() {
      list.close();
      client.destroy();
    },
  };
}
