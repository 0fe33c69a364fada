import type { Express } from 'express';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type Authority,
  asV1,
  type Claims,
  clientId,
  makeKey,
  otherTenantId,
  startAuthority,
  tenantId,
} from '../support/authority.js';
import { answer, protect } from './api.js';

const personal = '9188040d-6c67-4c5b-b112-36a304b66dad';
const workTenant = '11111111-1111-4111-8111-111111111111';
const stranger = makeKey('key-1');

let authority: Authority;
beforeAll(async () => {
  authority = await startAuthority();
});
beforeEach(() => {
  authority.requests.length = 0;
  authority.keys = [authority.key];
});
afterAll(() => authority.close());

const api = (options: object) => protect({ testAuthority: authority.origin, ...options });
const userOf = (tid: string, claims: Claims = {}) =>
  authority.user('Mail.Read', { tid, iss: `${authority.origin}/${tid}/v2.0`, ...claims });
const applicationOf = (tid: string) =>
  authority.application(['Mail.Read'], { tid, iss: `${authority.origin}/${tid}/v2.0` });
const ask = (app: Express, tid: string) => answer(app, authority.token(userOf(tid)));

describe('a list of tenants', () => {
  const app = () => api({ tenants: [tenantId, otherTenantId.toUpperCase()] });

  test.each([
    [tenantId, '200'],
    [otherTenantId, '200'],
    [workTenant, '401 wrong_tenant'],
    [personal, '401 wrong_tenant'],
  ])('%s: %s', async (tid, expected) => {
    expect(await ask(app(), tid)).toBe(expected);
  });

  test("uses each tenant's own key set, v1.0 beside v2.0 for the sake of the key's issuer", async () => {
    const listed = app();
    await ask(listed, tenantId);
    await ask(listed, workTenant);
    expect(authority.requests).toEqual([
      `/${tenantId}/v2.0/.well-known/openid-configuration`,
      `/${tenantId}/discovery/v2.0/keys`,
    ]);
    authority.requests.length = 0;
    expect(await answer(listed, authority.token(asV1(userOf(otherTenantId), authority.origin)))).toBe('200');
    expect(authority.requests.toSorted()).toEqual([
      `/${otherTenantId}/.well-known/openid-configuration`,
      `/${otherTenantId}/discovery/keys`,
      `/${otherTenantId}/discovery/v2.0/keys`,
      `/${otherTenantId}/v2.0/.well-known/openid-configuration`,
    ]);
  });

  test('takes the tenant of personal accounts where it is named', async () => {
    authority.keys = [makeKey('personal', `${authority.origin}/${personal}/v2.0`)];
    const token = authority.token(userOf(personal), {}, authority.keys[0]);
    expect(await answer(api({ tenants: [tenantId, personal] }), token)).toBe('200');
  });
});

describe('a predicate', () => {
  test.each([
    ['true', () => true, '200'],
    ['a promise of true', async () => true, '200'],
    ['false', () => false, '401 wrong_tenant'],
    ['a promise of false', async () => false, '401 wrong_tenant'],
    ['undefined', () => undefined, '401 wrong_tenant'],
    ['1', () => 1, '401 wrong_tenant'],
    ['"true"', () => 'true', '401 wrong_tenant'],
    ['an object', () => ({}), '401 wrong_tenant'],
    ['a Boolean object', () => Object(true), '401 wrong_tenant'],
    ['a promise of 1', async () => 1, '401 wrong_tenant'],
    ['a promise of an object', async () => ({ admitted: true }), '401 wrong_tenant'],
    ['a promise of a promise of true', () => Promise.resolve(Promise.resolve(true)), '200'],
    ['a thenable of true', () => thenable(true), '200'],
    ['a thenable of 1', () => thenable(1), '401 wrong_tenant'],
    [
      'an error',
      () => {
        throw new Error('the store is down');
      },
      '500 not a refusal: The tenants predicate failed.',
    ],
    [
      'a rejection',
      () => Promise.reject(new Error('the store is down')),
      '500 not a refusal: The tenants predicate failed.',
    ],
    [
      'something thrown that is no error',
      () => {
        throw undefined;
      },
      '500 not a refusal: The tenants predicate failed.',
    ],
    ['a rejection with "route"', () => Promise.reject('route'), '500 not a refusal: The tenants predicate failed.'],
  ])('that gives %s', async (_name, tenants, expected) => {
    const app = api({ tenants });
    expect(await ask(app, workTenant)).toBe(expected);
    expect(await ask(app, workTenant)).toBe(expected);
  });

  test('is asked for every request, with the tenant in lower case and nothing else', async () => {
    const tenants = vi.fn(() => true);
    const app = api({ tenants });
    const tid = 'AAAAAAAA-1111-4111-8111-111111111111';
    for (const _ of [1, 2, 3]) expect(await ask(app, tid)).toBe('200');
    expect(tenants.mock.calls).toEqual([[tid.toLowerCase()], [tid.toLowerCase()], [tid.toLowerCase()]]);
  });

  test('that changes its mind is obeyed at once', async () => {
    const admitted = new Set([workTenant]);
    const app = api({ tenants: async (tid: string) => admitted.has(tid) });
    const token = authority.token(userOf(workTenant));
    expect(await answer(app, token)).toBe('200');
    admitted.clear();
    expect(await answer(app, token)).toBe('401 wrong_tenant');
  });

  test.each([
    ['a forged signature', () => authority.token(userOf(workTenant), {}, stranger), '401 bad_signature'],
    ['an unknown key', () => authority.token(userOf(workTenant), { kid: 'other' }), '401 unknown_key'],
    ['another audience', () => authority.token(userOf(workTenant, { aud: 'other' })), '401 wrong_audience'],
    ['an expired token', () => authority.token(userOf(workTenant, { nbf: 1, exp: 2 })), '401 expired'],
    ['the tenant of personal accounts', () => authority.token(userOf(personal)), '401 wrong_tenant'],
  ])('is not asked for %s', async (_name, token, expected) => {
    const tenants = vi.fn(() => true);
    const app = api({ tenants });
    expect(await answer(app, token())).toBe(expected);
    await ask(app, workTenant);
    expect(await answer(app, token())).toBe(expected);
    expect(tenants).toHaveBeenCalledTimes(1);
  });
});

function thenable(value: unknown) {
  // biome-ignore lint/suspicious/noThenProperty: what a store's query object may look like
  return { then: (done: (value: unknown) => void) => done(value) };
}

describe('any tenant', () => {
  test.each([tenantId, otherTenantId, workTenant])('takes %s', async (tid) => {
    expect(await ask(api({ tenants: 'any' }), tid)).toBe('200');
  });

  test('does not take personal accounts unless it is asked to', async () => {
    authority.keys = [makeKey('personal', `${authority.origin}/${personal}/v2.0`)];
    const token = authority.token(userOf(personal), {}, authority.keys[0]);
    expect(await answer(api({ tenants: 'any' }), token)).toBe('401 wrong_tenant');
    expect(await answer(api({ tenants: 'any', personalAccounts: false }), token)).toBe('401 wrong_tenant');
    expect(await answer(api({ tenants: 'any', personalAccounts: true }), token)).toBe('200');
    expect(await answer(api({ tenants: () => true, personalAccounts: true }), token)).toBe('200');
  });

  test('does not take an application of the personal-accounts tenant even then', async () => {
    const app = api({ tenants: 'any', personalAccounts: true });
    expect(await answer(app, authority.token(applicationOf(personal)))).toBe('401 personal_application');
    expect(await answer(api({ tenant: personal }), authority.token(applicationOf(personal)))).toBe(
      '401 personal_application',
    );
  });
});

describe('what a caller can make the API fetch', () => {
  const strangers = Array.from({ length: 5 }, (_, i) => `2222222${i}-1111-4111-8111-111111111111`);

  test.each([
    ['any tenant', { tenants: 'any' }, 'organizations'],
    ['a predicate', { tenants: () => true }, 'organizations'],
    ['any tenant and personal accounts', { tenants: 'any', personalAccounts: true }, 'common'],
  ])('%s: only what is common to all', async (_name, options, segment) => {
    const app = api(options);
    for (const tid of strangers) {
      expect(await ask(app, tid)).toBe('200');
      expect(await answer(app, authority.token(asV1(userOf(tid), authority.origin)))).toBe('200');
    }
    expect(authority.requests.toSorted()).toEqual(
      [
        `/${segment}/v2.0/.well-known/openid-configuration`,
        `/${segment}/discovery/v2.0/keys`,
        '/common/.well-known/openid-configuration',
        '/common/discovery/keys',
      ].toSorted(),
    );
  });

  test.each([
    ['a word', () => 'garbage'],
    ['another algorithm', () => authority.token(userOf(tenantId), { alg: 'none' })],
    ['an embedded key address', () => authority.token(userOf(tenantId), { jku: `${authority.origin}/jku` })],
    ['a claim of the wrong type', () => authority.token(userOf(tenantId, { roles: 'Admin' }))],
    ['another issuer', () => authority.token(userOf(tenantId, { iss: `${authority.origin}/other/v2.0` }))],
    ['another tenant', () => authority.token(userOf(workTenant))],
    ['another audience', () => authority.token(userOf(tenantId, { aud: workTenant }))],
    ['the audience of Graph', () => authority.token(userOf(tenantId, { aud: 'https://graph.microsoft.com' }))],
    ['a lifetime that is over', () => authority.token(userOf(tenantId, { nbf: 1, exp: 2 }))],
    ['a lifetime to come', () => authority.token(userOf(tenantId, { nbf: 9e9, exp: 9.1e9 }))],
  ])('nothing at all with %s', async (_name, token) => {
    expect(await answer(api({ tenants: [tenantId, otherTenantId] }), token())).toMatch(/^401 /);
    expect(authority.requests).toEqual([]);
  });

  test('at most one key set for a stream of unknown key ids', async () => {
    const app = api({ tenant: tenantId });
    await ask(app, tenantId);
    authority.requests.length = 0;
    const kids = Array.from({ length: 50 }, (_, i) => `unknown-${i}`);
    const answers = await Promise.all(kids.map((kid) => answer(app, authority.token(userOf(tenantId), { kid }))));
    expect(new Set(answers)).toEqual(new Set(['401 unknown_key']));
    expect(authority.requests.length).toBeLessThan(20);
  });
});

describe('an option that cannot be meant is an error at start, with the fix', () => {
  test.each([
    [
      { tenant: 'contoso.onmicrosoft.com' },
      /'contoso\.onmicrosoft\.com' is a domain name.*az account show --query tenantId/,
    ],
    [{ tenants: ['contoso.com'] }, /'contoso\.com' is a domain name.*openid-configuration/],
    [{ tenant: 'common' }, /'common' is not a tenant.*tenants: 'any'/],
    [{ tenant: 'organizations' }, /'organizations' is not a tenant/],
    [{ tenant: 'consumers' }, /'consumers' is not a tenant/],
    [{ tenants: [tenantId, 'common'] }, /'common' is not a tenant/],
    [{ tenants: 'common' }, /must be a list of GUIDs, a function or 'any', not 'common'/],
    [{ tenants: tenantId }, /must be a list of GUIDs, a function or 'any'/],
    [{ tenants: 'ANY' }, /must be a list of GUIDs, a function or 'any'/],
    [{ tenants: true }, /must be a list of GUIDs, a function or 'any', not boolean/],
    [{ tenants: null }, /must be a list of GUIDs, a function or 'any', not null/],
    [{ tenants: new Set([tenantId]) }, /must be a list of GUIDs/],
    [{ tenant: tenantId, tenants: [tenantId] }, /exactly one of tenant: '<GUID>' and tenants/],
    [{}, /exactly one of tenant: '<GUID>' and tenants/],
    [{ tenants: [] }, /tenants is empty: no one could call/],
    [{ tenants: [tenantId, undefined] }, /must be the directory \(tenant\) ID, a GUID, not undefined/],
    [{ tenant: '' }, /must be the directory \(tenant\) ID, a GUID, not ''/],
    [{ tenant: `{${tenantId}}` }, /must be the directory \(tenant\) ID, a GUID/],
    [{ tenant: null }, /must be the directory \(tenant\) ID, a GUID, not null/],
    [{ tenant: [tenantId] }, /must be the directory \(tenant\) ID, a GUID, not object/],
    [{ tenants: [tenantId], personalAccounts: true }, /In a list, name the tenant of personal accounts: 9188040d/],
    [{ tenant: tenantId, personalAccounts: true }, /personalAccounts goes with a predicate or 'any'/],
    [{ tenants: 'any', personalAccounts: 'yes' }, /personalAccounts must be true or false/],
  ])('%j', (options, message) => {
    expect(() => api(options)).toThrow(message);
    expect(() => api(options)).toThrow(expect.objectContaining({ name: 'ConfigurationError' }));
  });

  test.each([undefined, null, '', 'mail-api', `api://${clientId}`, 7])('clientId: %s', (id) => {
    expect(() => api({ tenant: tenantId, clientId: id })).toThrow(
      /clientId must be the API's application \(client\) ID/,
    );
  });

  test('a list that is changed later changes nothing', async () => {
    const tenants = [tenantId];
    const app = api({ tenants });
    tenants.push(otherTenantId);
    expect(await ask(app, otherTenantId)).toBe('401 wrong_tenant');
  });
});
