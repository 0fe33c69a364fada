import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Express } from 'express';
import { channels, type NoticeMessage } from 'express-app-roles';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Authority,
  asV1,
  type Claims,
  callerClientId,
  servicePrincipalId,
  startAuthority,
  tenantId,
  userId,
} from '../support/authority.js';
import { get, protect } from '../token/api.js';

const pairwise = 'pairwise-opaque-subject';
const personal = '9188040d-6c67-4c5b-b112-36a304b66dad';
const blueprint = 'b1000000-0000-4000-8000-000000000001';

let authority: Authority;
let app: Express;
beforeAll(async () => {
  authority = await startAuthority();
  app = api();
});
afterAll(() => authority.close());

const api = (options: object = {}) => protect({ tenant: tenantId, testAuthority: authority.origin, ...options });

/** A v2.0 token that says nothing yet of who is calling. */
const plain = (claims: Claims): Claims => {
  const { scp, oid, sub, name, preferred_username, ...rest } = authority.user('');
  return { ...rest, azpacr: '1', ...claims };
};

/** `kind kindFrom`, or the code of the refusal. */
async function kindOf(claims: Claims, on: Express = app): Promise<string> {
  const { status, body } = await get(on, authority.token(claims), '/who');
  return status === 200 ? `${body.kind} ${body.kindFrom}` : body.code;
}

const itself = { oid: servicePrincipalId, sub: servicePrincipalId };
const someone = { oid: userId, sub: pairwise };

const table: readonly (readonly [string, Claims, string])[] = [
  ['app, no scp', { idtyp: 'app', ...itself }, 'application idtyp'],
  ['app, empty scp', { idtyp: 'app', ...itself, scp: '' }, 'application idtyp'],
  ['app, scp of blanks', { idtyp: 'app', ...itself, scp: '   ' }, 'application idtyp'],
  ['app, scp "/"', { idtyp: 'app', ...itself, scp: '/' }, 'application idtyp'],
  ['app, scp "/ /"', { idtyp: 'app', ...itself, scp: '/ /' }, 'application idtyp'],
  ['app, oid unlike sub', { idtyp: 'app', oid: servicePrincipalId, sub: pairwise }, 'application idtyp'],
  ['app, roles', { idtyp: 'app', ...itself, roles: ['Mail.Read'] }, 'application idtyp'],
  ['app, scopes', { idtyp: 'app', ...itself, scp: 'Mail.Read' }, 'contradictory_kind'],
  ['app, "/" and a scope', { idtyp: 'app', ...itself, scp: '/ Mail.Read' }, 'contradictory_kind'],
  ['app, upn', { idtyp: 'app', ...itself, upn: 'ada@contoso.test' }, 'contradictory_kind'],
  ['app, unique_name', { idtyp: 'app', ...itself, unique_name: 'ada' }, 'contradictory_kind'],
  ['app, preferred_username', { idtyp: 'app', ...itself, preferred_username: '' }, 'contradictory_kind'],
  ['app, no oid', { idtyp: 'app', sub: servicePrincipalId }, 'invalid_claim'],

  ['user, scopes', { idtyp: 'user', ...someone, scp: 'Mail.Read' }, 'delegated idtyp'],
  ['user, scopes, oid equals sub', { idtyp: 'user', ...itself, scp: 'Mail.Read' }, 'delegated idtyp'],
  ['user, no scp', { idtyp: 'user', ...someone }, 'contradictory_kind'],
  ['user, empty scp', { idtyp: 'user', ...someone, scp: '' }, 'contradictory_kind'],
  ['user, scp "/"', { idtyp: 'user', ...someone, scp: '/' }, 'contradictory_kind'],
  ['user, roles only', { idtyp: 'user', ...someone, roles: ['Mail.Read'] }, 'contradictory_kind'],

  ['device', { idtyp: 'device', ...someone, scp: 'Mail.Read' }, 'unknown_kind'],
  ['App', { idtyp: 'App', ...itself }, 'unknown_kind'],
  ['USER', { idtyp: 'USER', ...someone, scp: 'Mail.Read' }, 'unknown_kind'],
  ['empty', { idtyp: '', ...itself }, 'unknown_kind'],
  ['a blank after it', { idtyp: 'app ', ...itself }, 'unknown_kind'],

  ['absent, scopes', { ...someone, scp: 'Mail.Read' }, 'delegated inferred'],
  ['absent, scopes and roles', { ...someone, scp: 'Mail.Read', roles: ['Mail.Read'] }, 'delegated inferred'],
  ['absent, scopes, oid equals sub', { ...itself, scp: 'Mail.Read' }, 'contradictory_kind'],
  [
    'absent, scopes, oid equals sub but for case',
    { oid: servicePrincipalId, sub: servicePrincipalId.toUpperCase(), scp: 'Mail.Read' },
    'contradictory_kind',
  ],
  ['absent, scopes, no oid', { sub: pairwise, scp: 'Mail.Read' }, 'invalid_claim'],

  ['absent, nothing, oid equals sub', itself, 'application inferred'],
  ['absent, empty scp, oid equals sub', { ...itself, scp: '' }, 'application inferred'],
  ['absent, scp "/", oid equals sub', { ...itself, scp: '/' }, 'application inferred'],
  [
    'absent, nothing, oid equals sub but for case',
    { oid: servicePrincipalId.toUpperCase(), sub: servicePrincipalId },
    'application inferred',
  ],
  ['absent, oid equals sub, upn', { ...itself, upn: 'ada@contoso.test' }, 'unknown_kind'],
  ['absent, oid equals sub, unique_name', { ...itself, unique_name: 'ada' }, 'unknown_kind'],
  ['absent, oid equals sub, preferred_username', { ...itself, preferred_username: 'ada' }, 'unknown_kind'],
  ['absent, oid equals sub, nonce', { ...itself, nonce: 'n' }, 'id_token'],
  ['absent, oid equals sub, at_hash', { ...itself, at_hash: 'h' }, 'id_token'],
  ['absent, oid equals sub, c_hash', { ...itself, c_hash: 'h' }, 'id_token'],
  ['absent, oid equals sub, no client', { ...itself, azp: undefined }, 'id_token'],
  ['absent, oid equals sub, a client that is no GUID', { ...itself, azp: 'client' }, 'invalid_claim'],
  ['absent, oid and sub equal but no GUID', { oid: pairwise, sub: pairwise }, 'invalid_claim'],
  ['absent, nothing, oid unlike sub', someone, 'unknown_kind'],
  ['absent, roles, oid unlike sub', { ...someone, roles: ['Mail.Read'] }, 'unknown_kind'],
  ['absent, an agent, oid unlike sub', { ...someone, xms_act_fct: '3 9 11' }, 'agent_needs_idtyp'],
  ['absent, an agent by its subject', { ...someone, xms_sub_fct: '9 11' }, 'agent_needs_idtyp'],
  ['absent, an agent by its blueprint', { ...someone, xms_par_app_azp: blueprint }, 'agent_needs_idtyp'],
  ['absent, an agent, oid equals sub', { ...itself, xms_act_fct: '11' }, 'application inferred'],
];

describe('who is calling, by idtyp, scp, oid and sub', () => {
  test.each(table)('v2.0: %s', async (_name, claims, expected) => {
    expect(await kindOf(plain(claims))).toBe(expected);
  });

  test.each(table)('v1.0: %s', async (_name, claims, expected) => {
    expect(await kindOf(asV1(plain(claims), authority.origin))).toBe(expected);
  });
});

describe('an ID token is nobody', () => {
  test.each([
    ['with roles', { ...someone, roles: ['Mail.Read'], azp: undefined, azpacr: undefined }, 'id_token'],
    ['whose oid equals its sub', { ...itself, roles: ['Mail.Read'], azp: undefined, azpacr: undefined }, 'id_token'],
    ['with the client of the API itself', { ...someone, roles: ['Mail.Read'] }, 'unknown_kind'],
  ])('%s', async (_name, claims, expected) => {
    expect(await kindOf(plain(claims))).toBe(expected);
  });
});

describe('the personal-accounts tenant', () => {
  const ofPersonal = (claims: Claims) =>
    plain({ tid: personal, iss: `${authority.origin}/${personal}/v2.0`, ...claims });

  test.each([
    ['app', { idtyp: 'app', ...itself }, 'personal_application'],
    ['inferred', itself, 'personal_application'],
    ['user', { idtyp: 'user', ...someone, scp: 'Mail.Read' }, 'delegated idtyp'],
    ['inferred user', { ...someone, scp: 'Mail.Read' }, 'delegated inferred'],
  ])('has users and no applications: %s', async (_name, claims, expected) => {
    for (const options of [{ tenant: personal }, { tenant: undefined, tenants: 'any', personalAccounts: true }]) {
      expect(await kindOf(ofPersonal(claims), api(options))).toBe(expected);
    }
  });

  test('has none by another spelling of its id either', async () => {
    const tid = personal.toUpperCase();
    const claims = plain({ ...itself, idtyp: 'app', tid, iss: `${authority.origin}/${tid}/v2.0` });
    expect(await kindOf(claims, api({ tenant: personal }))).toBe('personal_application');
  });
});

describe("applicationsMustProve: 'idtyp'", () => {
  test.each([
    ['refuses an application that is only inferred', itself, 'idtyp_required'],
    ['takes one that says so', { ...itself, idtyp: 'app' }, 'application idtyp'],
    ['takes users without the claim', { ...someone, scp: 'Mail.Read' }, 'delegated inferred'],
    ['takes users with the claim', { ...someone, scp: 'Mail.Read', idtyp: 'user' }, 'delegated idtyp'],
    ['leaves other refusals as they are', someone, 'unknown_kind'],
    ['names the agent', { ...someone, xms_act_fct: '11' }, 'agent_needs_idtyp'],
  ])('%s', async (_name, claims, expected) => {
    expect(await kindOf(plain(claims), api({ applicationsMustProve: 'idtyp' }))).toBe(expected);
  });
});

describe('an application that was inferred', () => {
  const notices: NoticeMessage[] = [];
  const collect = (message: unknown) => void notices.push(message as NoticeMessage);
  beforeEach(() => {
    notices.length = 0;
    subscribe(channels.notice, collect);
  });
  afterEach(() => {
    unsubscribe(channels.notice, collect);
  });
  const other = 'c0000000-0000-4000-8000-0000000000c2';

  test('is reported once for each client, with the change that ends it', async () => {
    const fresh = api();
    for (const azp of [callerClientId, callerClientId, other, callerClientId, other.toUpperCase()]) {
      await kindOf(plain({ ...itself, azp }), fresh);
    }
    expect(notices.map(({ code, clientId }) => [code, clientId])).toEqual([
      ['inferred_application', callerClientId],
      ['inferred_application', other],
    ]);
    expect(notices[0]?.message).toContain('"optionalClaims"');
    expect(notices[0]?.message).toContain('"idtyp"');
  });

  test('is reported by each API of a process on its own', async () => {
    for (const each of [api(), api()]) await kindOf(plain(itself), each);
    expect(notices).toHaveLength(2);
  });

  test.each([
    ['an application that says so', { ...itself, idtyp: 'app' }],
    ['a user without the claim', { ...someone, scp: 'Mail.Read' }],
    ['one that is refused', { ...someone, roles: ['Mail.Read'] }],
  ])('is not %s', async (_name, claims) => {
    await kindOf(plain(claims), api());
    expect(notices).toEqual([]);
  });
});
