import { OnBehalfOfCredential } from '@azure/identity';
import { type Emulator, startEmulator } from 'express-app-roles/emulator';
import { decodeJwt } from 'jose';
import { genericGrantRequest } from 'openid-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, confidential, openIdClient, overHttp } from './clients.js';
import { directory, orders, secret, stock } from './directory.js';

let entra: Emulator;
beforeAll(async () => {
  entra = await startEmulator({ directory });
});
afterAll(() => entra.close());

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const scope = 'api://stock/Stock.Read';
const forOrders = (user = 'Ada') =>
  entra.userToken({ user, client: 'Web', resource: 'Orders', scopes: ['Orders.Read'], tenant: 'contoso.test' });
const onBehalfOfAda = () => ({
  ver: '1.0',
  aud: 'api://stock',
  appid: orders,
  appidacr: '1',
  scp: 'Stock.Read',
  oid: entra.directory.users.named('Ada').objectId,
});

it('gives msal-node the token of the next API, and keeps it by the assertion', async () => {
  const client = await confidential(entra, { clientId: orders, clientSecret: secret });
  const request = { scopes: [scope], oboAssertion: forOrders() };
  const first = await client.acquireTokenOnBehalfOf(request);
  expect(decodeJwt(String(first?.accessToken))).toMatchObject(onBehalfOfAda());
  expect(await client.acquireTokenOnBehalfOf(request)).toMatchObject({ fromCache: true });
  expect(await client.acquireTokenOnBehalfOf({ ...request, oboAssertion: forOrders('Bob') })).toMatchObject({
    fromCache: false,
  });
  const unconsented = client.acquireTokenOnBehalfOf({ ...request, scopes: ['api://stock/Stock.Count'] });
  await expect(unconsented).rejects.toMatchObject({ name: 'InteractionRequiredAuthError', errorNo: 65001 });
});

it('gives @azure/identity and openid-client the token of the next API', async () => {
  const credential = new OnBehalfOfCredential({
    ...overHttp(entra),
    tenantId: entra.tenantId,
    clientId: orders,
    clientSecret: secret,
    userAssertionToken: forOrders(),
  });
  expect(decodeJwt((await credential.getToken(scope)).token)).toMatchObject(onBehalfOfAda());
  const config = await openIdClient(entra, orders, secret);
  const parameters = { assertion: forOrders(), scope, requested_token_use: 'on_behalf_of' };
  const tokens = await genericGrantRequest(config, JWT_BEARER, parameters);
  expect(decodeJwt(tokens.access_token)).toMatchObject(onBehalfOfAda());
});

const altered = (token: string) => token.replace(/\.[^.]+$/, (signature) => `.${'A'.repeat(signature.length - 1)}`);
const signed = (claims: object) => entra.sign({ ...decodeJwt(forOrders()), ...claims });

it.each<[string, () => Readonly<Record<string, string>>, number, string, number]>([
  [
    'a token for another API',
    () => ({ assertion: entra.userToken({ user: 'Ada', client: 'Web', resource: 'Stock', scopes: ['Stock.Read'] }) }),
    400,
    'invalid_grant',
    500131,
  ],
  [
    "a client's own token",
    () => ({ assertion: entra.applicationToken({ client: 'Daemon', resource: 'Orders' }) }),
    400,
    'invalid_grant',
    7000114,
  ],
  ['an altered token', () => ({ assertion: altered(forOrders()) }), 400, 'invalid_grant', 50013],
  ['no token', () => ({ assertion: 'x' }), 400, 'invalid_grant', 50013],
  [
    'a token of another issuer',
    () => ({ assertion: signed({ iss: 'https://elsewhere.test/' }) }),
    400,
    'invalid_grant',
    50013,
  ],
  ['an expired token', () => ({ assertion: signed({ exp: 1_000_000_000 }) }), 400, 'invalid_grant', 500133],
  ['a token that is neither', () => ({ assertion: signed({ scp: undefined }) }), 401, 'invalid_client', 50027],
  ['what was not consented to', () => ({ scope: 'api://stock/Stock.Count' }), 400, 'invalid_grant', 65001],
  ['.default of what was never granted', () => ({ scope: 'api://locked/.default' }), 400, 'invalid_grant', 65001],
  ['a client without proof', () => ({ client_secret: '' }), 401, 'invalid_client', 7000218],
  ['another use', () => ({ requested_token_use: 'x' }), 400, 'invalid_request', 9002313],
  ['no scope', () => ({ scope: '' }), 400, 'invalid_request', 900144],
])('refuses %s', async (_what, form, status, error, code) => {
  const answer = await ask(entra, {
    grant_type: JWT_BEARER,
    client_id: orders,
    client_secret: secret,
    requested_token_use: 'on_behalf_of',
    assertion: forOrders(),
    scope,
    ...form(),
  });
  expect([answer.status, answer.body.error, answer.body.error_codes]).toEqual([status, error, [code]]);
});

it('takes the assertion as of v1.0, for a resource', async () => {
  const form = {
    grant_type: JWT_BEARER,
    client_id: orders,
    client_secret: secret,
    requested_token_use: 'on_behalf_of',
  };
  const { body } = await ask(entra, { ...form, assertion: forOrders(), resource: stock }, { path: 'oauth2/token' });
  expect(decodeJwt(body.access_token)).toMatchObject({ aud: stock, scp: 'Stock.Read' });
});
