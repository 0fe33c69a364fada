import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type RevocationMessage, type RevokedSubject, revocationsChannel } from 'express-app-roles/revocation';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { appWith, entra, listOf, read, seconds } from './api.js';
import { OwnStore } from './own-store.js';

const job = entra.client('job');
const other = entra.client('other');
const subject: RevokedSubject = { kind: 'client', clientId: job.clientId };
const reason = 'Leaked.';
const asJob = () => entra.asApplication('Mail.Read', { client: job });
const asOther = () => entra.asApplication('Mail.Read', { client: other });

const events: RevocationMessage[] = [];
const listen = (message: unknown) => void events.push(message as RevocationMessage);

/** Time stands still until a test moves it; the tokens' does not. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  subscribe(revocationsChannel, listen);
});
afterEach(() => {
  vi.useRealTimers();
  unsubscribe(revocationsChannel, listen);
  events.splice(0);
});
const pass = (forSeconds: number) => vi.advanceTimersByTimeAsync(forSeconds * 1_000);
const away = async () => {
  throw new Error('The store is away.');
};

describe('an instance that starts without the store', () => {
  it("answers 503 where whenUnknown is 'refuse', and recovers by itself", async () => {
    const store = new OwnStore();
    store.broken = away;
    const revoked = listOf({ store, whenUnknown: 'refuse' });
    const app = appWith(revoked);
    await expect(revoked.ready()).rejects.toThrow('The revocations cannot be read. The store is away.');
    const { status, body, headers } = await request(app).get('/mail').set(asJob());
    expect([status, body.code, headers['retry-after']]).toEqual([503, 'revocations_unavailable', '5']);
    expect(headers).not.toHaveProperty('www-authenticate');
    expect((await request(app).get('/mail')).status).toBe(401);
    expect(revoked.health()).toMatchObject({ ok: false, entries: 0, age: undefined, lastError: 'The store is away.' });

    store.broken = undefined;
    await pass(5);
    expect(await read(app, asJob())).toBe('200');
    expect(revoked.health()).toEqual({ ok: true, entries: 0, age: 0, live: true, lastError: undefined });
    expect(events).toEqual([{ event: 'list-unknown' }, { event: 'list-known' }]);
  });

  it("lets in where whenUnknown is 'admit', until the list is there", async () => {
    const store = new OwnStore();
    await listOf({ store }).revoke({ subject, reason });
    store.broken = away;
    const revoked = listOf({ store, whenUnknown: 'admit' });
    const app = appWith(revoked);
    await expect(revoked.ready()).rejects.toThrow('The store is away.');
    expect(await read(app, asJob())).toBe('200');
    store.broken = undefined;
    await pass(5);
    expect([await read(app, asJob()), await read(app, asOther())]).toEqual(['401 denied', '200']);
  });

  it('does not wait for a store that never answers', async () => {
    const store = new OwnStore();
    store.broken = () => new Promise(() => {});
    const revoked = listOf({ store });
    const ready = expect(revoked.ready()).rejects.toThrow('The store did not answer within 5 seconds.');
    await pass(10);
    await ready;
    store.broken = undefined;
    await pass(5);
    expect(await read(appWith(revoked), asOther())).toBe('200');
  });
});

describe('a list that cannot be read any more', () => {
  it.each([
    ['refuse', '503 revocations_unavailable'],
    ['admit', '200'],
  ] as const)(
    "serves for maxAge; then '%s' answers others with %s, and who is on it stays refused",
    async (whenUnknown, then) => {
      const store = new OwnStore();
      const revoked = listOf({ store, whenUnknown, maxAge: 120 });
      const app = appWith(revoked);
      await revoked.ready();
      await revoked.revoke({ subject, reason });
      store.broken = away;
      await pass(100);
      expect([await read(app, asJob()), await read(app, asOther())]).toEqual(['401 denied', '200']);
      expect(revoked.health()).toMatchObject({ ok: true, age: 100 });
      await pass(30);
      expect([await read(app, asJob()), await read(app, asOther())]).toEqual(['401 denied', then]);
      expect(revoked.health()).toMatchObject({ ok: false, entries: 1, age: 130, lastError: 'The store is away.' });
      expect(events.map(({ event }) => event)).toEqual(['list-known', 'revoked', 'list-unknown']);

      store.broken = undefined;
      await pass(5);
      expect([await read(app, asJob()), await read(app, asOther())]).toEqual(['401 denied', '200']);
    },
  );

  it('is 300 seconds old at most where nothing was said', async () => {
    const store = new OwnStore();
    const app = appWith(listOf({ store }));
    await pass(1);
    store.broken = away;
    await pass(295);
    expect(await read(app, asOther())).toBe('200');
    await pass(10);
    expect(await read(app, asOther())).toBe('503 revocations_unavailable');
  });

  it('takes no writing: 503, and nothing is in force', async () => {
    const store = new OwnStore();
    const revoked = listOf({ store });
    await revoked.ready();
    const { id } = await revoked.revoke({ subject: { kind: 'token', tokenId: 'x' }, reason });
    store.broken = away;
    await expect(revoked.revoke({ subject, reason })).rejects.toMatchObject({
      status: 503,
      code: 'revocations_unavailable',
    });
    await expect(revoked.restore(id)).rejects.toMatchObject({ status: 503 });
    await expect(revoked.restore('unknown')).rejects.toMatchObject({ status: 503 });
    expect(revoked.list().map((each) => each.id)).toEqual([id]);
    expect(revoked.health().lastError).toBe('The store is away.');
  });
});

describe('reading the list again', () => {
  it('finds within 30 seconds what was not told', async () => {
    const store = new OwnStore();
    const [writer, deaf] = [listOf({ store }), listOf({ store })];
    await Promise.all([writer.ready(), deaf.ready()]);
    store.watchers.clear();
    const { id } = await writer.revoke({ subject, reason });
    const app = appWith(deaf);
    expect(await read(app, asJob())).toBe('200');
    await pass(30);
    expect(await read(app, asJob())).toBe('401 denied');
    await writer.restore(id);
    expect(await read(app, asJob())).toBe('401 denied');
    await pass(30);
    expect(await read(app, asJob())).toBe('200');
  });

  it('drops nothing that was told while it ran', async () => {
    const store = new OwnStore();
    const [writer, reader] = [listOf({ store }), listOf({ store })];
    await Promise.all([writer.ready(), reader.ready()]);
    const early = await writer.revoke({ subject: { kind: 'client', clientId: other.clientId }, reason });
    let open = () => {};
    store.gate = new Promise((resolve) => {
      open = resolve;
    });
    const reading = reader.ready();
    await pass(0);
    await writer.revoke({ subject, reason });
    await writer.restore(early.id);
    const app = appWith(reader);
    expect([await read(app, asJob()), await read(app, asOther())]).toEqual(['401 denied', '200']);
    open();
    await reading;
    expect([await read(app, asJob()), await read(app, asOther())]).toEqual(['401 denied', '200']);
  });

  it('gives back to the store what that has lost, restorations too', async () => {
    const store = new OwnStore();
    const revoked = listOf({ store });
    const lost = await revoked.revoke({ subject, reason });
    const restored = await revoked.revoke({ subject: { kind: 'client', clientId: other.clientId }, reason });
    const before = new Map(store.records);
    await revoked.restore(restored.id);
    store.records = new Map([[restored.id, before.get(restored.id)]]);
    await revoked.ready();
    const app = appWith(revoked);
    expect([await read(app, asJob()), await read(app, asOther())]).toEqual(['401 denied', '200']);
    const later = listOf({ store });
    await later.ready();
    expect(later.list()).toEqual([lost]);
  });

  it('ends with close', async () => {
    const store = new OwnStore();
    const revoked = listOf({ store });
    await revoked.ready();
    const { reads } = store;
    revoked.close();
    await pass(120);
    expect([store.reads, store.watchers.size]).toEqual([reads, 0]);
  });
});

describe('what cannot be understood', () => {
  const sound = () => ({
    id: 'sound',
    subject,
    issuedBefore: seconds(),
    reason,
    createdAt: seconds(),
    expiresAt: seconds() + 100_000,
  });

  it.each<[name: string, id: string, wrong: unknown]>([
    ['no object', 'wrong', 'revoke everything'],
    ['nothing', 'wrong', undefined],
    ['another kind of subject', 'wrong', { ...sound(), id: 'wrong', subject: { kind: 'device', deviceId: 'x' } }],
    ['a subject without its id', 'wrong', { ...sound(), id: 'wrong', subject: { kind: 'client' } }],
    ['no expiry', 'wrong', { ...sound(), id: 'wrong', expiresAt: undefined }],
    ["another record's id", 'wrong', sound()],
  ])('in the store (%s) leaves the rest in force, and the list counts as not read', async (_name, id, wrong) => {
    const store = new OwnStore();
    const revoked = listOf({ store, maxAge: 60 });
    await revoked.revoke({ subject: { kind: 'client', clientId: other.clientId }, reason });
    await revoked.ready();
    store.records.set(id, wrong).set('sound', sound());
    const app = appWith(revoked);
    await pass(31);
    expect([await read(app, asJob()), await read(app, asOther())]).toEqual(['401 denied', '401 denied']);
    expect(revoked.health().lastError).toMatch(
      /^1 of the stored records cannot be read: "wrong". Remove them \(restore\)/,
    );
    await pass(60);
    expect(await read(app, entra.asApplication('Mail.Read'))).toBe('503 revocations_unavailable');
    expect(await revoked.restore(id)).toBe(true);
    await pass(0);
    expect(await read(app, entra.asApplication('Mail.Read'))).toBe('200');
    expect(await read(app, asJob())).toBe('401 denied');
  });

  it.each([undefined, null, 'x', [], { id: 'x' }])(
    'in a message (%j) changes nothing, and has the list read',
    async (told) => {
      const store = new OwnStore();
      const revoked = listOf({ store });
      await revoked.ready();
      const { reads } = store;
      store.records.set('sound', sound());
      for (const { written } of store.watchers) for (let i = 0; i < 100; i++) written(told);
      await pass(1);
      expect(store.reads).toBe(reads + 1);
      expect(await read(appWith(revoked), asJob())).toBe('401 denied');
    },
  );
});

it('a flood of messages that cannot be understood puts no read off, nor does it cause many', async () => {
  const store = new OwnStore();
  const revoked = listOf({ store });
  await revoked.ready();
  const { reads } = store;
  for (let i = 0; i < 200; i++) {
    for (const { written } of store.watchers) written('x');
    await pass(0.1);
  }
  expect(store.reads - reads).toBeGreaterThanOrEqual(15);
  expect(store.reads - reads).toBeLessThanOrEqual(25);
});

describe('a list that is too large', () => {
  const token = (index: number) => ({
    id: `token-${index}`,
    subject: { kind: 'token', tokenId: `t${index}` },
    reason,
    createdAt: seconds(),
    expiresAt: seconds() + 100_000,
  });

  it('is in force as a whole where instances wrote the last entries at once, and takes no more', async () => {
    const store = new OwnStore();
    for (let i = 0; i < 6; i++) store.records.set(`token-${i}`, token(i));
    const revoked = listOf({ store, maxEntries: 4 });
    await revoked.ready();
    expect(revoked.list()).toHaveLength(6);
    await expect(revoked.revoke({ subject, reason })).rejects.toThrow(/The list is full/);
  });

  it('is not read where it is larger still: the list that there is ages', async () => {
    const store = new OwnStore();
    const revoked = listOf({ store, maxEntries: 4 });
    await revoked.ready();
    for (let i = 0; i < 9; i++) store.records.set(`token-${i}`, token(i));
    for (const { written } of store.watchers) for (let i = 0; i < 9; i++) written(token(i));
    await pass(30);
    expect(revoked.list().length).toBeLessThanOrEqual(8);
    expect(revoked.health().lastError).toBe('Too many.');
  });
});

describe('an entry that expires', () => {
  it('is gone from the list, and is not written back', async () => {
    const store = new OwnStore();
    const revoked = listOf({ store });
    store.records.set('old', {
      id: 'old',
      subject,
      issuedBefore: seconds(),
      reason,
      createdAt: seconds(),
      expiresAt: seconds() + 2,
    });
    await revoked.ready();
    const app = appWith(revoked);
    expect(await read(app, asJob())).toBe('401 denied');
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_000);
    store.records.clear();
    await revoked.ready();
    clock.mockRestore();
    expect([revoked.list(), store.records.size]).toEqual([[], 0]);
    expect(await read(app, asJob())).toBe('200');
  });
});

it('events name no person, and give no reason', async () => {
  const revoked = listOf();
  const { principal } = entra.user('Ada');
  const { id } = await revoked.revoke({
    subject: { kind: 'principal', ...principal },
    reason: 'Ada left.',
    by: principal,
  });
  await revoked.restore(id, principal);
  expect(events.filter(({ event }) => event !== 'list-known')).toEqual([
    {
      event: 'revoked',
      id,
      subject: { kind: 'principal', tenantId: principal.tenantId },
      issuedBefore: expect.any(Number),
      expiresAt: expect.any(Number),
    },
    { event: 'restored', id },
  ]);
});
