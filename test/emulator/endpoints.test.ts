import { request } from 'node:http';
import { type Emulator, startEmulator } from 'express-app-roles/emulator';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JWK, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { apiV1, apiV2, directory, locked, script, scriptPrincipal, secret } from './directory-for-tests.js';

let entra: Emulator;
beforeAll(async () => {
  entra = await startEmulator({ directory });
});
afterAll(() => entra.close());

const get = async <T>(path: string) => (await fetch(`${entra.origin}/${path}`)).json() as Promise<T>;
const keysAt = async (path: string) => {
  const { keys } = await get<{ keys: [JWK & { issuer?: string }] }>(path);
  return keys;
};

interface Answer {
  access_token: string;
  error: string;
  error_description: string;
  error_codes: number[];
}

const good = () => ({
  grant_type: 'client_credentials',
  client_id: script,
  client_secret: secret,
  scope: `api://${apiV2}/.default`,
});

async function ask(form: Record<string, string> | string, init: RequestInit = {}, tenant = entra.tenantId) {
  const response = await fetch(`${entra.origin}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
    ...init,
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
}

describe('discovery', () => {
  it.each([
    ['v2.0', '/v2.0', '/v2.0'],
    ['v1.0', '', '/'],
  ])('serves the tenant document of %s', async (_version, infix, issuerEnd) => {
    const { origin, tenantId } = entra;
    expect(await get(`${tenantId}${infix}/.well-known/openid-configuration`)).toMatchObject({
      issuer: `${origin}/${tenantId}${issuerEnd}`,
      jwks_uri: `${origin}/${tenantId}/discovery${infix}/keys`,
      token_endpoint: `${origin}/${tenantId}/oauth2${infix}/token`,
      authorization_endpoint: `${origin}/${tenantId}/oauth2${infix}/authorize`,
    });
  });

  it.each(['common', 'organizations'])('serves %s with the issuer as a template', async (tenant) => {
    const { origin } = entra;
    expect(await get(`${tenant}/v2.0/.well-known/openid-configuration`)).toMatchObject({
      issuer: `${origin}/{tenantid}/v2.0`,
      jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
    });
    expect(await get(`${tenant}/.well-known/openid-configuration`)).toMatchObject({ issuer: `${origin}/{tenantid}/` });
  });

  it('takes the tenant id in upper case', async () => {
    const document = await get<{ issuer: string }>(
      `${entra.tenantId.toUpperCase()}/v2.0/.well-known/openid-configuration`,
    );
    expect(document.issuer).toBe(`${entra.origin}/${entra.tenantId}/v2.0`);
  });

  it('names the issuer of a key in the v2.0 key set only, and shows no private half', async () => {
    const v2 = await keysAt(`${entra.tenantId}/discovery/v2.0/keys`);
    const v1 = await keysAt(`${entra.tenantId}/discovery/keys`);
    expect(Object.keys(v2[0]).sort()).toEqual(['e', 'issuer', 'kid', 'kty', 'n', 'use', 'x5t']);
    expect(v2[0].issuer).toBe(`${entra.origin}/{tenantid}/v2.0`);
    expect(Object.keys(v1[0]).sort()).toEqual(['e', 'kid', 'kty', 'n', 'use', 'x5t']);
    expect(v1[0].kid).toBe(v2[0].kid);
    expect(await keysAt('common/discovery/v2.0/keys')).toEqual(v2);
  });

  it('answers 90002 for another tenant', async () => {
    const response = await fetch(`${entra.origin}/contoso.com/v2.0/.well-known/openid-configuration`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_tenant', error_codes: [90002] });
  });
});

describe('client credentials', () => {
  it('gives a v2.0 token with all granted roles, signed by the published key', async () => {
    const { status, body, headers } = await ask(good());
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      token_type: 'Bearer',
      expires_in: 3599,
      ext_expires_in: 3599,
      access_token: expect.any(String),
    });
    const keys = createLocalJWKSet({ keys: await keysAt(`${entra.tenantId}/discovery/v2.0/keys`) });
    const { payload, protectedHeader } = await jwtVerify(body.access_token, keys, {
      issuer: `${entra.origin}/${entra.tenantId}/v2.0`,
    });
    expect(protectedHeader).toEqual({ typ: 'JWT', alg: 'RS256', kid: expect.any(String) });
    const now = Math.floor(Date.now() / 1000);
    const { iat, exp, uti, ...claims } = payload;
    expect(claims).toEqual({
      iss: `${entra.origin}/${entra.tenantId}/v2.0`,
      aud: apiV2,
      nbf: iat,
      tid: entra.tenantId,
      ver: '2.0',
      azp: script,
      azpacr: '1',
      idtyp: 'app',
      oid: scriptPrincipal,
      sub: scriptPrincipal,
      roles: ['Mail.Read', 'Mail.Send'],
    });
    expect(Number(iat)).toBeLessThanOrEqual(now);
    expect(Number(exp)).toBeGreaterThan(now + 3500);
    expect(uti).toMatch(/^[\w-]{22}$/);
  });

  it.each(['api://orders', 'api://orders/', `api://${apiV1}`, apiV1])(
    'gives a v1.0 token for %s with the audience as asked for, and no idtyp where the API did not ask for it',
    async (audience) => {
      const { body } = await ask({ ...good(), scope: `${audience}/.default` });
      expect(decodeProtectedHeader(body.access_token)).toHaveProperty('x5t');
      const claims = decodeJwt(body.access_token);
      expect(claims).toMatchObject({
        ver: '1.0',
        iss: `${entra.origin}/${entra.tenantId}/`,
        aud: audience,
        appid: script,
        appidacr: '1',
      });
      expect(claims).not.toHaveProperty('idtyp');
      expect(claims).not.toHaveProperty('azp');
    },
  );

  it('gives a client without any role a token without the claim', async () => {
    const nobody = entra.directory.applications.named('Nobody');
    const { status, body } = await ask({ ...good(), client_id: nobody.clientId, client_secret: 'nobody' });
    expect(status).toBe(200);
    expect(decodeJwt(body.access_token)).not.toHaveProperty('roles');
  });

  it('gives a client that is assigned without a role a token where assignment is required', async () => {
    const { status, body } = await ask({ ...good(), scope: `api://${locked}/.default` });
    expect(status).toBe(200);
    expect(decodeJwt(body.access_token)).not.toHaveProperty('roles');
  });

  it('takes the secret by HTTP Basic, form-urlencoded', async () => {
    const { client_id, client_secret, ...form } = good();
    const encode = (value: string) => encodeURIComponent(value).replaceAll('%20', '+');
    const basic = Buffer.from(`${encode(client_id)}:${encode(client_secret)}`).toString('base64');
    expect((await ask(form, { headers: { authorization: `Basic ${basic}` } })).status).toBe(200);
    const wrong = Buffer.from(`${client_id}:nope`).toString('base64');
    const refused = await ask(form, { headers: { authorization: `Basic ${wrong}` } });
    expect(refused.body.error_codes).toEqual([7000215]);
  });

  const without = (name: string) => () => {
    const { [name]: _, ...form } = good() as Record<string, string>;
    return form;
  };
  it.each<[string, () => Record<string, string>, number, number, string]>([
    [
      'an unknown client',
      () => ({ ...good(), client_id: apiV2.replace('f2', 'ff') }),
      400,
      700016,
      'unauthorized_client',
    ],
    ['a wrong secret', () => ({ ...good(), client_secret: 'nope' }), 401, 7000215, 'invalid_client'],
    ['no secret', without('client_secret'), 401, 7000216, 'invalid_client'],
    ['an unknown resource', () => ({ ...good(), scope: 'api://nowhere/.default' }), 400, 500011, 'invalid_resource'],
    [
      'a scope that is not .default',
      () => ({ ...good(), scope: 'api://orders/Mail.Read' }),
      400,
      1002012,
      'invalid_scope',
    ],
    ['a scope without its resource', () => ({ ...good(), scope: '/.default' }), 400, 70011, 'invalid_scope'],
    [
      'two resources',
      () => ({ ...good(), scope: `api://orders/.default ${apiV2}/.default` }),
      400,
      70011,
      'invalid_scope',
    ],
    ['no scope', without('scope'), 400, 900144, 'invalid_request'],
    ['no client', without('client_id'), 400, 900144, 'invalid_request'],
    ['no grant type', without('grant_type'), 400, 900144, 'invalid_request'],
    ['another grant type', () => ({ ...good(), grant_type: 'password' }), 400, 70003, 'unsupported_grant_type'],
  ])('refuses %s', async (_what, form, status, code, error) => {
    const answer = await ask(form());
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({
      error,
      error_description: expect.stringMatching(
        new RegExp(`^AADSTS${code}: .+ Trace ID: .+ Correlation ID: .+ Timestamp: `),
      ),
      error_codes: [code],
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/),
      trace_id: expect.any(String),
      correlation_id: expect.any(String),
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    });
  });

  it('refuses a client without an assignment where one is required', async () => {
    const nobody = entra.directory.applications.named('Nobody');
    const form = {
      ...good(),
      client_id: nobody.clientId,
      client_secret: 'nobody',
      scope: `${locked}/.default`,
    };
    const { status, body } = await ask(form);
    expect([status, body.error, body.error_codes]).toEqual([400, 'invalid_grant', [501051]]);
    expect(body.error_description).toContain(`'${nobody.clientId}'(Nobody) is not assigned to a role`);
  });

  it.each(['common', '11111111-1111-4111-8111-111111111111'])('refuses the tenant %s', async (tenant) => {
    const { status, body } = await ask(good(), {}, tenant);
    expect([status, body.error, body.error_codes]).toEqual([400, 'invalid_request', [90002]]);
  });

  it('echoes the id by which the client will look for the request in its log', async () => {
    const id = '0f000000-0000-4000-8000-00000000000a';
    const response = await fetch(`${entra.origin}/${entra.tenantId}/oauth2/v2.0/token?client-request-id=${id}`, {
      method: 'POST',
    });
    expect(await response.json()).toMatchObject({ correlation_id: id });
  });

  it.each<[string, RequestInit]>([
    ['JSON', { body: '{"grant_type":', headers: { 'content-type': 'application/json' } }],
    ['nothing', { body: null }],
    [
      'a character set that does not exist',
      { headers: { 'content-type': 'application/x-www-form-urlencoded; charset=x' } },
    ],
    ['too much', { body: new URLSearchParams({ scope: 'a'.repeat(70_000) }) }],
    [
      'a broken percent sign in Basic',
      { headers: { authorization: `Basic ${Buffer.from('%:%').toString('base64')}` } },
    ],
    ['a parameter twice', { body: new URLSearchParams('grant_type=client_credentials&scope=a&scope=b') }],
    [
      'bytes',
      { body: new Uint8Array([0, 255, 254]), headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ],
  ])('answers 400, never a 5xx that clients would replay, when it is sent %s', async (_what, init) => {
    const { status, body } = await ask(good(), init);
    expect(status).toBe(400);
    expect(body.error).toBe('invalid_request');
    expect((await ask(good())).status).toBe(200);
  });
});

describe('tokens for users', () => {
  const portal = { user: 'Ada Lovelace', client: 'Portal' };

  it('have scp, the roles of the user, and a pairwise sub (v2.0)', () => {
    const request = { ...portal, resource: 'API v2', scopes: ['Mail.Read', 'User.Read'], userRoles: ['Shared.Name'] };
    const claims = decodeJwt(entra.userToken(request));
    const ada = entra.directory.users.named('Ada Lovelace');
    expect(claims).toMatchObject({
      ver: '2.0',
      aud: apiV2,
      azpacr: '0',
      oid: ada.objectId,
      scp: 'Mail.Read User.Read',
      roles: ['Shared.Name'],
      name: 'Ada Lovelace',
      preferred_username: 'ada.lovelace@entra.test',
    });
    expect(claims).not.toHaveProperty('idtyp');
    expect(claims.sub).not.toBe(ada.objectId);
    expect(decodeJwt(entra.userToken(request)).sub).toBe(claims.sub);
    expect(decodeJwt(entra.userToken({ ...portal, resource: 'API v1', scopes: ['Mail.Read'] })).sub).not.toBe(
      claims.sub,
    );
  });

  it('have appid and the App ID URI (v1.0), and no roles where the user has none', () => {
    const claims = decodeJwt(entra.userToken({ ...portal, resource: apiV1, scopes: ['Mail.Read'] }));
    expect(claims).toMatchObject({
      ver: '1.0',
      aud: 'api://orders',
      appidacr: '0',
      unique_name: 'ada.lovelace@entra.test',
    });
    expect(claims).not.toHaveProperty('roles');
  });

  it.each([
    ['scopes', { scopes: ['Mail.Send'] }, /^scopes: API v2 does not define "Mail.Send"/],
    ['user roles', { userRoles: ['Mail.Read'] }, /^userRoles: API v2 does not define "Mail.Read"/],
    ['users', { user: 'Mallory' }, /^user: no user is called "Mallory"/],
    ['an empty list of scopes', { scopes: [] }, /^scopes: .* at least one/],
  ])('are refused for unknown %s', (_what, fields, message) => {
    const request = { ...portal, resource: 'API v2', scopes: ['Mail.Read'], ...fields };
    expect(() => entra.userToken(request)).toThrow(message);
  });
});

describe('the server', () => {
  const statusFor = (host: string) =>
    new Promise((resolve, reject) => {
      const path = `/${entra.tenantId}/v2.0/.well-known/openid-configuration`;
      request(`${entra.origin}${path}`, { headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });

  it('answers to its own names only, so that no rebound host name reaches it', async () => {
    const { port } = new URL(entra.origin);
    expect(await statusFor(`127.0.0.1:${port}`)).toBe(200);
    expect(await statusFor(`localhost:${port}`)).toBe(200);
    expect(await statusFor(`attacker.example:${port}`)).toBe(403);
    expect(await statusFor('127.0.0.1')).toBe(403);
    expect(await statusFor('127.0.0.1:1')).toBe(403);
  });

  it('sends no CORS headers', async () => {
    const { headers } = await ask(good(), { headers: { origin: 'https://page.example' } });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  it('logs what was asked and why it was refused, without the secret', async () => {
    entra.log.clear();
    await ask({ ...good(), client_secret: 'a-secret-to-look-for' });
    const path = `/${entra.tenantId}/oauth2/v2.0/token`;
    await expect
      .poll(() => entra.log.entries)
      .toEqual([
        { at: expect.any(String), event: 'refused', method: 'POST', path, code: 7000215, error: 'invalid_client' },
        { at: expect.any(String), event: 'asked', method: 'POST', path, status: 401 },
      ]);
  });

  it('has a key of its own at each start, and stops', async () => {
    const other = await startEmulator({ directory });
    const address = `${other.origin}/${other.tenantId}/discovery/v2.0/keys`;
    const theirs = (await (await fetch(address)).json()) as { keys: [JWK] };
    expect(theirs.keys[0].kid).not.toBe((await keysAt(`${entra.tenantId}/discovery/v2.0/keys`))[0].kid);
    await other.close();
    await expect(fetch(address)).rejects.toThrow();
  });

  it('says in one line that a port is in use', async () => {
    const port = Number(new URL(entra.origin).port);
    await expect(startEmulator({ directory, port })).rejects.toThrow(`Port ${port} is in use`);
  });

  it('does not start in production', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    try {
      await expect(startEmulator({ directory })).rejects.toThrow(/NODE_ENV is 'production'/);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
