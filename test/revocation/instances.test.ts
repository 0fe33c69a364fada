import type { RevokedSubject } from 'express-app-roles/revocation';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { appWith, entra, listOf, read, seconds } from './api.js';
import { stores, type TestStore } from './stores.js';

const job = entra.client('job');
const subject: RevokedSubject = { kind: 'client', clientId: job.clientId };
const asJob = () => entra.asApplication('Mail.Read', { client: job });

/** Each of them answers so, before long. */
async function allAnswer(apps: readonly ReturnType<typeof appWith>[], expected: string): Promise<void> {
  await vi.waitFor(async () => {
    for (const app of apps) expect(await read(app, asJob())).toBe(expected);
  });
}

describe.each(stores)('several instances on $name', ({ create }) => {
  let shared: TestStore;
  beforeEach(async () => {
    shared = await create();
  });
  afterEach(() => shared.close());

  async function start() {
    const revoked = listOf({ store: await shared.open() });
    await revoked.ready();
    await vi.waitFor(() => expect(revoked.health().live).toBe(true));
    return { revoked, app: appWith(revoked) };
  }

  it('refuse what one of them was told to, and admit again what another was', async () => {
    const instances = await Promise.all([start(), start(), start(), start()]);
    const apps = instances.map(({ app }) => app);
    const [first, , , last] = instances;
    await allAnswer(apps, '200');
    const { id } = (await first?.revoked.revoke({ subject, reason: 'Leaked.' })) ?? {};
    expect(await read(apps[0] as never, asJob())).toBe('401 denied');
    await allAnswer(apps, '401 denied');
    expect(await last?.revoked.restore(id as string)).toBe(true);
    await allAnswer(apps, '200');
    expect(instances.map(({ revoked }) => revoked.list())).toEqual([[], [], [], []]);
  });

  it('have the same list, whoever wrote it and whenever they started', async () => {
    const early = await start();
    const written = [];
    for (const tokenId of ['a', 'b', 'c'])
      written.push(await early.revoked.revoke({ subject: { kind: 'token', tokenId }, reason: 'In a log.' }));
    const late = await start();
    const byId = (list: readonly { readonly id: string }[]) => new Map(list.map((each) => [each.id, each]));
    expect(byId(late.revoked.list())).toEqual(byId(written));
    expect(byId(early.revoked.list())).toEqual(byId(written));
  });

  it('keep a restoration, however late an instance hears of it', async () => {
    const { revoked } = await start();
    const { id } = await revoked.revoke({ subject, reason: 'Leaked.' });
    expect(await revoked.restore(id)).toBe(true);
    expect(await revoked.restore(id)).toBe(false);
    expect(await revoked.restore('never-was')).toBe(false);
    const late = await start();
    expect([late.revoked.list(), await read(late.app, asJob())]).toEqual([[], '200']);
  });

  it('are not overtaken by one that gives back what was restored in the meantime', async () => {
    const { revoked } = await start();
    const revocation = await revoked.revoke({ subject, reason: 'Leaked.' });
    await revoked.restore(revocation.id);
    const store = await shared.open();
    const { signal } = new AbortController();
    await store.writeBack([revocation], signal);
    await store.write(revocation, signal);
    const late = await start();
    expect([revoked.list(), late.revoked.list()]).toEqual([[], []]);
    await expect(store.read(0, signal)).rejects.toThrow(/ore than 0 records/);
  });

  it('carry 1,000 revocations at once to each other', async () => {
    const [writer, reader] = [await start(), await start()];
    const ids = Array.from({ length: 1_000 }, (_, index) => `token-${index}`);
    await Promise.all(
      ids.map((tokenId) => writer.revoked.revoke({ subject: { kind: 'token', tokenId }, reason: 'In a log.' })),
    );
    await vi.waitFor(() => expect(reader.revoked.health().entries).toBe(1_000), 5_000);
    const credentials = entra.asApplication('Mail.Read', { claims: { uti: 'token-999', iat: seconds() } });
    expect(await read(reader.app, credentials)).toBe('401 denied');
  });
});
