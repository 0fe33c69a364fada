import { ConfidentialClientApplication } from '@azure/msal-node';
import { type Emulator, startEmulator } from 'express-app-roles/emulator';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { apiV2, directory, script, secret } from './directory-for-tests.js';

let entra: Emulator;
beforeAll(async () => {
  entra = await startEmulator({ directory });
});
afterAll(() => entra.close());

/** Microsoft's own client, told where the local Entra is by its discovery document: no patching, no certificate. */
async function client(clientId: string, clientSecret: string) {
  const { origin, tenantId } = entra;
  const discovery = await fetch(`${origin}/${tenantId}/v2.0/.well-known/openid-configuration`);
  return new ConfidentialClientApplication({
    auth: {
      clientId,
      clientSecret,
      authority: `https://login.microsoftonline.com/${tenantId}`,
      authorityMetadata: await discovery.text(),
    },
  });
}

it('gets a token, and the second time from its cache', async () => {
  const msal = await client(script, secret);
  const first = await msal.acquireTokenByClientCredential({ scopes: [`api://${apiV2}/.default`] });
  expect(decodeJwt(String(first?.accessToken)).roles).toEqual(['Mail.Read', 'Mail.Send']);
  expect(first?.fromCache).toBe(false);
  const second = await msal.acquireTokenByClientCredential({ scopes: [`api://${apiV2}/.default`] });
  expect(second).toMatchObject({ accessToken: first?.accessToken, fromCache: true });
});

it.each([
  ['a wrong secret', script, 'nope', `api://${apiV2}/.default`, 'invalid_client', 7000215],
  ['an unknown client', apiV2.replace('f2', 'ff'), 'x', `api://${apiV2}/.default`, 'unauthorized_client', 700016],
  ['an unknown resource', script, secret, 'api://nowhere/.default', 'invalid_resource', 500011],
  ['a scope that is not .default', script, secret, `api://${apiV2}/Mail.Read`, 'invalid_scope', 1002012],
])('understands the refusal of %s', async (_what, clientId, clientSecret, scope, errorCode, errorNo) => {
  const msal = await client(clientId, clientSecret);
  await expect(msal.acquireTokenByClientCredential({ scopes: [scope] })).rejects.toMatchObject({ errorCode, errorNo });
});
