import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type Authority,
  asV1,
  type Claims,
  makeKey,
  otherTenantId,
  startAuthority,
  tenantId,
} from '../support/authority.js';
import { type Api, answer, apiOf, get } from './api.js';
import { forgedToken, freshToken, ofTenant, unsigned } from './verifier.js';

let authority: Authority;
beforeAll(async () => {
  authority = await startAuthority();
});
afterAll(() => authority.close());
afterEach(() => {
  authority.requests.length = 0;
  authority.intercept = undefined;
});

const stranger = '11111111-1111-4111-8111-111111111111';
const header = { typ: 'JWT', alg: 'RS256', kid: 'key-1' };
const forged = (claims: Claims = {}, members: Claims = {}) =>
  `Bearer ${unsigned({ ...header, ...members }, authority.user('Mail.Read', claims))}`;
const now = () => Math.floor(Date.now() / 1000);

/** What does not look like a token of this API. */
const notOurs: readonly [name: string, credential: () => string | undefined][] = [
  ['no credential', () => undefined],
  ['another scheme', () => 'Basic dXNlcjpwYXNz'],
  ['garbage', () => 'Bearer garbage'],
  ['segments of garbage', () => 'Bearer aaaa.bbbb.cccc'],
  ['no algorithm', () => forged({}, { alg: 'none' })],
  ['a shared secret', () => forged({}, { alg: 'HS256' })],
  ['no key id', () => forged({}, { kid: undefined })],
  ['a key id that is too long', () => forged({}, { kid: 'k'.repeat(257) })],
  ['an address of keys in the header', () => forged({}, { jku: `${authority.origin}/keys` })],
  ['another audience', () => forged({ aud: 'a0000000-0000-4000-8000-0000000000a2' })],
  ['the audience of Graph', () => forged({ aud: 'https://graph.microsoft.com' })],
  ['another tenant', () => forged({ ...ofTenant(authority, stranger) })],
  [
    'another tenant, in version 1.0',
    () => forged(asV1(authority.user('Mail.Read', { tid: stranger }), authority.origin)),
  ],
  ['another issuer', () => forged({ iss: 'https://evil.test/' })],
  ['the issuer of another tenant', () => forged({ tid: stranger })],
  ['a path for a tenant', () => forged({ tid: '../common', iss: `${authority.origin}/../common/v2.0` })],
  ['an expired token', () => forged({ nbf: now() - 7_200, exp: now() - 3_600 })],
  ['a token of the future', () => forged({ nbf: now() + 3_600, exp: now() + 7_200 })],
  ['a token bound to a key', () => forged({ cnf: {} })],
  ['an ID token', () => forged({ nonce: 'n' })],
];

describe.each([
  ['one tenant', {}],
  ['a list of tenants', { tenants: [tenantId, otherTenantId] }],
])('where %s may call', (_name, options) => {
  test.each(notOurs)('%s causes no fetch', async (_what, credential) => {
    const api = apiOf(authority, options);
    const { status } = await get(api, credential());
    expect([400, 401]).toContain(status);
    expect(authority.requests).toEqual([]);
    expect(api.auth.health()).toEqual({ ok: false, keySets: [] });
  });
});

describe.each([
  ['any tenant', { tenants: 'any' }],
  ['who is asked about', { tenants: () => true }],
])('where %s may call', (_name, options) => {
  test.each(notOurs.filter(([name]) => !name.startsWith('another tenant')))(
    '%s causes no fetch',
    async (_what, credential) => {
      const api = apiOf(authority, options);
      expect([400, 401]).toContain((await get(api, credential())).status);
      expect(authority.requests).toEqual([]);
    },
  );

  test('a caller cannot choose what is fetched: a made-up tenant leads to the keys of all', async () => {
    const api = apiOf(authority, options);
    for (let i = 0; i < 20; i++) {
      const tid = `7e570000-0000-4000-8000-${String(i).padStart(12, '0')}`;
      expect(await answer(api, forgedToken(authority, 'key-1', ofTenant(authority, tid)))).toBe('401 bad_signature');
    }
    expect(authority.requests).toEqual([
      '/organizations/v2.0/.well-known/openid-configuration',
      '/organizations/discovery/v2.0/keys',
    ]);
  });

  test('personal accounts cause no fetch unless they may call', async () => {
    const api = apiOf(authority, options);
    const personal = ofTenant(authority, '9188040d-6c67-4c5b-b112-36a304b66dad');
    expect(await answer(api, forgedToken(authority, 'key-1', personal))).toBe('401 wrong_tenant');
    expect(authority.requests).toEqual([]);
  });
});

test('a forged signature under a known key causes no fetch', async () => {
  const api = apiOf(authority);
  await answer(api, freshToken(authority));
  authority.requests.length = 0;
  const forger = makeKey('key-1');
  expect(await answer(api, freshToken(authority, forger))).toBe('401 bad_signature');
  expect(await answer(api, forgedToken(authority, 'key-1'))).toBe('401 bad_signature');
  expect(authority.requests).toEqual([]);
});

describe('the first requests', () => {
  test('200 at once: one fetch of the metadata and one of the keys', async () => {
    const api = apiOf(authority);
    const tokens = Array.from({ length: 200 }, () => freshToken(authority));
    const server = createServer(api.app).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mail`;
    const statuses = await Promise.all(
      tokens.map(async (token) => (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status),
    );
    server.closeAllConnections();
    server.close();
    expect(statuses).toEqual(tokens.map(() => 200));
    expect(authority.requests).toEqual([
      `/${tenantId}/v2.0/.well-known/openid-configuration`,
      `/${tenantId}/discovery/v2.0/keys`,
    ]);
  });

  test('of good and forged tokens together cost no more, and each has its answer', async () => {
    const api = apiOf(authority);
    const statuses = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        answer(api, i % 2 === 0 ? freshToken(authority) : forgedToken(authority, `made-up-${i}`)),
      ),
    );
    expect(statuses.filter((each) => each === '200')).toHaveLength(30);
    expect(statuses.filter((each) => each === '401 unknown_key')).toHaveLength(30);
    expect(authority.requests.length).toBeLessThanOrEqual(4);
  });

  test('are 503 with Retry-After while the keys cannot be had, and others are answered as ever', async () => {
    const api = apiOf(authority);
    authority.intercept = (_req, res) => {
      res.writeHead(500).end('<h1>Sorry</h1>');
      return true;
    };
    const { status, body, headers } = await get(api, `Bearer ${freshToken(authority)}`);
    expect([status, body.code]).toEqual([503, 'keys_unavailable']);
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(5);
    expect(headers['www-authenticate']).toBeUndefined();
    expect(JSON.stringify(body)).not.toContain(authority.origin);
    expect((await get(api)).status).toBe(401);
    expect((await get(api, 'Bearer garbage')).status).toBe(401);
    expect(authority.requests).toHaveLength(1);
  });

  test('of a caller that goes away leave the keys for the next', async () => {
    const api = apiOf(authority);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    authority.intercept = (req, res) => {
      if (!req.url?.endsWith('/keys')) return false;
      authority.intercept = undefined;
      void held.then(() => res.writeHead(503).end());
      return true;
    };
    const server = createServer(api.app).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mail`;
    const gone = new AbortController();
    const asked = fetch(url, { signal: gone.signal, headers: { authorization: `Bearer ${freshToken(authority)}` } });
    await expect.poll(() => authority.requests.length).toBe(2);
    gone.abort();
    await expect(asked).rejects.toThrow();
    release();
    await expect.poll(() => api.auth.health().keySets[0]?.lastError).toBe('status 503');
    await api.auth.keys.refresh();
    server.closeAllConnections();
    server.close();
    expect(await answer(api, freshToken(authority))).toBe('200');
  });
});

test('two instances share nothing', async () => {
  const first: Api = apiOf(authority);
  const second: Api = apiOf(authority);
  const token = freshToken(authority);
  expect(await answer(first, token)).toBe('200');
  expect(second.auth.health().keySets).toEqual([]);
  expect(await answer(second, token)).toBe('200');
  expect(authority.requests).toHaveLength(4);
  expect(second.callers[0]).not.toBe(first.callers[0]);
  first.auth.keys.distrust('key-1');
  expect(await answer(first, token)).toBe('401 unknown_key');
  expect(await answer(second, token)).toBe('200');
  for (let i = 0; i < 5; i++) await answer(first, forgedToken(authority, `made-up-${i}`));
  authority.requests.length = 0;
  await answer(second, forgedToken(authority, 'made-up'));
  expect(authority.requests).toHaveLength(1);
});
