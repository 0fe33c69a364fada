import { randomUUID } from 'node:crypto';
import { memoryRevocations, type RevocationStore, redisRevocations } from 'express-app-roles/revocation';
import { createClient } from 'redis';

/** Redis, where REDIS_URL names one. */
export const redisUrls: readonly string[] = process.env.REDIS_URL ? [process.env.REDIS_URL] : [];

/** One list, as several instances have it. */
export interface TestStore {
  /** The store of one more instance: on Redis with a connection of its own. */
  open(): Promise<RevocationStore>;
  close(): Promise<void>;
}

export async function memoryStore(): Promise<TestStore> {
  const store = memoryRevocations();
  return { open: async () => store, close: async () => {} };
}

/** On a key of its own, so that suites can run side by side. */
export async function redisStore(url: string) {
  const prefix = `test:${randomUUID()}`;
  const connect = async (to = url) => {
    const client = createClient({ url: to });
    client.on('error', () => {});
    await client.connect();
    clients.push(client);
    return client;
  };
  const clients: { isOpen: boolean; destroy(): void }[] = [];
  const direct = await connect();
  return {
    prefix,
    /** For what happens behind the back of the instances. */
    direct,
    async open(to?: string) {
      return redisRevocations(await connect(to), { prefix });
    },
    async close() {
      await direct.del(prefix);
      for (const client of clients) if (client.isOpen) client.destroy();
    },
  };
}

/** The stores at hand: in memory always, in Redis where there is one. */
export const stores: readonly { readonly name: string; create(): Promise<TestStore> }[] = [
  { name: 'memory', create: memoryStore },
  ...redisUrls.map((url) => ({ name: 'Redis', create: () => redisStore(url) })),
];
