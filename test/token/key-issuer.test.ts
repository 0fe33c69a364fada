import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Authority,
  asV1,
  makeKey,
  otherTenantId,
  startAuthority,
  type TestKey,
  tenantId,
} from '../support/authority.js';
import { answer, protect } from './api.js';

const personal = '9188040d-6c67-4c5b-b112-36a304b66dad';

let authority: Authority;
let ofPersonal: TestKey;
let ofTenant: TestKey;
let ofOtherTenant: TestKey;
let ofNoOne: TestKey;
let ofEveryone: TestKey;
let ofElsewhere: TestKey;
let ofV1: TestKey;

beforeAll(async () => {
  authority = await startAuthority();
  const { origin } = authority;
  ofPersonal = makeKey('personal', `${origin}/${personal}/v2.0`);
  ofTenant = makeKey('tenant', `${origin}/${tenantId}/v2.0`);
  ofOtherTenant = makeKey('other-tenant', `${origin}/${otherTenantId}/v2.0`);
  ofNoOne = makeKey('no-one');
  ofEveryone = makeKey('everyone', `${origin}/{TENANTID}/v2.0`);
  ofV1 = makeKey('v1', `${origin}/{tenantid}/`);
  ofElsewhere = makeKey('elsewhere', 'https://login.microsoftonline.com/{tenantid}/v2.0');
});
beforeEach(() => {
  authority.keys = [authority.key, ofPersonal, ofTenant, ofOtherTenant, ofNoOne, ofEveryone, ofElsewhere, ofV1];
  authority.intercept = undefined;
});
afterAll(() => authority.close());

const api = (options: object) => protect({ testAuthority: authority.origin, ...options });
const claimsOf = (tid: string, version: string) => {
  const v2 = authority.user('Mail.Read', { tid, iss: `${authority.origin}/${tid}/v2.0` });
  return version === 'v2.0' ? v2 : asV1(v2, authority.origin);
};

const modes = {
  one: { tenant: tenantId },
  list: { tenants: [tenantId, otherTenantId, personal] },
  predicate: { tenants: () => true, personalAccounts: true },
  any: { tenants: 'any', personalAccounts: true },
};

describe('the issuer of a key', () => {
  test.each([
    ['one', 'v2.0', tenantId, () => authority.key, '200'],
    ['one', 'v2.0', tenantId, () => ofTenant, '200'],
    ['one', 'v2.0', tenantId, () => ofNoOne, '200'],
    ['one', 'v2.0', tenantId, () => ofPersonal, '401 wrong_key_issuer'],
    ['one', 'v2.0', tenantId, () => ofOtherTenant, '401 wrong_key_issuer'],
    ['one', 'v2.0', tenantId, () => ofElsewhere, '401 wrong_key_issuer'],
    ['one', 'v1.0', tenantId, () => authority.key, '200'],
    ['one', 'v1.0', tenantId, () => ofNoOne, '200'],

    ['list', 'v2.0', tenantId, () => ofEveryone, '200'],
    ['list', 'v2.0', tenantId, () => ofNoOne, '200'],
    ['list', 'v2.0', tenantId, () => ofOtherTenant, '401 wrong_key_issuer'],
    ['list', 'v2.0', otherTenantId, () => ofOtherTenant, '200'],
    ['list', 'v2.0', tenantId, () => ofPersonal, '401 wrong_key_issuer'],
    ['list', 'v2.0', personal, () => ofPersonal, '200'],
    ['list', 'v1.0', tenantId, () => ofTenant, '200'],
    ['list', 'v1.0', tenantId, () => ofV1, '200'],
    ['list', 'v2.0', tenantId, () => ofV1, '401 wrong_key_issuer'],
    ['list', 'v1.0', tenantId, () => ofOtherTenant, '401 wrong_key_issuer'],
    ['list', 'v1.0', tenantId, () => ofPersonal, '401 wrong_key_issuer'],

    ['any', 'v2.0', tenantId, () => authority.key, '200'],
    ['any', 'v2.0', tenantId, () => ofEveryone, '200'],
    ['any', 'v2.0', tenantId, () => ofTenant, '200'],
    ['any', 'v2.0', otherTenantId, () => ofTenant, '401 wrong_key_issuer'],
    ['any', 'v2.0', tenantId, () => ofPersonal, '401 wrong_key_issuer'],
    ['any', 'v2.0', tenantId, () => ofNoOne, '401 wrong_key_issuer'],
    ['any', 'v2.0', tenantId, () => ofElsewhere, '401 wrong_key_issuer'],
    ['any', 'v2.0', personal, () => ofPersonal, '200'],
    ['any', 'v2.0', personal, () => ofTenant, '401 wrong_key_issuer'],
    ['any', 'v1.0', tenantId, () => authority.key, '200'],
    ['any', 'v1.0', tenantId, () => ofPersonal, '401 wrong_key_issuer'],
    ['any', 'v1.0', tenantId, () => ofNoOne, '401 wrong_key_issuer'],

    ['predicate', 'v2.0', tenantId, () => authority.key, '200'],
    ['predicate', 'v2.0', tenantId, () => ofPersonal, '401 wrong_key_issuer'],
    ['predicate', 'v2.0', tenantId, () => ofNoOne, '401 wrong_key_issuer'],
    ['predicate', 'v1.0', tenantId, () => ofPersonal, '401 wrong_key_issuer'],
  ] as const)('%s, %s, tenant %s: %#', async (mode, version, tid, key, expected) => {
    const token = authority.token(claimsOf(tid, version), {}, key());
    const app = api(modes[mode]);
    expect(await answer(app, token)).toBe(expected);
    expect(await answer(app, token)).toBe(expected);
  });
});

describe('with several tenants, the key of a v1.0 token', () => {
  const keySet = (keys: readonly TestKey[], issuer: boolean) =>
    JSON.stringify({
      keys: keys.map((each) => ({
        ...each.publicKey.export({ format: 'jwk' }),
        use: 'sig',
        kid: each.kid,
        ...(issuer && { issuer: each.issuer }),
      })),
    });
  /** Serves one key set for v1.0 and another for v2.0. */
  const serve = (v1: readonly TestKey[], v2: readonly TestKey[]) => (req: IncomingMessage, res: ServerResponse) => {
    if (!req.url?.endsWith('/keys')) return false;
    const isV2 = req.url.includes('v2.0');
    res.writeHead(200, { 'content-type': 'application/json' }).end(keySet(isV2 ? v2 : v1, isV2));
    return true;
  };

  test.each(['list', 'predicate', 'any'] as const)('%s: may be in both key sets', async (mode) => {
    authority.intercept = serve([authority.key], [ofPersonal, authority.key]);
    expect(await answer(api(modes[mode]), authority.token(claimsOf(tenantId, 'v1.0')))).toBe('200');
  });

  test.each(['list', 'predicate', 'any'] as const)('%s: must be in the key set of v2.0 too', async (mode) => {
    authority.intercept = serve([authority.key], [ofPersonal]);
    expect(await answer(api(modes[mode]), authority.token(claimsOf(tenantId, 'v1.0')))).toBe('401 unknown_key');
  });

  test.each(['list', 'predicate', 'any'] as const)('%s: must not be another key of that id there', async (mode) => {
    const namesake = makeKey(authority.key.kid, authority.key.issuer);
    authority.intercept = serve([authority.key], [namesake]);
    const claims = claimsOf(tenantId, 'v1.0');
    expect(await answer(api(modes[mode]), authority.token(claims))).toBe('401 wrong_key_issuer');
    expect(await answer(api(modes[mode]), authority.token(claims, {}, namesake))).toBe('401 bad_signature');
  });

  test.each(['list', 'predicate', 'any'] as const)('%s: must not belong to another issuer there', async (mode) => {
    const foreign = { ...authority.key, issuer: ofPersonal.issuer };
    authority.intercept = serve([authority.key], [foreign]);
    expect(await answer(api(modes[mode]), authority.token(claimsOf(tenantId, 'v1.0')))).toBe('401 wrong_key_issuer');
  });

  test('is looked for in its own key set only where one tenant calls', async () => {
    authority.intercept = serve([authority.key], [ofPersonal]);
    expect(await answer(api(modes.one), authority.token(claimsOf(tenantId, 'v1.0')))).toBe('200');
  });
});
