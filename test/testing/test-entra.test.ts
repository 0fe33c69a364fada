import { allow } from 'express-app-roles';
import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { application, delegated, noteApi, permissions, tellCaller } from './api.js';

const otherTenant = '7e570000-0000-4000-8000-0000000000ab';
const { app, entra } = noteApi(
  (app) =>
    tellCaller(app, allow(application('Note.Read'), application('Note.Write'), delegated('Note.Read').onAnyRecord())),
  { otherTenants: [otherTenant, '9188040d-6c67-4c5b-b112-36a304b66dad'] },
);
const who = async (headers: { Authorization: string }) =>
  (await request(app).get('/who').set(headers).expect(200)).body;

describe('an application', () => {
  it.each([1, 2] as const)('has the app roles that are named, in a token of version %i', async (tokenVersion) => {
    expect(await who(entra.asApplication(['Note.Read', 'Note.Write'], { tokenVersion }))).toMatchObject({
      kind: 'application',
      kindFrom: 'idtyp',
      appRoles: ['Note.Read', 'Note.Write'],
      tokenVersion: `${tokenVersion}.0`,
      clientAuthentication: 'secret',
      principal: entra.client('Client').principal,
    });
  });

  it('is the client that is named, the same each time', async () => {
    const script = entra.client('script', { authenticatedBy: 'certificate' });
    expect(entra.client('script')).toBe(script);
    expect(createTestEntra({ permissions }).client('script')).toEqual(script);
    expect(await who(entra.asApplication('Note.Read', { client: 'script' }))).toMatchObject({
      clientId: script.clientId,
      clientAuthentication: 'certificate',
      principal: script.principal,
    });
  });

  it('is an agent, a managed identity, or of another tenant', async () => {
    expect(await who(entra.asApplication('Note.Read', { agent: true }))).toMatchObject({
      agent: { acts: 'as-itself' },
    });
    const job = entra.client('job', { managedIdentity: true });
    expect(await who(entra.asApplication('Note.Read', { client: job }))).toMatchObject({
      clientAuthentication: 'certificate',
    });
    const partner = entra.client('partner', { tenant: otherTenant });
    expect(await who(entra.asApplication('Note.Read', { client: partner }))).toMatchObject({ tenantId: otherTenant });
  });
});

describe('a user', () => {
  it.each([1, 2] as const)(
    'has the scopes and user roles that are named, in a token of version %i',
    async (tokenVersion) => {
      const headers = entra.asUser('Ada', ['Note.Read', 'Note.Write'], { userRoles: ['Editor'], tokenVersion });
      expect(await who(headers)).toMatchObject({
        kind: 'delegated',
        scopes: ['Note.Read', 'Note.Write'],
        userRoles: ['Editor'],
        tokenVersion: `${tokenVersion}.0`,
        principal: entra.user('Ada').principal,
        account: 'work',
        guest: false,
        clientAuthentication: 'none',
      });
    },
  );

  it('is a guest, of another tenant, or has a personal account', async () => {
    const as = (user: ReturnType<typeof entra.user>) => who(entra.asUser(user, 'Note.Read'));
    expect(await as(entra.user('Guest', { guestOf: otherTenant }))).toMatchObject({
      guest: true,
      tenantId: entra.tenant,
    });
    expect(await as(entra.user('Fay', { tenant: otherTenant }))).toMatchObject({ guest: false, tenantId: otherTenant });
    expect(await as(entra.user('Paul', { personal: true }))).toMatchObject({ account: 'personal' });
  });

  it('acts through the client that is named, an agent among them', async () => {
    const { clientId } = entra.client('web', {});
    expect(await who(entra.asUser('Ada', 'Note.Read', { client: 'web' }))).toMatchObject({ clientId });
    for (const agent of ['for-a-user', 'as-its-user'] as const) {
      expect(await who(entra.asUser('Ada', 'Note.Read', { agent }))).toMatchObject({ agent: { acts: agent } });
    }
  });
});

it('signs any claims that are asked for', async () => {
  const oid = '0b000000-0000-4000-8000-000000000001';
  expect(await who(entra.asApplication('Note.Read', { claims: { oid } }))).toMatchObject({
    principal: { objectId: oid },
  });
  const expired = entra.asApplication('Note.Read', { claims: { nbf: 1, exp: 2 } });
  expect((await request(app).get('/who').set(expired)).body.code).toBe('expired');
});

it('admits a tenant with any GUID', async () => {
  const tenant = '11111111-1111-4111-8111-111111111111';
  const real = noteApi((app) => tellCaller(app, allow(application('Note.Read'))), { tenant });
  const { body } = await request(real.app).get('/who').set(real.entra.asApplication('Note.Read'));
  expect(body.tenantId).toBe(tenant);
});

describe('what is misspelt does not compile, and throws', () => {
  it.each<[RegExp, () => unknown]>([
    // @ts-expect-error no such name
    [/'Note.Raed' is not declared as application.*Note.Read/, () => entra.asApplication('Note.Raed')],
    // @ts-expect-error a user role
    [/'Editor' is not declared as application/, () => entra.asApplication(['Note.Read', 'Editor'])],
    // @ts-expect-error an application permission
    [/'Note.OwnedBy' is not declared as delegated/, () => entra.asUser('Ada', 'Note.OwnedBy')],
    // @ts-expect-error a scope
    [/'Note.Read' is not declared as userRole/, () => entra.asUser('Ada', 'Note.Read', { userRoles: ['Note.Read'] })],
    // @ts-expect-error an option of users
    [/'userRoles' is not an option/, () => entra.asApplication('Note.Read', { userRoles: [] })],
    // @ts-expect-error a misspelt option
    [/'tokenversion' is not an option/, () => entra.asUser('Ada', 'Note.Read', { tokenversion: 1 })],
    // @ts-expect-error no such version
    [/tokenVersion must be 1 or 2/, () => entra.asApplication('Note.Read', { tokenVersion: 3 })],
    // @ts-expect-error a misspelt option
    [/'tenantId' is not an option/, () => createTestEntra({ permissions, tenantId: 'x' })],
    // @ts-expect-error no permissions
    [/permissions is missing/, () => createTestEntra({})],
    [/tenant must be a GUID/, () => createTestEntra({ permissions, tenant: 'contoso.com' })],
    [/is there already/, () => entra.user('Ada', { personal: true })],
    [/without a scope/, () => entra.asUser('Ada', [])],
    [/public client/, () => entra.asApplication('Note.Read', { client: 'Portal' })],
    [/of the same test Entra/, () => entra.asUser(createTestEntra({ permissions }).user('No one'), 'Note.Read')],
  ])('%s', (message, act) => {
    expect(act).toThrow(message);
  });
});

describe('in production', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('does not start', () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(() => createTestEntra({ permissions })).toThrow(/NODE_ENV is 'production'/);
  });
});
