import { AuthorizationCodeCredential } from '@azure/identity';
import { CryptoProvider, ResponseMode } from '@azure/msal-node';
import { type Emulator, startEmulator } from 'express-app-roles/emulator';
import { decodeJwt } from 'jose';
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  enableNonRepudiationChecks,
  randomNonce,
  randomPKCECodeVerifier,
  refreshTokenGrant,
} from 'openid-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { browse } from './browser.js';
import { ask, confidential, openIdClient, overHttp, publicClient } from './clients.js';
import { callback, desktop, directory, global, lockedWeb, orders, secret, spa, web } from './directory.js';

let entra: Emulator;
beforeEach(async () => {
  entra = await startEmulator({ directory });
});
afterEach(() => entra.close());

const ada = 'ada@contoso.test';
const bob = 'bob@contoso.test';
const admin = 'admin@contoso.test';
const reading = ['api://orders/Orders.Read'];
const writing = ['api://orders/Orders.Write'];
const usual = {
  client_id: web,
  redirect_uri: callback,
  response_type: 'code',
  scope: `openid profile offline_access ${reading[0]}`,
  state: 'a state',
};

type Parameters = Readonly<Record<string, string | undefined>>;

function authorizeUrl(parameters: Parameters = {}, tenant = entra.tenantId, version = '/v2.0'): URL {
  const url = new URL(`${entra.origin}/${tenant}/oauth2${version}/authorize`);
  for (const [name, value] of Object.entries({ ...usual, ...parameters })) {
    if (value !== undefined) {
      url.searchParams.set(name, value);
    }
  }
  return url;
}

const authorize = (parameters?: Parameters, tenant?: string) => browse(authorizeUrl(parameters, tenant));
const signIn = async (parameters: Parameters = {}) =>
  (await authorize({ login_hint: ada, ...parameters })).answer ?? {};
const redeem = (code: string | undefined, form: Readonly<Record<string, string>> = {}, headers = {}) =>
  ask(
    entra,
    {
      grant_type: 'authorization_code',
      client_id: web,
      client_secret: secret,
      redirect_uri: callback,
      code: code ?? '',
      ...form,
    },
    { headers },
  );

describe('msal-node', () => {
  it.each([ResponseMode.QUERY, ResponseMode.FORM_POST])(
    'signs a user in with PKCE by %s, and renews',
    async (responseMode) => {
      const client = await confidential(entra, { clientId: web, clientSecret: secret });
      const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
      const url = await client.getAuthCodeUrl({
        scopes: reading,
        redirectUri: callback,
        responseMode,
        loginHint: ada,
        nonce: 'n',
        state: 's',
        codeChallenge: challenge,
        codeChallengeMethod: 'S256',
      });
      const { answer, location } = await browse(url);
      expect(location?.href).toContain(callback);
      expect(answer?.state).toBe('s');
      const request = { scopes: reading, redirectUri: callback, codeVerifier: verifier, nonce: 'n' };
      const result = await client.acquireTokenByCode({ ...request, code: String(answer?.code) });
      const { objectId } = entra.directory.users.named('Ada');
      expect(decodeJwt(result.accessToken)).toMatchObject({
        aud: orders,
        azp: web,
        azpacr: '1',
        oid: objectId,
        scp: 'Orders.Read',
        roles: ['Dispatcher'],
      });
      expect(result.account).toMatchObject({ username: ada, homeAccountId: `${objectId}.${entra.tenantId}` });
      if (!result.account) throw new Error('no account');
      const silent = { scopes: reading, account: result.account };
      expect(await client.acquireTokenSilent(silent)).toMatchObject({ fromCache: true });
      entra.unassignAppRole({ principal: 'Ada', resource: 'Orders', appRole: 'Dispatcher' });
      const fresh = await client.acquireTokenSilent({ ...silent, forceRefresh: true });
      expect(fresh.fromCache).toBe(false);
      expect(decodeJwt(fresh.accessToken)).not.toHaveProperty('roles');
      await expect(client.acquireTokenSilent({ ...silent, scopes: writing })).rejects.toMatchObject({
        name: 'InteractionRequiredAuthError',
        subError: 'consent_required',
      });
    },
  );

  it('signs a user in interactively, and gets another scope that was granted in the meantime', async () => {
    const client = await publicClient(entra, desktop);
    const result = await client.acquireTokenInteractive({
      scopes: reading,
      loginHint: ada,
      openBrowser: async (url) => {
        const { location, answer } = await browse(url);
        await fetch(location ?? '', { method: 'POST', body: new URLSearchParams(answer) });
      },
    });
    expect(decodeJwt(result.accessToken)).toMatchObject({ azpacr: '0', scp: 'Orders.Read Orders.Write' });
    entra.grantScopes({ client: 'Desktop', resource: 'Stock', scopes: ['Stock.Read'], user: 'Ada' });
    if (!result.account) throw new Error('no account');
    const stock = await client.acquireTokenSilent({ scopes: ['api://stock/.default'], account: result.account });
    expect(decodeJwt(stock.accessToken)).toMatchObject({ ver: '1.0', aud: 'api://stock', scp: 'Stock.Read' });
    expect(
      await client.acquireTokenSilent({ scopes: ['api://stock/.default'], account: result.account }),
    ).toMatchObject({
      fromCache: true,
    });
  });

  it('signs in at common, to the tenant of whoever it is', async () => {
    for (const [user, tenant] of [
      ['fay@fabrikam.test', 'Fabrikam'],
      ['paul@outlook.test', 'Personal accounts'],
    ] as const) {
      const client = await publicClient(entra, global, 'common');
      const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
      const redirectUri = 'http://localhost:1234';
      const url = await client.getAuthCodeUrl({
        scopes: reading,
        redirectUri,
        loginHint: user,
        codeChallenge: challenge,
        codeChallengeMethod: 'S256',
      });
      const { answer } = await (await browse(url)).press('Accept');
      const code = String(answer?.code);
      const result = await client.acquireTokenByCode({ scopes: reading, redirectUri, code, codeVerifier: verifier });
      const claims = decodeJwt(result.accessToken);
      const home = entra.directory.tenant(user.split('@')[1] ?? '');
      expect([home?.displayName, claims.tid]).toEqual([tenant, home?.tenantId]);
      expect(claims).not.toHaveProperty('roles');
    }
  });
});

it('@azure/identity redeems a code', async () => {
  const { code = '' } = await signIn();
  const credential = new AuthorizationCodeCredential(entra.tenantId, web, secret, code, callback, overHttp(entra));
  const { token } = await credential.getToken(reading);
  expect(decodeJwt(token)).toMatchObject({ scp: 'Orders.Read', roles: ['Dispatcher'] });
});

it('openid-client checks the ID token, its signature and its nonce, and renews', async () => {
  const config = await openIdClient(entra, web, secret);
  enableNonRepudiationChecks(config);
  const [pkceCodeVerifier, expectedNonce] = [randomPKCECodeVerifier(), randomNonce()];
  const url = buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: `openid profile email offline_access ${reading[0]}`,
    code_challenge: await calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    nonce: expectedNonce,
    login_hint: ada,
  });
  const { location } = await browse(url);
  const tokens = await authorizationCodeGrant(config, location ?? url, { pkceCodeVerifier, expectedNonce });
  expect(tokens.claims()).toMatchObject({ aud: web, name: 'Ada', preferred_username: ada, email: ada, ver: '2.0' });
  expect(tokens.claims()?.sub).not.toBe(decodeJwt(tokens.access_token).sub);
  const renewed = await refreshTokenGrant(config, tokens.refresh_token ?? '', { scope: reading[0] ?? '' });
  expect(decodeJwt(renewed.access_token).scp).toBe('Orders.Read');
});

describe('a code', () => {
  const verifier = 'v'.repeat(43);
  const plain = { code_challenge: verifier, code_challenge_method: 'plain' };

  it('is good once', async () => {
    const { code } = await signIn();
    expect((await redeem(code)).status).toBe(200);
    const { status, body } = await redeem(code);
    expect([status, body.error, body.error_codes]).toEqual([400, 'invalid_grant', [54005]]);
  });

  it.each<[string, Parameters, Readonly<Record<string, string>>, number]>([
    ['a wrong verifier', plain, { code_verifier: 'w'.repeat(43) }, 501481],
    ['no verifier', plain, {}, 900144],
    ['a verifier that nobody announced', {}, { code_verifier: verifier }, 501481],
    ['another redirect URI', {}, { redirect_uri: 'https://web.test/callback' }, 500112],
    ['another client', {}, { client_id: lockedWeb }, 70000],
    ['a wrong secret', {}, { client_secret: 'x' }, 7000215],
    ['no secret', {}, { client_secret: '' }, 7000218],
    ['an unknown code', {}, { code: 'x' }, 70000],
    ['two resources', {}, { scope: `${reading[0]} api://locked/Locked.Read` }, 28000],
    ['a scope that was not consented to', {}, { scope: String(writing[0]) }, 65001],
  ])('is refused for %s', async (_what, request, form, errorCode) => {
    const { code } = await signIn(request);
    expect((await redeem(code, form)).body.error_codes).toEqual([errorCode]);
  });

  it('is refused after ten minutes, in another tenant, and for a user who is gone', async () => {
    const { code = '' } = await signIn();
    const form = { grant_type: 'authorization_code', client_id: global, code, redirect_uri: callback };
    expect((await ask(entra, form, { tenant: 'fabrikam.test' })).body.error_codes).toEqual([70000]);
    const gone = await signIn({ login_hint: bob });
    entra.directory.users.delete(entra.directory.users.named('Bob').objectId);
    expect((await redeem(gone.code)).body.error_codes).toEqual([500341]);
    entra.clock.setAhead(601);
    expect((await redeem(code)).body.error_codes).toEqual([70008]);
  });

  it('of a single-page application is redeemed by its page, with PKCE, and by nobody else', async () => {
    const page = { client_id: spa, redirect_uri: 'http://localhost:5173/' };
    expect(await signIn(page)).toMatchObject({ error: 'invalid_request', state: 'a state' });
    const { code } = await signIn({ ...page, ...plain });
    const form = { ...page, client_secret: '', code_verifier: verifier };
    expect((await redeem(code, form)).body.error_codes).toEqual([9002327]);
    const origin = { origin: 'http://localhost:5173' };
    const { body } = await redeem(code, form, origin);
    expect(decodeJwt(body.access_token)).toMatchObject({ azp: spa, azpacr: '0' });
    const renew = { grant_type: 'refresh_token', client_id: spa, refresh_token: body.refresh_token };
    expect((await ask(entra, renew, { headers: origin })).status).toBe(200);
    entra.clock.setAhead(86_401);
    expect((await ask(entra, renew, { headers: origin })).body.error_codes).toEqual([700084]);
    const other = await signIn();
    expect((await redeem(other.code, {}, origin)).body.error_codes).toEqual([9002326]);
  });

  it('of a program is redeemed without a secret, on any port', async () => {
    const program = { client_id: desktop, redirect_uri: 'http://localhost:49152/' };
    const { code } = await signIn(program);
    expect((await redeem(code, program)).body.error_codes).toEqual([700025]);
    expect((await redeem(code, { ...program, client_secret: '' })).status).toBe(200);
  });
});

describe('a refresh token', () => {
  it('is refused to another client, when unknown, and after ninety days', async () => {
    const { body } = await redeem((await signIn()).code);
    const renew = (form: Readonly<Record<string, string>> = {}) =>
      ask(entra, {
        grant_type: 'refresh_token',
        client_id: web,
        client_secret: secret,
        refresh_token: body.refresh_token,
        ...form,
      });
    expect((await renew()).status).toBe(200);
    expect((await renew()).body).not.toHaveProperty('suberror');
    expect((await renew({ client_id: lockedWeb })).body.error_codes).toEqual([70000]);
    expect((await renew({ refresh_token: 'x' })).body.error_codes).toEqual([70000]);
    expect((await renew({ scope: String(writing[0]) })).body).toMatchObject({
      error: 'invalid_grant',
      suberror: 'consent_required',
      error_codes: [65001],
      error_description: expect.stringContaining(
        `has not consented to use the application with ID '${web}' named 'Web'`,
      ),
    });
    entra.clock.setAhead(90 * 86_400 + 1);
    expect((await renew()).body.error_codes).toEqual([700082]);
  });

  it('is not there without offline_access, nor an ID token without openid', async () => {
    const { body } = await redeem((await signIn({ scope: reading[0] })).code);
    expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'ext_expires_in', 'scope', 'token_type']);
  });
});

describe('the authorization endpoint', () => {
  it.each<[string, Parameters, number]>([
    ['an unknown client', { client_id: '7e570000-0000-4000-8000-0000000000ff' }, 700016],
    ['no client', { client_id: undefined }, 900144],
    ['another redirect URI', { redirect_uri: `${callback}/` }, 50011],
    ['another name of this machine', { redirect_uri: callback.replace('localhost', '127.0.0.1') }, 50011],
    ['no redirect URI', { redirect_uri: undefined }, 900144],
    ['a client without any', { client_id: orders }, 500113],
  ])('keeps the refusal of %s to itself', async (_what, parameters, code) => {
    const view = await authorize({ login_hint: ada, ...parameters });
    expect([view.status, view.location]).toEqual([400, undefined]);
    expect(view.html).toContain(`AADSTS${code}: `);
  });

  it('keeps the refusal of an unknown tenant, of a single-tenant client at common, and of a parameter twice to itself', async () => {
    expect((await authorize({}, 'nowhere.test')).html).toContain('AADSTS90002');
    expect((await authorize({}, 'common')).html).toContain('AADSTS50194');
    expect((await browse(`${authorizeUrl()}&state=b`)).html).toContain('AADSTS9000411');
  });

  it.each<[string, Parameters, string, number]>([
    ['no response type', { response_type: undefined }, 'invalid_request', 900144],
    ['an unknown response type', { response_type: 'code magic' }, 'unsupported_response_type', 70005],
    ['no scope', { scope: undefined }, 'invalid_request', 900144],
    ['an unknown resource', { scope: 'api://nowhere/x' }, 'invalid_resource', 500011],
    ['an unknown scope', { scope: 'api://orders/Nothing' }, 'invalid_client', 650053],
    ['a disabled scope', { scope: 'api://orders/Orders.Gone' }, 'invalid_client', 650053],
    ['an app role as a scope', { scope: 'api://orders/Orders.Read.All' }, 'invalid_client', 650053],
    ['a user role as a scope', { scope: 'api://orders/Dispatcher' }, 'invalid_client', 650053],
    ['.default beside a scope', { scope: `api://orders/.default ${reading[0]}` }, 'invalid_scope', 70011],
    ['.default of what was never granted', { scope: 'api://stock/.default' }, 'invalid_client', 650057],
    ['a short challenge', { code_challenge: 'x' }, 'invalid_request', 50147],
    ['nobody who could be silent', { prompt: 'none', login_hint: undefined }, 'login_required', 50058],
    ['someone unknown, silently', { prompt: 'none', login_hint: 'x@y.test' }, 'login_required', 50034],
    ['silence without consent', { prompt: 'none', scope: writing[0] }, 'consent_required', 65001],
    [
      'a user who is not assigned to the API',
      { login_hint: bob, scope: 'api://locked/Locked.Read' },
      'access_denied',
      50105,
    ],
    ['a user who is not assigned to the client', { client_id: lockedWeb }, 'access_denied', 50105],
    ['an access token, implicitly', { response_type: 'token' }, 'unsupported_response_type', 700051],
  ])('tells the application of %s', async (_what, parameters, error, code) => {
    const { answer } = await authorize({ login_hint: ada, ...parameters });
    expect(answer).toMatchObject({
      error,
      state: 'a state',
      error_description: expect.stringContaining(`AADSTS${code}:`),
    });
    expect(answer).not.toHaveProperty('code');
  });

  it('minds no port on this machine, as Entra does not', async () => {
    expect(await signIn({ redirect_uri: callback.replace('3000', '3001') })).toHaveProperty('code');
    const elsewhere = await authorize({ login_hint: ada, redirect_uri: 'https://web.test:444/callback' });
    expect(elsewhere.html).toContain('AADSTS50011');
  });

  it('lets an assigned user in where assignment is required', async () => {
    const { code } = await signIn({ scope: 'api://locked/Locked.Read' });
    expect(decodeJwt((await redeem(code)).body.access_token)).toMatchObject({
      scp: 'Locked.Read',
      roles: ['Locksmith'],
    });
    const first = await signIn({ scope: 'api://locked/.default' });
    entra.unassignAppRole({ principal: 'Ada', resource: 'Locked', appRole: 'Locksmith' });
    const { status, body } = await redeem(first.code);
    expect([status, body.error, body.error_codes]).toEqual([400, 'invalid_grant', [50105]]);
  });

  it('takes the request as a form, and answers in a fragment', async () => {
    const body = new URLSearchParams({ ...usual, login_hint: ada });
    const { answer, status } = await browse(`${entra.origin}/${entra.tenantId}/oauth2/v2.0/authorize`, {
      method: 'POST',
      body,
    });
    expect([status, answer?.state]).toEqual([303, 'a state']);
    const { location } = await authorize({ login_hint: ada, response_mode: 'fragment' });
    expect([location?.search, new URLSearchParams(location?.hash.slice(1)).get('state')]).toEqual(['', 'a state']);
  });

  it('speaks v1.0: what was granted of a resource, and an ID token of its own version', async () => {
    const url = authorizeUrl({ scope: undefined, resource: 'api://orders', login_hint: ada }, entra.tenantId, '');
    const { answer } = await browse(url);
    const form = { grant_type: 'authorization_code', client_id: web, client_secret: secret, redirect_uri: callback };
    const path = { path: 'oauth2/token' };
    const { body } = await ask(entra, { ...form, code: String(answer?.code) }, path);
    expect(body).toMatchObject({ expires_in: '3599', resource: 'api://orders', scope: 'Orders.Read' });
    expect(decodeJwt(body.id_token)).toMatchObject({ ver: '1.0', iss: `${entra.origin}/${entra.tenantId}/`, upn: ada });
    const renew = {
      grant_type: 'refresh_token',
      client_id: web,
      client_secret: secret,
      refresh_token: body.refresh_token,
    };
    const locked = await ask(entra, { ...renew, resource: 'api://locked' }, path);
    expect(decodeJwt(locked.body.access_token)).toMatchObject({ aud: 'api://locked', scp: 'Locked.Read' });
  });
});

describe('the pages', () => {
  it('let a person pick an account', async () => {
    const page = await authorize();
    expect(page.html).toMatch(/<html lang="en">.*<h1>Pick an account<\/h1>.*<strong>Web<\/strong>/s);
    const { answer } = await page.press('Bob');
    expect(decodeJwt((await redeem(answer?.code)).body.access_token).name).toBe('Bob');
    expect(page.html).not.toContain('fay@fabrikam.test');
  });

  it('say that a hint names nobody, without trusting it', async () => {
    const { html } = await authorize({ login_hint: '<b>"x"</b>' });
    expect(html).toContain('There is no account &lt;b&gt;&quot;x&quot;&lt;/b&gt; here.');
    expect((await authorize({ login_hint: ada, prompt: 'select_account' })).html).toContain('Pick an account');
  });

  it('ask for consent, keep it, and do not ask again', async () => {
    const asking = { login_hint: ada, scope: writing[0] };
    const page = await authorize(asking);
    expect(page.html).toContain('<h1>Permissions requested</h1>');
    expect(page.html).toContain('(Orders: Orders.Write)');
    expect(page.html).not.toContain('Consent on behalf of your organization');
    const { answer, status } = await page.press('Accept');
    expect(status).toBe(303);
    const { body } = await redeem(answer?.code);
    expect(decodeJwt(body.access_token).scp).toBe('Orders.Read Orders.Write');
    expect(body.scope).toBe('api://orders/Orders.Read api://orders/Orders.Write');
    expect((await authorize(asking)).answer).toHaveProperty('code');
    expect((await authorize({ ...asking, login_hint: bob })).html).toContain('Permissions requested');
    const again = await authorize({ ...asking, prompt: 'consent' });
    expect((await again.press('Cancel')).answer).toMatchObject({ error: 'access_denied' });
    expect((await again.press('Accept')).answer).toHaveProperty('code');
  });

  it('show what consent means to a user', async () => {
    entra.revokeScopes({ client: 'Web', resource: 'Orders', scopes: ['Orders.Read'] });
    expect((await authorize({ login_hint: ada })).html).toContain('<strong>Read your orders</strong>');
  });

  it('tell the application of a person who declines', async () => {
    const page = await authorize({ login_hint: ada, scope: writing[0] });
    expect((await page.press('Cancel')).answer).toMatchObject({
      error: 'access_denied',
      error_description: expect.stringContaining('AADSTS65004'),
    });
    expect((await authorize({ login_hint: ada, scope: writing[0] })).answer).toBeUndefined();
  });

  it("leave an administrator's scope to administrators, who may consent for everyone", async () => {
    const asking = { scope: 'api://orders/Orders.Manage' };
    const page = await authorize({ ...asking, login_hint: bob });
    expect(page.html).toContain('<h1>Need admin approval</h1>');
    await expect(page.press('Accept')).rejects.toThrow('There is no button');
    const url = authorizeUrl({ ...asking, login_hint: bob });
    const forged = await browse(url, { method: 'POST', body: new URLSearchParams({ decision: 'accept' }) });
    expect(forged.answer?.error_description).toContain('AADSTS90094');
    const returned = await page.press('Return to the application without granting consent');
    expect(returned.answer?.error_description).toContain('AADSTS90094');
    const administrators = await authorize({ ...asking, login_hint: admin });
    await administrators.press('Accept', { everyone: 'yes' });
    expect((await authorize({ ...asking, login_hint: bob })).answer).toHaveProperty('code');
  });

  it('let nobody consent for everyone but an administrator', async () => {
    const page = await authorize({ login_hint: ada, scope: writing[0] });
    const { answer } = await page.press('Accept', { everyone: 'yes' });
    expect(answer?.error_description).toContain('AADSTS90094');
  });

  it('take a decision from themselves only', async () => {
    const url = authorizeUrl({ login_hint: ada, scope: writing[0] });
    const body = new URLSearchParams({ decision: 'accept' });
    const forged = await browse(url, { method: 'POST', body, headers: { origin: 'https://attacker.example' } });
    expect([forged.status, forged.answer]).toEqual([400, undefined]);
  });

  it('run nothing, load nothing, and let nobody frame them', async () => {
    const page = await authorize();
    const policy = page.headers.get('content-security-policy');
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' http:\/\/localhost:\*/);
    expect(policy).not.toContain('script-src');
    expect(policy).toContain("frame-ancestors 'none'");
    expect(page.html).not.toContain('<script');
    const posting = await authorize({ login_hint: ada, response_mode: 'form_post' });
    expect(posting.headers.get('content-security-policy')).toMatch(/script-src 'sha256-/);
  });
});
