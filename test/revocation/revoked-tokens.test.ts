import { randomUUID } from 'node:crypto';
import { memoryRevocations, type NewRevocation, type RevokedSubject, revocations } from 'express-app-roles/revocation';
import { describe, expect, it } from 'vitest';
import { appWith, entra, listOf, read, seconds } from './api.js';

const job = entra.client('job');
const portal = entra.client('Portal', { authenticatedBy: 'none' });
const ada = entra.user('Ada');
const blueprintId = 'b1000000-0000-4000-8000-000000000001';
const hour = 3_600;

const asJob = (claims = {}) => entra.asApplication('Mail.Read', { client: job, claims: { uti: 'Token-1', ...claims } });
const asAda = (claims = {}) =>
  entra.asUser(ada, 'Mail.Read', { client: portal, claims: { uti: 'Token-2', ...claims } });
const asAgent = () =>
  entra.asApplication('Mail.Read', { client: 'agent', agent: true, claims: { xms_par_app_azp: blueprintId } });

const everyone = { job: asJob, Ada: asAda, agent: asAgent };

describe('whose tokens are refused', () => {
  it.each<[kind: string, subject: RevokedSubject, refused: readonly (keyof typeof everyone)[]]>([
    ['a client as itself', { kind: 'client', clientId: job.clientId.toUpperCase() }, ['job']],
    ['a client of users', { kind: 'client', clientId: portal.clientId }, ['Ada']],
    ['a user', { kind: 'principal', tenantId: entra.tenant, objectId: ada.principal.objectId.toUpperCase() }, ['Ada']],
    ['a service principal', { kind: 'principal', tenantId: entra.tenant, objectId: job.principal.objectId }, ['job']],
    [
      'the same object id in another tenant',
      { kind: 'principal', tenantId: entra.otherTenant, objectId: job.principal.objectId },
      [],
    ],
    ['a tenant', { kind: 'tenant', tenantId: entra.tenant.toUpperCase() }, ['job', 'Ada', 'agent']],
    ['another tenant', { kind: 'tenant', tenantId: entra.otherTenant }, []],
    ['one token', { kind: 'token', tokenId: 'Token-1' }, ['job']],
    ['a token id in other case', { kind: 'token', tokenId: 'token-1' }, []],
    ['the blueprint of an agent', { kind: 'agent-blueprint', blueprintId }, ['agent']],
    ['a client id that is a blueprint', { kind: 'client', clientId: blueprintId }, []],
  ])('%s', async (_kind, subject, refused) => {
    const revoked = listOf();
    const app = appWith(revoked);
    for (const credentials of Object.values(everyone)) expect(await read(app, credentials())).toBe('200');
    const { id } = await revoked.revoke({ subject, reason: 'Leaked.' });
    for (const [name, credentials] of Object.entries(everyone)) {
      const expected = (refused as readonly string[]).includes(name) ? '401 denied' : '200';
      expect([name, await read(app, credentials())]).toEqual([name, expected]);
    }
    expect(await revoked.restore(id)).toBe(true);
    for (const credentials of Object.values(everyone)) expect(await read(app, credentials())).toBe('200');
  });
});

describe('which of their tokens', () => {
  const subject: RevokedSubject = { kind: 'client', clientId: job.clientId };

  it('those issued up to and including the second', async () => {
    const revoked = listOf();
    const app = appWith(revoked);
    const issuedBefore = seconds() - 100;
    await revoked.revoke({ subject, issuedBefore, reason: 'Leaked.' });
    expect(await read(app, asJob({ iat: issuedBefore - 1 }))).toBe('401 denied');
    expect(await read(app, asJob({ iat: issuedBefore }))).toBe('401 denied');
    expect(await read(app, asJob({ iat: issuedBefore + 0.5 }))).toBe('401 denied');
    expect(await read(app, asJob({ iat: issuedBefore + 1 }))).toBe('200');
  });

  it('a token that was remembered is refused, and admitted again once that is taken back', async () => {
    const revoked = listOf();
    const app = appWith(revoked);
    const same = asJob();
    expect(await read(app, same)).toBe('200');
    const { id } = await revoked.revoke({ subject, reason: 'Leaked.' });
    expect(await read(app, same)).toBe('401 denied');
    await revoked.restore(id);
    expect(await read(app, same)).toBe('200');
  });

  it('of several entries for one subject the latest counts, until it is taken back', async () => {
    const revoked = listOf();
    const app = appWith(revoked);
    const revoke = (issuedBefore: number) => revoked.revoke({ subject, issuedBefore, reason: 'Leaked.' });
    const earlier = await revoke(seconds() - 200);
    const later = await revoke(seconds() - 100);
    const between = asJob({ iat: seconds() - 150 });
    const before = asJob({ iat: seconds() - 250 });
    expect([await read(app, before), await read(app, between)]).toEqual(['401 denied', '401 denied']);
    await revoked.restore(later.id);
    expect([await read(app, before), await read(app, between)]).toEqual(['401 denied', '200']);
    await revoked.restore(earlier.id);
    expect(await read(app, before)).toBe('200');
  });

  it('a time to come refuses what is issued until then', async () => {
    const revoked = listOf();
    await revoked.revoke({ subject, issuedBefore: seconds() + hour, reason: 'Under investigation.' });
    expect(await read(appWith(revoked), asJob({ iat: seconds() + 60, nbf: seconds() }))).toBe('401 denied');
  });

  it('one token is refused whenever it was issued', async () => {
    const revoked = listOf();
    await revoked.revoke({ subject: { kind: 'token', tokenId: 'Token-1' }, reason: 'In a log.' });
    expect(await read(appWith(revoked), asJob({ iat: seconds() + 60 }))).toBe('401 denied');
  });
});

describe('an entry', () => {
  const subject: RevokedSubject = { kind: 'client', clientId: job.clientId };
  const day28 = 28 * hour;

  it('holds what was told, and 28 hours where no expiry was', async () => {
    const revoked = listOf();
    const by = { tenantId: entra.tenant.toUpperCase(), objectId: ada.principal.objectId };
    const before = seconds();
    const entry = await revoked.revoke({ subject, reason: 'Leaked.', by });
    expect(entry).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      subject,
      issuedBefore: entry.createdAt,
      reason: 'Leaked.',
      createdAt: expect.any(Number),
      expiresAt: entry.createdAt + day28,
      by: ada.principal,
    });
    expect(entry.createdAt - before).toBeLessThan(3);
    expect(revoked.list()).toEqual([entry]);
    expect(Object.isFrozen(entry) && Object.isFrozen(entry.subject)).toBe(true);
    const token = await revoked.revoke({ subject: { kind: 'token', tokenId: 'x' }, reason: 'In a log.' });
    expect(token).not.toHaveProperty('issuedBefore');
  });

  it.each<[object, RegExp]>([
    [
      { subject: undefined },
      /"subject" must be an object whose kind is one of client, principal, tenant, token, agent-blue/,
    ],
    [{ subject: { kind: 'toString' } }, /"subject" must be/],
    [{ subject: { kind: 'client' } }, /"clientId" must be a GUID/],
    [{ subject: { kind: 'client', clientId: 'nightly' } }, /"clientId" must be a GUID/],
    [
      { subject: { kind: 'client', clientId: job.clientId, tenantId: entra.tenant } },
      /may have kind, clientId and nothing/,
    ],
    [{ subject: { kind: 'principal', objectId: ada.principal.objectId } }, /"tenantId" must be a GUID/],
    [{ subject: { kind: 'token', tokenId: '' } }, /"tokenId" must be a text/],
    [{ reason: undefined }, /"reason" must be a text of 1 to 500/],
    [{ reason: ' ' }, /"reason"/],
    [{ reason: 'x'.repeat(501) }, /"reason"/],
    [{ issuedBefore: Date.now() }, /"issuedBefore" must be a whole number of seconds since 1970, not of milliseconds/],
    [{ issuedBefore: '1760000000' }, /"issuedBefore"/],
    [{ expiresAt: seconds() + day28 - 100 }, /"expiresAt" must be at least 28 hours after/],
    [{ issuedBefore: seconds() + hour, expiresAt: seconds() + day28 }, /"expiresAt" must be at least 28 hours after/],
    [{ subject: { kind: 'token', tokenId: 'x' }, issuedBefore: seconds() }, /"issuedBefore" is not for a single token/],
    [{ by: { objectId: ada.principal.objectId } }, /"tenantId" must be a GUID/],
    [{ expires: seconds() }, /may have subject, reason, issuedBefore, expiresAt, by and nothing else/],
  ])('is refused with %j', async (wrong, message) => {
    const revoked = listOf();
    const told = { subject, reason: 'Leaked.', ...wrong } as NewRevocation;
    await expect(revoked.revoke(told)).rejects.toThrow(message);
    expect(revoked.list()).toEqual([]);
  });

  it('beyond the last that the list may hold is refused, and those taken back count until they expire', async () => {
    const revoked = listOf({ maxEntries: 2 });
    const revoke = () => revoked.revoke({ subject: { kind: 'token', tokenId: randomUUID() }, reason: 'In a log.' });
    const { id } = await revoke();
    await revoke();
    await revoked.restore(id);
    await expect(revoke()).rejects.toThrow(/The list is full: 2 entries/);
    expect(revoked.list()).toHaveLength(1);
  });
});

describe('revocations({ … })', () => {
  it.each<[object, RegExp]>([
    [{ whenUnknown: undefined }, /needs whenUnknown: 'refuse' answers 503/],
    [{ whenUnknown: 'deny' }, /needs whenUnknown/],
    [{ store: undefined }, /needs a store: redisRevocations/],
    [{ maxAge: 30 }, /maxAge must be a number of seconds from 60 to 86,400/],
    [{ maxEntries: 1.5 }, /maxEntries must be a whole number/],
    [{ maxage: 300 }, /'maxage' is not an option. The options are store, whenUnknown, maxAge, maxEntries/],
  ])('does not start with %j', (wrong, message) => {
    expect(() => listOf(wrong)).toThrow(message);
  });

  it('does not compile without whenUnknown', () => {
    // @ts-expect-error what happens while the list is unknown has to be chosen
    expect(() => revocations({ store: memoryRevocations() })).toThrow(/needs whenUnknown/);
  });
});
