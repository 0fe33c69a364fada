import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Authority, asV1, type Claims, startAuthority, tenantId } from '../support/authority.js';
import { answer, get, protect } from './api.js';

const workTenant = '11111111-1111-4111-8111-111111111111';

/** Leads every address to an authority on loopback, as a proxy would. */
const leadingTo =
  ({ address }: Authority): typeof globalThis.fetch =>
  (input, init) => {
    const { pathname, search } = new URL(String(input));
    return fetch(`${address}${pathname}${search}`, init);
  };

const userOf = (authority: Authority, tid: string, claims: Claims = {}) =>
  authority.user('Mail.Read', { tid, iss: `${authority.origin}/${tid}/v2.0`, ...claims });

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('clouds', () => {
  const hosts = {
    global: ['https://login.microsoftonline.com', 'https://sts.windows.net'],
    usGovernment: ['https://login.microsoftonline.us', 'https://sts.windows.net'],
    china: ['https://login.partner.microsoftonline.cn', 'https://sts.chinacloudapi.cn'],
  } as const;
  const names = Object.keys(hosts) as (keyof typeof hosts)[];
  const running: Partial<Record<string, Authority>> = {};
  beforeAll(async () => {
    for (const name of names) running[name] = await startAuthority(...hosts[name]);
  });
  afterAll(() => Promise.all(Object.values(running).map((each) => each?.close())));

  test.each(
    names.flatMap((cloud) =>
      names.map((issuedIn) => [cloud, issuedIn, cloud === issuedIn ? '200' : '401 wrong_issuer']),
    ),
  )('an API in %s and a v2.0 token of %s: %s', async (cloud, issuedIn, expected) => {
    const api = running[cloud] as Authority;
    const issuer = running[issuedIn] as Authority;
    const app = protect({ tenant: workTenant, cloud, fetch: leadingTo(api) });
    expect(await answer(app, issuer.token(userOf(issuer, workTenant)))).toBe(expected);
  });

  test.each(names)('a v1.0 token of %s has the issuer of that cloud', async (cloud) => {
    const authority = running[cloud] as Authority;
    const app = protect({ tenant: workTenant, cloud, fetch: leadingTo(authority) });
    const claims = asV1(userOf(authority, workTenant), hosts[cloud][1]);
    expect(await answer(app, authority.token(claims))).toBe('200');
    expect(await answer(app, authority.token({ ...claims, iss: `${hosts[cloud][0]}/${workTenant}/` }))).toBe(
      '401 wrong_issuer',
    );
  });

  test('v1.0 tokens of two clouds share an issuer: the key set tells them apart', async () => {
    const [global, government] = [running.global as Authority, running.usGovernment as Authority];
    const claims = asV1(userOf(government, workTenant), 'https://sts.windows.net');
    const app = protect({ tenant: workTenant, fetch: leadingTo(global) });
    expect(await answer(app, government.token(claims))).toBe('401 bad_signature');
  });

  test.each(names)('several tenants in %s', async (cloud) => {
    const authority = running[cloud] as Authority;
    const app = protect({ tenants: 'any', cloud, fetch: leadingTo(authority) });
    expect(await answer(app, authority.token(userOf(authority, workTenant)))).toBe('200');
    expect(await answer(app, authority.token(asV1(userOf(authority, workTenant), hosts[cloud][1])))).toBe('200');
  });

  test('the tenants of local Entras are not admitted in a cloud', async () => {
    const authority = running.global as Authority;
    const app = protect({ tenants: 'any', fetch: leadingTo(authority) });
    expect(await answer(app, authority.token(userOf(authority, tenantId)))).toBe('401 wrong_tenant');
    expect(await answer(app, authority.token(userOf(authority, tenantId.toUpperCase())))).toBe('401 wrong_tenant');
  });
});

describe('External ID', () => {
  const origin = `https://${workTenant}.ciamlogin.com`;
  let authority: Authority;
  beforeAll(async () => {
    authority = await startAuthority(origin);
  });
  afterAll(() => authority.close());
  const api = (options: object) => protect({ tenant: workTenant, fetch: leadingTo(authority), ...options });

  test.each([
    'https://contoso.ciamlogin.com',
    'https://contoso.ciamlogin.com/',
    'https://login.contoso.test',
    `https://${workTenant}.ciamlogin.com`,
  ])('at %s', async (address) => {
    const res = await get(api({ authority: address }), authority.token(userOf(authority, workTenant)));
    expect(res.status).toBe(200);
    expect(res.body.account).toBe('unknown');
  });

  test('issues no v1.0 tokens', async () => {
    const app = api({ authority: 'https://contoso.ciamlogin.com' });
    const token = authority.token(asV1(userOf(authority, workTenant), 'https://sts.windows.net'));
    expect(await answer(app, token)).toBe('401 wrong_issuer');
  });

  test('has its issuer named by the tenant, not by the address', async () => {
    const app = api({ authority: 'https://contoso.ciamlogin.com' });
    const iss = `https://contoso.ciamlogin.com/${workTenant}/v2.0`;
    expect(await answer(app, authority.token(userOf(authority, workTenant, { iss })))).toBe('401 wrong_issuer');
  });

  test.each([
    [{ tenant: undefined, tenants: [workTenant] }, /An External ID authority has one tenant/],
    [{ tenant: undefined, tenants: 'any' }, /An External ID authority has one tenant/],
    [{ cloud: 'global' }, /cloud and authority exclude each other/],
    [{ testAuthority: 'http://127.0.0.1:1' }, /authority and testAuthority exclude each other/],
  ])('does not go with %j', (options, message) => {
    expect(() => api({ authority: 'https://contoso.ciamlogin.com', ...options })).toThrow(message);
  });
});

describe('an authority that cannot be meant is an error at start', () => {
  test.each([
    ['https://contoso.b2clogin.com', /Azure AD B2C is not supported/],
    ['https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_signin', /Azure AD B2C is not supported/],
    ['https://login.contoso.test/tfp/contoso.onmicrosoft.com/signin', /Azure AD B2C is not supported/],
    ['https://login.microsoftonline.com/contoso.onmicrosoft.com/b2c_1_signin', /Azure AD B2C is not supported/],
    ['https://login.microsoftonline.com', /For a Microsoft cloud write cloud: 'global'/],
    [`https://login.microsoftonline.com/${workTenant}/v2.0`, /For a Microsoft cloud write cloud/],
    ['https://LOGIN.MICROSOFTONLINE.COM', /For a Microsoft cloud write cloud/],
    ['https://login.microsoftonline.com.', /For a Microsoft cloud write cloud/],
    ['https://login.microsoftonline.us', /For a Microsoft cloud write cloud/],
    ['https://login.partner.microsoftonline.cn', /For a Microsoft cloud write cloud/],
    ['https://login.windows.net', /For a Microsoft cloud write cloud/],
    ['https://sts.windows.net', /For a Microsoft cloud write cloud/],
    ['http://contoso.ciamlogin.com', /must be https/],
    ['http://127.0.0.1:8990', /A local Entra is given as testAuthority/],
    ['https://127.0.0.1:8990', /not on this machine/],
    ['https://127.1', /not on this machine/],
    ['https://2130706433', /not on this machine/],
    ['https://localhost', /not on this machine/],
    ['https://localhost.', /not on this machine/],
    ['https://entra.localhost', /not on this machine/],
    ['https://[::1]:8990', /not on this machine/],
    ['https://contoso.ciamlogin.com/contoso', /takes the origin alone: https:\/\/contoso\.ciamlogin\.com/],
    ['https://contoso.ciamlogin.com/?tenant=x', /takes the origin alone/],
    ['https://user@contoso.ciamlogin.com', /takes the origin alone/],
    ['https://:secret@contoso.ciamlogin.com', /takes the origin alone/],
    ['contoso.ciamlogin.com', /must be an address such as https:\/\/contoso\.ciamlogin\.com/],
    ['ftp://contoso.ciamlogin.com', /must be an address such as/],
    ['', /must be an address such as/],
    [null, /must be an address such as/],
    [7, /must be an address such as/],
  ])('%s', (authority, message) => {
    expect(() => protect({ tenant: workTenant, authority })).toThrow(message);
    expect(() => protect({ tenant: workTenant, authority })).toThrow(
      expect.objectContaining({ name: 'ConfigurationError' }),
    );
  });

  test.each([
    [{ cloud: 'germany' }, /cloud must be one of global, usGovernment, china/],
    [{ cloud: 'toString' }, /cloud must be one of/],
    [{ cloud: '__proto__' }, /cloud must be one of/],
    [{ cloud: 'global', testAuthority: 'http://127.0.0.1:1' }, /cloud and testAuthority exclude each other/],
    [{ fetch: 'https://proxy.test' }, /fetch must be a function/],
    [{ cluod: 'global' }, /'cluod' is not an option\. The options are tenant, /],
    [{ issuer: 'https://attacker.test' }, /'issuer' is not an option/],
    [{ algorithms: ['none'] }, /'algorithms' is not an option/],
    [{ audiences: ['api://mail'] }, /'audiences' is not an option/],
    [{ applicationsMustProve: true }, /applicationsMustProve must be 'idtyp'/],
  ])('%j', (options, message) => {
    expect(() => protect({ tenant: workTenant, ...options })).toThrow(message);
    expect(() => protect({ tenant: workTenant, ...options })).toThrow(
      expect.objectContaining({ name: 'ConfigurationError' }),
    );
  });
});

describe('a local Entra', () => {
  let authority: Authority;
  let elsewhere: Authority;
  beforeAll(async () => {
    authority = await startAuthority();
    elsewhere = await startAuthority('http://127.0.0.1:1');
  });
  afterAll(() => Promise.all([authority.close(), elsewhere.close()]));

  test.each([
    ['production', "it is 'production'"],
    ['staging', "it is 'staging'"],
    ['TEST', "it is 'TEST'"],
    ['', "it is ''"],
    [undefined, 'it is not set'],
  ])('is refused where NODE_ENV is %s', (environment, message) => {
    vi.stubEnv('NODE_ENV', environment);
    expect(() => protect({ tenant: tenantId, testAuthority: authority.origin })).toThrow(message);
    expect(() => protect({ tenant: tenantId, testAuthority: { origin: authority.origin } })).toThrow(message);
  });

  test.each(['test', 'development'])('is trusted where NODE_ENV is %s', async (environment) => {
    vi.stubEnv('NODE_ENV', environment);
    const app = protect({ tenant: tenantId, testAuthority: authority.origin });
    expect(await answer(app, authority.token(authority.user('Mail.Read')))).toBe('200');
  });

  test('may be reached by a function of its own, which then goes before fetch', async () => {
    const unreachable = () => Promise.reject(new TypeError('fetch failed'));
    const testAuthority = { origin: 'http://127.0.0.1:1', fetch: leadingTo(elsewhere) };
    const app = protect({ tenant: tenantId, testAuthority, fetch: unreachable });
    expect(await answer(app, elsewhere.token(elsewhere.user('Mail.Read')))).toBe('200');
  });
  test.each([
    ['http://entra.contoso.test', /must be on this machine/],
    ['http://127.0.0.1.contoso.test', /must be on this machine/],
    ['http://0.0.0.0:8990', /must be on this machine/],
    ['http://10.0.0.1:8990', /must be on this machine/],
    ['https://login.microsoftonline.com', /must be on this machine/],
    ['127.0.0.1:8990', /testAuthority must be an address/],
    ['', /testAuthority must be an address/],
    [null, /testAuthority must be an address/],
    [true, /testAuthority must be an address/],
    [{}, /testAuthority must be an address/],
  ])('is on this machine, not at %j', (testAuthority, message) => {
    expect(() => protect({ tenant: tenantId, testAuthority })).toThrow(message);
    expect(() => protect({ tenant: tenantId, testAuthority })).toThrow(
      expect.objectContaining({ name: 'ConfigurationError' }),
    );
  });

  test('is not trusted because fetch leads to it: its documents name another issuer', async () => {
    const app = protect({ tenant: workTenant, fetch: leadingTo(authority) });
    const claims = userOf(authority, workTenant);
    expect(await answer(app, authority.token(claims))).toBe('401 wrong_issuer');
    const posing = { ...claims, iss: `https://login.microsoftonline.com/${workTenant}/v2.0` };
    expect(await answer(app, authority.token(posing))).toBe('503 keys_unavailable');
    expect(await answer(app, authority.token(asV1(posing, 'https://sts.windows.net')))).toBe('503 keys_unavailable');
  });

  test.each([{ tenant: tenantId }, { tenant: tenantId.toUpperCase() }, { tenants: [workTenant, tenantId] }])(
    'is needed for its tenants: %j',
    (options) => {
      expect(() => protect(options)).toThrow(/is a tenant of a local Entra: it needs testAuthority/);
    },
  );
});
