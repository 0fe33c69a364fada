import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Revocations, type RevokedSubject, redisRevocations } from 'express-app-roles/revocation';
import { createClient, RESP_TYPES } from 'redis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { appWith, entra, listOf, read, seconds } from './api.js';
import { startProxy, type TcpProxy } from './proxy.js';
import { redisStore, redisUrls } from './stores.js';

const job = entra.client('job');
const subject: RevokedSubject = { kind: 'client', clientId: job.clientId };
const reason = 'Leaked.';
const asJob = () => entra.asApplication('Mail.Read', { client: job });

describe('redisRevocations(client, { prefix })', () => {
  it('takes a client of redis, and needs a prefix', () => {
    const client = createClient();
    expect(() => redisRevocations({} as never, { prefix: 'x' })).toThrow(/takes a client of redis: createClient/);
    expect(() => redisRevocations(client, undefined as never)).toThrow(/needs a prefix of this API's own/);
    expect(() => redisRevocations(client, { prefix: '' })).toThrow(/needs a prefix of this API's own/);
  });

  it('says that a client was never connected', async () => {
    const client = createClient({ url: 'redis://127.0.0.1:1' });
    client.on('error', () => {});
    const revoked = listOf({ store: redisRevocations(client, { prefix: 'x' }) });
    await expect(revoked.ready()).rejects.toThrow('The Redis client is not open: call client.connect().');
  });
});

describe('an instance that starts without Redis', () => {
  /** A port where nobody listens. */
  async function nowhere(): Promise<string> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    return `redis://127.0.0.1:${port}`;
  }

  it.each([
    ['refuse', '503 revocations_unavailable'],
    ['admit', '200'],
  ] as const)("with whenUnknown '%s' answers %s", async (whenUnknown, expected) => {
    const client = createClient({ url: await nowhere() });
    client.on('error', () => {});
    void client.connect().catch(() => {});
    try {
      const revoked = listOf({ store: redisRevocations(client, { prefix: 'x' }), whenUnknown });
      await expect(revoked.ready()).rejects.toThrow(/ECONNREFUSED/);
      expect(await read(appWith(revoked), asJob())).toBe(expected);
      expect(revoked.health()).toMatchObject({ ok: false, live: false });
      await expect(revoked.revoke({ subject, reason })).rejects.toMatchObject({ status: 503 });
    } finally {
      client.destroy();
    }
  });
});

describe.each(redisUrls)('on Redis', (url) => {
  let shared: Awaited<ReturnType<typeof redisStore>>;
  let proxy: TcpProxy;
  let near: Revocations;
  /** An instance whose connection the test can cut. */
  let far: Revocations;

  beforeEach(async () => {
    shared = await redisStore(url);
    proxy = await startProxy(url);
    near = listOf({ store: await shared.open() });
    far = listOf({ store: await shared.open(proxy.url) });
    await Promise.all([near.ready(), far.ready()]);
    await vi.waitFor(() => expect([near.health().live, far.health().live]).toEqual([true, true]));
  });
  afterEach(async () => {
    vi.useRealTimers();
    near.close();
    far.close();
    await shared.close();
    proxy.close();
  });

  it('a connection that was cut is made anew, and what was missed is read', async () => {
    const app = appWith(far);
    proxy.cut();
    await vi.waitFor(() => expect(far.health().live).toBe(false));
    await near.revoke({ subject, reason });
    expect(await read(app, asJob())).toBe('200');
    proxy.mend();
    await vi.waitFor(async () => expect(await read(app, asJob())).toBe('401 denied'), 10_000);
    await vi.waitFor(() => expect(far.health().live).toBe(true), 10_000);
    await near.revoke({ subject: { kind: 'token', tokenId: 'later' }, reason });
    await vi.waitFor(() => expect(far.health().entries).toBe(2));
  });

  it('a revocation told to an instance that is cut off is refused, not carried out later', async () => {
    proxy.cut();
    await vi.waitFor(() => expect(far.health().live).toBe(false));
    await expect(far.revoke({ subject, reason })).rejects.toMatchObject({ status: 503 });
    proxy.mend();
    await vi.waitFor(() => expect(far.health()).toMatchObject({ live: true, lastError: undefined }), 10_000);
    expect(await shared.direct.hLen(shared.prefix)).toBe(0);
  });

  it('a Redis that falls silent is waited for five seconds', async () => {
    proxy.silence();
    await expect(far.revoke({ subject, reason })).rejects.toMatchObject({ status: 503 });
    expect(far.health().lastError).toBe('The store did not answer within 5 seconds.');
    expect(await read(appWith(far), asJob())).toBe('200');
  });

  it('a revocation told before there was a connection is refused, not carried out later', async () => {
    proxy.silence();
    const client = createClient({ url: proxy.url });
    client.on('error', () => {});
    const connected = client.connect();
    const revoked = listOf({ store: redisRevocations(client, { prefix: shared.prefix }) });
    await expect(revoked.revoke({ subject, reason })).rejects.toMatchObject({ status: 503 });
    proxy.mend();
    await connected;
    await revoked.ready();
    expect([await client.hLen(shared.prefix), revoked.list()]).toEqual([0, []]);
    revoked.close();
    client.destroy();
  });

  it('connections that gave up are made anew once the application connects its client again', async () => {
    const client = createClient({ url: proxy.url, socket: { reconnectStrategy: false } });
    client.on('error', () => {});
    await client.connect();
    const revoked = listOf({ store: redisRevocations(client, { prefix: shared.prefix }) });
    await vi.waitFor(() => expect(revoked.health().live).toBe(true));
    proxy.cut();
    await vi.waitFor(() => expect(client.isOpen).toBe(false));
    proxy.mend();
    await client.connect();
    await revoked.ready();
    await vi.waitFor(() => expect(revoked.health().live).toBe(true));
    await near.revoke({ subject, reason });
    await vi.waitFor(() => expect(revoked.health().entries).toBe(1));
    revoked.close();
    client.destroy();
  });

  it('a message that was lost is made good by the next read', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const deaf = listOf({ store: await shared.open() });
    await vi.waitFor(() => expect(deaf.health().live).toBe(true));
    await deaf.ready();
    const entry = {
      id: 'lost',
      subject,
      issuedBefore: seconds(),
      reason,
      createdAt: seconds(),
      expiresAt: seconds() + 100_000,
    };
    await shared.direct.hSet(shared.prefix, 'lost', JSON.stringify(entry));
    const app = appWith(deaf);
    expect(await read(app, asJob())).toBe('200');
    await vi.advanceTimersByTimeAsync(30_000);
    vi.useRealTimers();
    await vi.waitFor(async () => expect(await read(app, asJob())).toBe('401 denied'));
  });

  it('a list that Redis has lost is written back', async () => {
    const { id } = await near.revoke({ subject, reason });
    const gone = await near.revoke({ subject: { kind: 'token', tokenId: 'x' }, reason });
    await near.restore(gone.id);
    await shared.direct.del(shared.prefix);
    await near.ready();
    expect(Object.keys(await shared.direct.hGetAll(shared.prefix)).sort()).toEqual([id, gone.id].sort());
    const late = listOf({ store: await shared.open() });
    await late.ready();
    expect(late.list().map((each) => each.id)).toEqual([id]);
  });

  it.each(['', 'x', '{"id":"wrong"}', '{"id":1', '[]', 'null'])('what is no record (%j) does no harm', async (text) => {
    await near.revoke({ subject, reason });
    await shared.direct.hSet(shared.prefix, 'wrong', text);
    await shared.direct.publish(shared.prefix, text);
    await Promise.all([near.ready(), far.ready()]);
    for (const each of [near, far]) {
      expect(await read(appWith(each), asJob())).toBe('401 denied');
      expect(each.health()).toMatchObject({ ok: true, entries: 1, lastError: expect.stringContaining('"wrong"') });
    }
    expect(await far.restore('wrong')).toBe(true);
    await Promise.all([near.ready(), far.ready()]);
    expect([near.health().lastError, far.health().lastError]).toEqual([undefined, undefined]);
  });

  it('a key of another type is an error of the store, and no end of the list', async () => {
    await near.revoke({ subject, reason });
    await shared.direct.set(shared.prefix, 'x');
    await near.ready();
    expect(near.health()).toMatchObject({ ok: true, lastError: expect.stringContaining('WRONGTYPE') });
    expect(await read(appWith(near), asJob())).toBe('401 denied');
  });

  it('what has expired goes, and so does the list with its longest entry', async () => {
    const { expiresAt } = await near.revoke({ subject, reason });
    const left = await shared.direct.ttl(shared.prefix);
    expect(Math.abs(left - (expiresAt - seconds() + 3_600))).toBeLessThan(5);
    const old = { id: 'old', subject, issuedBefore: 1, reason, createdAt: 1, expiresAt: seconds() - 4_000 };
    const recent = { ...old, id: 'recent', expiresAt: seconds() - 1_000 };
    for (const each of [old, recent]) await shared.direct.hSet(shared.prefix, each.id, JSON.stringify(each));
    await far.ready();
    expect(far.list()).toHaveLength(1);
    await vi.waitFor(async () => expect(await shared.direct.hKeys(shared.prefix)).not.toContain('old'));
    expect(await shared.direct.hKeys(shared.prefix)).toContain('recent');
  });

  it('a client with RESP 2, and one that gives buffers, will do', async () => {
    await near.revoke({ subject, reason });
    const resp2 = createClient({ url, RESP: 2 });
    await resp2.connect();
    const buffers = createClient({ url, commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } } });
    await buffers.connect();
    for (const client of [resp2, buffers]) {
      const revoked = listOf({ store: redisRevocations(client, { prefix: shared.prefix }) });
      await revoked.ready();
      expect(revoked.health()).toMatchObject({ entries: 1, lastError: undefined });
      await vi.waitFor(() => expect(revoked.health().live).toBe(true));
      const { id } = await near.revoke({ subject: { kind: 'token', tokenId: 'x' }, reason });
      await vi.waitFor(() => expect(revoked.list()).toHaveLength(2));
      await revoked.restore(id);
      revoked.close();
      client.destroy();
    }
  });

  it('the client is still the application’s after close', async () => {
    const client = createClient({ url });
    await client.connect();
    const revoked = listOf({ store: redisRevocations(client, { prefix: shared.prefix }) });
    await revoked.ready();
    revoked.close();
    expect(await client.ping()).toBe('PONG');
    expect(client.listenerCount('ready')).toBe(0);
    client.destroy();
  });
});
