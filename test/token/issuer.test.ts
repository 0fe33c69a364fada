import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type Authority,
  asV1,
  type Claims,
  clientId,
  otherTenantId,
  startAuthority,
  tenantId,
} from '../support/authority.js';
import { answer, get, protect } from './api.js';

let authority: Authority;
beforeAll(async () => {
  authority = await startAuthority();
});
afterAll(() => authority.close());

const api = (options: object = {}) => protect({ tenant: tenantId, testAuthority: authority.origin, ...options });
const user = (claims: Claims = {}) => authority.user('Mail.Read', claims);
const v1 = (claims: Claims = {}) => asV1(user(claims), authority.origin);
const issuer = (version: '1.0' | '2.0', tenant: string) =>
  `${authority.origin}/${tenant}/${version === '2.0' ? 'v2.0' : ''}`;
const guidInCapitals = (guid: string) => guid.toUpperCase();

describe('the issuer', () => {
  test.each([
    ['v2.0 by the shape of v2.0', () => user(), '200'],
    ['v1.0 by the shape of v1.0', () => v1(), '200'],
    ['v2.0 by the shape of v1.0', () => user({ iss: issuer('1.0', tenantId) }), '401 wrong_issuer'],
    ['v1.0 by the shape of v2.0', () => ({ ...v1(), iss: issuer('2.0', tenantId) }), '401 wrong_issuer'],
    [
      'tid in capitals, as in the issuer',
      () => user({ tid: guidInCapitals(tenantId), iss: issuer('2.0', guidInCapitals(tenantId)) }),
      '200',
    ],
    ['tid in capitals, unlike the issuer', () => user({ tid: guidInCapitals(tenantId) }), '401 wrong_issuer'],
    ['the tenant of the issuer, another tid', () => user({ tid: otherTenantId }), '401 wrong_issuer'],
    ['the tid of the tenant, another issuer', () => user({ iss: issuer('2.0', otherTenantId) }), '401 wrong_issuer'],
    [
      'both of another tenant',
      () => user({ tid: otherTenantId, iss: issuer('2.0', otherTenantId) }),
      '401 wrong_tenant',
    ],
    [
      'both of another tenant in v1.0',
      () => ({ ...v1(), tid: otherTenantId, iss: issuer('1.0', otherTenantId) }),
      '401 wrong_tenant',
    ],
  ])('%s: %#', async (_name, claims, expected) => {
    expect(await answer(api(), authority.token(claims()))).toBe(expected);
  });

  test('is looked up in the key set of its own version', async () => {
    const app = api();
    authority.requests.length = 0;
    await get(app, authority.token(v1()));
    expect(authority.requests).toEqual([
      `/${tenantId}/.well-known/openid-configuration`,
      `/${tenantId}/discovery/keys`,
    ]);
    authority.requests.length = 0;
    await get(app, authority.token(user()));
    expect(authority.requests).toEqual([
      `/${tenantId}/v2.0/.well-known/openid-configuration`,
      `/${tenantId}/discovery/v2.0/keys`,
    ]);
  });

  test('is that of the one tenant, in whatever case the option is written', async () => {
    expect(await answer(api({ tenant: guidInCapitals(tenantId) }), authority.token(user()))).toBe('200');
  });
});

describe('the audience', () => {
  const uri = 'https://contoso.test/mail';
  test.each([
    ['v2.0', clientId, {}, '200'],
    ['v2.0', `api://${clientId}`, {}, '401 wrong_audience'],
    ['v2.0', uri, { audience: uri }, '401 wrong_audience'],
    ['v1.0', clientId, {}, '200'],
    ['v1.0', `api://${clientId}`, {}, '200'],
    ['v1.0', `api://${clientId}/`, {}, '200'],
    ['v1.0', `api://${clientId}//`, {}, '401 wrong_audience'],
    ['v1.0', uri, {}, '401 wrong_audience'],
    ['v1.0', uri, { audience: uri }, '200'],
    ['v1.0', `${uri}/`, { audience: uri }, '200'],
    ['v1.0', uri, { audience: `${uri}/` }, '200'],
    ['v1.0', `${uri}//`, { audience: uri }, '401 wrong_audience'],
    ['v1.0', `${uri}/more`, { audience: uri }, '401 wrong_audience'],
    ['v1.0', uri.toUpperCase(), { audience: uri }, '401 wrong_audience'],
    ['v1.0', 'api://second', { audience: [uri, 'api://second'] }, '200'],
    ['v1.0', `api://${clientId}`, { audience: [uri] }, '200'],
    ['v1.0', `spn:${clientId}`, {}, '401 wrong_audience'],
  ])('%s %s with %j: %s', async (version, aud, options, expected) => {
    const claims = version === 'v2.0' ? user({ aud }) : { ...v1(), aud };
    expect(await answer(api(options), authority.token(claims))).toBe(expected);
  });

  test('is compared with the client id in lower case, however the option is written', async () => {
    expect(await answer(api({ clientId: clientId.toUpperCase() }), authority.token(user()))).toBe('200');
  });

  describe('with several tenants', () => {
    const several = () =>
      api({
        tenant: undefined,
        tenants: [tenantId, otherTenantId],
        audience: [
          { uri: 'api://mail', tenants: [tenantId] },
          { uri: 'api://post', tenants: [otherTenantId.toUpperCase(), tenantId] },
        ],
      });
    const from = (tid: string, aud: string) => ({ ...v1(), tid, iss: issuer('1.0', tid), aud });

    test.each([
      [tenantId, 'api://mail', '200'],
      [tenantId, 'api://mail/', '200'],
      [otherTenantId, 'api://mail', '401 wrong_audience'],
      [tenantId, 'api://post', '200'],
      [otherTenantId, 'api://post', '200'],
      [otherTenantId, `api://${clientId}`, '200'],
      [tenantId, 'api://other', '401 wrong_audience'],
    ])('the token of %s for %s: %s', async (tid, aud, expected) => {
      expect(await answer(several(), authority.token(from(tid, aud)))).toBe(expected);
    });
  });

  test.each([
    [{ audience: 'mail' }, /App ID URIs such as/],
    [{ audience: [] }, /audience is empty: leave it out/],
    [{ audience: null }, /App ID URIs such as/],
    [{ audience: ['api://mail', 7] }, /App ID URIs such as/],
    [{ audience: 'https://graph.microsoft.com' }, /Microsoft Graph/],
    [{ audience: [{ uri: 'api://mail', tenants: [tenantId] }] }, /App ID URIs such as/],
    [{ tenant: undefined, tenants: 'any', audience: 'api://mail' }, /each App ID URI names its tenants/],
    [{ tenant: undefined, tenants: 'any', audience: ['api://mail'] }, /each App ID URI names its tenants/],
    [{ tenant: undefined, tenants: 'any', audience: [] }, /each App ID URI names its tenants/],
    [{ tenant: undefined, tenants: 'any', audience: [{ uri: 'api://mail' }] }, /each App ID URI names its tenants/],
    [
      { tenant: undefined, tenants: 'any', audience: [{ uri: 'api://mail', tenants: [] }] },
      /each App ID URI names its tenants/,
    ],
    [
      { tenant: undefined, tenants: 'any', audience: [{ uri: 'api://mail', tenants: ['contoso.com'] }] },
      /az account show/,
    ],
    [{ tenant: undefined, tenants: 'any', audience: [null] }, /each App ID URI names its tenants/],
  ])('an option that cannot be meant is an error at start: %j', (options, message) => {
    expect(() => api(options)).toThrow(message);
    expect(() => api(options)).toThrow(expect.objectContaining({ name: 'ConfigurationError' }));
  });
});

describe('the lifetime', () => {
  const now = 1_800_000_000;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(now * 1000);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([
    ['ends in a second', {}, { exp: now + 1 }, '200'],
    ['ended within the default tolerance', {}, { exp: now - 299 }, '200'],
    ['ended exactly the default tolerance ago', {}, { exp: now - 300 }, '401 expired'],
    ['ended before the default tolerance', {}, { exp: now - 301 }, '401 expired'],
    ['ended a fraction within the default tolerance', {}, { exp: now - 299.5 }, '200'],
    ['begins at the end of the default tolerance', {}, { nbf: now + 300 }, '200'],
    ['begins after the default tolerance', {}, { nbf: now + 301 }, '401 not_yet_valid'],
    ['ends now, without tolerance', { clockTolerance: 0 }, { exp: now }, '401 expired'],
    ['ends in a second, without tolerance', { clockTolerance: 0 }, { exp: now + 1 }, '200'],
    ['begins now, without tolerance', { clockTolerance: 0 }, { nbf: now }, '200'],
    ['begins in a second, without tolerance', { clockTolerance: 0 }, { nbf: now + 1 }, '401 not_yet_valid'],
    ['ended within a tolerance of a minute', { clockTolerance: 60 }, { exp: now - 59 }, '200'],
    ['ended a minute ago', { clockTolerance: 60 }, { exp: now - 60 }, '401 expired'],
    ['begins and ends at once', { clockTolerance: 60 }, { nbf: now, exp: now }, '200'],
    ['ends before it begins', {}, { nbf: now + 1, exp: now }, '401 invalid_claim'],
    ['ended in 1970', {}, { nbf: 0, iat: 0, exp: 0 }, '401 expired'],
    ['ended before 1970', {}, { nbf: -2e9, exp: -1e9 }, '401 expired'],
    ['is counted in milliseconds', {}, { nbf: now * 1000, exp: (now + 3600) * 1000 }, '401 not_yet_valid'],
  ])('%s: %#', async (_name, options, times: Claims, expected) => {
    const claims = user({ nbf: now - 3600, iat: now - 3600, ...times });
    expect(await answer(api(options), authority.token(claims))).toBe(expected);
  });

  test('is looked at for every request', async () => {
    const app = api({ clockTolerance: 0 });
    const token = authority.token(user({ exp: now + 10 }));
    expect(await answer(app, token)).toBe('200');
    vi.setSystemTime((now + 9) * 1000);
    expect(await answer(app, token)).toBe('200');
    vi.setSystemTime((now + 10) * 1000);
    expect(await answer(app, token)).toBe('401 expired');
  });

  test.each([-1, 301, Number.NaN, Number.POSITIVE_INFINITY, '60', null, true])(
    'a tolerance of %s is an error at start',
    (clockTolerance) => {
      expect(() => api({ clockTolerance })).toThrow(/clockTolerance must be a number of seconds from 0 to 300/);
    },
  );
});
