import { type EventEmitter, once } from 'node:events';
import { ConfigurationError } from '../errors/index.js';
import { isRestoration, type RevocationRecord } from './revocation.js';
import type { RevocationStore } from './revocation-store.js';
import { unixSeconds } from './unix-seconds.js';

/** A client of the package `redis` (5 or 6), as far as it is needed here. */
export interface RedisClient {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  connect(): Promise<unknown>;
  destroy(): void;
  duplicate(): RedisClient;
  on(event: 'ready' | 'error', listener: () => void): unknown;
  off(event: 'ready' | 'error', listener: () => void): unknown;
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

export interface RedisRevocationsOptions {
  /**
   * The key of the list, and the name of its channel: `mailroom:revocations`. APIs with the same prefix share one list. Channels
   * do not know of the databases of one Redis: lists in two of them need two prefixes.
   */
  readonly prefix: string;
}

/** Kept this much longer than they are in force, in seconds: clocks differ. */
const margin = 3_600;

/** One hash, with a field for each record. Scripts, so that what is stored and what is told come in the same order. */
const scripts = {
  /** ARGV: the channel or nothing; then for each record its id, its text, seconds to keep it, and whether it replaces another. */
  write: `
    for i = 2, #ARGV, 4 do
      redis.call(ARGV[i + 3] == 'replace' and 'HSET' or 'HSETNX', KEYS[1], ARGV[i], ARGV[i + 1])
      if redis.call('TTL', KEYS[1]) < tonumber(ARGV[i + 2]) then redis.call('EXPIRE', KEYS[1], ARGV[i + 2]) end
      if ARGV[1] ~= '' then redis.call('PUBLISH', ARGV[1], ARGV[i + 1]) end
    end`,
  /** The time of this Redis, for instances' clocks may be wrong, and what is stored. */
  read: `
    if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[1]) then return redis.error_reply('More than ' .. ARGV[1] .. ' records.') end
    return { redis.call('TIME')[1], redis.call('HGETALL', KEYS[1]) }`,
  drop: `for _, id in ipairs(ARGV) do redis.call('HDEL', KEYS[1], id) end`,
};

/**
 * A store in Redis, for an API that runs as several instances. The client stays the application's own: it connects it, listens to
 * its errors, and closes it after `revocations.close()`. A second connection is made with the same settings, for messages.
 *
 * The list is one key, and lives as long as its longest entry. Redis must keep it over a restart (`appendonly yes`), and must not
 * evict it (`maxmemory-policy noeviction`): instances write back what they know of a list that was lost, but an instance that
 * starts later, with no other running, knows nothing of it. Whoever can write to this Redis can revoke and restore.
 *
 * ```ts
 * const client = createClient({ url: REDIS_URL });
 * client.on('error', (error: Error) => log.warn(error.message));
 * client.connect().catch(() => {}); // not awaited: it goes on trying
 * const store = redisRevocations(client, { prefix: 'mailroom:revocations' });
 * ```
 *
 * @throws ConfigurationError where the client is not one of `redis`, or there is no prefix
 */
export function redisRevocations(client: RedisClient, options: RedisRevocationsOptions): RevocationStore {
  const prefix = options?.prefix;
  if (typeof client?.duplicate !== 'function' || typeof client.eval !== 'function') {
    throw new ConfigurationError("redisRevocations takes a client of redis: createClient({ url }), of 'redis' 5 or 6.");
  }
  if (typeof prefix !== 'string' || prefix === '') {
    throw new ConfigurationError(
      "redisRevocations needs a prefix of this API's own: redisRevocations(client, { prefix: 'mailroom:revocations' }).",
    );
  }
  const reopeners = new Set<() => void>();

  /** Commands that wait for a connection would be carried out long after the caller was told that they failed. */
  async function run(script: string, args: readonly string[], signal: AbortSignal): Promise<unknown> {
    if (!client.isOpen) throw new Error('The Redis client is not open: call client.connect().');
    if (!client.isReady) await once(client as unknown as EventEmitter, 'ready', { signal });
    return client.eval(script, { keys: [prefix], arguments: [...args] });
  }

  async function write(channel: string, records: readonly RevocationRecord[], signal: AbortSignal): Promise<void> {
    await run(scripts.write, [channel, ...records.flatMap(asArguments)], signal);
  }

  return Object.freeze<RevocationStore>({
    write: (record, signal) => write(prefix, [record], signal),
    writeBack: (records, signal) => write('', records, signal),

    async read(limit, signal) {
      for (const reopen of reopeners) reopen();
      const [seconds, fields] = (await run(scripts.read, [String(limit)], signal)) as [unknown, readonly unknown[]];
      const found = new Map<string, unknown>();
      const old: string[] = [];
      for (let i = 0; i < fields.length; i += 2) {
        const id = String(fields[i]);
        const record = parse(String(fields[i + 1])) as { expiresAt?: unknown } | null | undefined;
        if (typeof record?.expiresAt === 'number' && record.expiresAt + margin < Number(seconds)) old.push(id);
        else found.set(id, record);
      }
      // What fails here is tried again with the next read.
      if (old.length > 0) run(scripts.drop, old, signal).catch(() => {});
      return found;
    },

    watch({ written, missed }) {
      const subscriber = client.duplicate();
      let isSubscribed = false;
      const tell = (message: string) => written(parse(message));
      const subscribe = () => {
        const done = () => {
          isSubscribed = true;
          missed();
        };
        // Refused, or cut off: the list is read every so often, and the next connection subscribes again.
        subscriber.subscribe(prefix, tell).then(done, () => {});
      };
      const open = () => {
        if (!subscriber.isOpen) subscriber.connect().catch(() => {});
      };
      subscriber.on('ready', subscribe);
      // Errors of this connection are those of the client, which the application listens to.
      subscriber.on('error', () => {});
      reopeners.add(open);
      open();
      return {
        get isLive() {
          return isSubscribed && subscriber.isReady;
        },
        close() {
          reopeners.delete(open);
          subscriber.off('ready', subscribe);
          if (subscriber.isOpen) subscriber.destroy();
        },
      };
    },
  });
}

function asArguments(record: RevocationRecord): string[] {
  const seconds = record.expiresAt - unixSeconds() + margin;
  return [record.id, JSON.stringify(record), String(seconds), isRestoration(record) ? 'replace' : 'add'];
}

/** Undefined for what is no JSON: the list decides what that means. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
