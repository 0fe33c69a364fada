import { DeviceCodeCredential } from '@azure/identity';
import { type Emulator, startEmulator } from 'express-app-roles/emulator';
import { decodeJwt } from 'jose';
import { initiateDeviceAuthorization, None, pollDeviceAuthorizationGrant } from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browse } from './browser.js';
import { ask, openIdClient, overHttp, publicClient } from './clients.js';
import { desktop, directory, web } from './directory.js';

let entra: Emulator;
beforeAll(async () => {
  entra = await startEmulator({ directory });
});
afterAll(() => entra.close());

const scope = 'api://orders/Orders.Read';
const forDesktop = { azp: desktop, azpacr: '0', scp: 'Orders.Read Orders.Write', name: 'Ada' };

it('signs a device of msal-node in, or not', async () => {
  const client = await publicClient(entra, desktop);
  const request = (decide: (userCode: string) => void) =>
    client.acquireTokenByDeviceCode({ scopes: [scope], deviceCodeCallback: ({ userCode }) => decide(userCode) });
  const result = await request((userCode) => entra.approveDevice({ userCode, user: 'Ada' }));
  expect(decodeJwt(String(result?.accessToken))).toMatchObject(forDesktop);
  expect(result?.account?.username).toBe('ada@contoso.test');
  await expect(request((userCode) => entra.declineDevice(userCode))).rejects.toThrow(/authorization_declined/);
});

it('signs a device of @azure/identity in, on the page', async () => {
  const credential = new DeviceCodeCredential({
    ...overHttp(entra),
    tenantId: entra.tenantId,
    clientId: desktop,
    userPromptCallback: ({ userCode, verificationUri }) => {
      void approveOnPage(verificationUri, userCode);
    },
  });
  const { token } = await credential.getToken(scope);
  expect(decodeJwt(token)).toMatchObject(forDesktop);
});

it('signs a device of openid-client in, while it waits', async () => {
  const config = await openIdClient(entra, desktop, None());
  const device = await initiateDeviceAuthorization(config, { scope: `openid ${scope}` });
  setTimeout(() => entra.approveDevice({ userCode: device.user_code, user: 'Ada' }), 1500);
  const tokens = await pollDeviceAuthorizationGrant(config, device);
  expect(decodeJwt(tokens.access_token)).toMatchObject(forDesktop);
});

async function approveOnPage(page: string, userCode: string) {
  const wrong = await (await browse(page)).press('Next', { user_code: 'XXXXXXXXX' });
  expect(wrong.html).toContain('That code didn’t work');
  const accounts = await wrong.press('Next', { user_code: userCode.toLowerCase() });
  const confirmation = await accounts.press('Ada');
  expect(confirmation.html).toContain('Only continue if you are signing in to <strong>Desktop</strong>');
  const done = await confirmation.press('Continue');
  expect(done.html).toContain('You have signed in');
}

describe('the endpoints', () => {
  const start = async (client_id: string) =>
    (await ask(entra, { client_id, scope }, { path: 'oauth2/v2.0/devicecode' })).body;
  const poll = (device_code: string, form: Readonly<Record<string, string>> = {}) =>
    ask(entra, { grant_type: 'device_code', client_id: desktop, device_code, ...form });

  it('say what the device has to show', async () => {
    expect(await start(desktop)).toEqual({
      user_code: expect.stringMatching(/^[A-Z2-9]{9}$/),
      device_code: expect.any(String),
      verification_uri: `${entra.origin}/devicelogin`,
      expires_in: 900,
      interval: 1,
      message: expect.stringContaining('/devicelogin and enter the code '),
    });
  });

  it('tell a pending, an approved, a redeemed, a declined, a foreign and an expired code apart', async () => {
    const one = await start(desktop);
    const code = String(one.device_code);
    const urn = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code' };
    const pending = await poll(code, urn);
    expect([pending.status, pending.body.error, pending.body.error_codes]).toEqual([
      400,
      'authorization_pending',
      [70016],
    ]);
    entra.approveDevice({ userCode: String(one.user_code), user: 'Ada' });
    expect((await poll(code, { client_id: web, client_secret: 'a secret' })).body.error_codes).toEqual([70000]);
    expect((await poll(code)).status).toBe(200);
    expect((await poll(code)).body.error_codes).toEqual([54005]);
    const two = await start(desktop);
    const page = await (await browse(`${entra.origin}/devicelogin?user_code=${two.user_code}`)).press('Next', {
      user_code: String(two.user_code),
    });
    await (await page.press('Ada')).press('Cancel');
    expect((await poll(String(two.device_code))).body).toMatchObject({
      error: 'authorization_declined',
      error_codes: [70018],
    });
    expect((await poll('x')).body.error_codes).toEqual([70000]);
    const three = await start(desktop);
    entra.clock.setAhead(901);
    expect((await poll(String(three.device_code))).body).toMatchObject({
      error: 'expired_token',
      error_codes: [70020],
    });
    expect(() => entra.approveDevice({ userCode: String(three.user_code), user: 'Ada' })).toThrow(/no device waits/);
    entra.clock.setAhead(0);
  });

  it('sign no device in for a client that has to prove itself', async () => {
    const { device_code } = await start(web);
    const { status, body } = await poll(String(device_code), { client_id: web });
    expect([status, body.error_codes]).toEqual([401, [7000218]]);
  });

  it('approve nothing that the user could not', async () => {
    const manage = { client_id: desktop, scope: 'api://orders/Orders.Manage' };
    const { body } = await ask(entra, manage, { path: 'oauth2/v2.0/devicecode' });
    const userCode = String(body.user_code);
    expect(() => entra.approveDevice({ userCode, user: 'Bob' })).toThrow(/Admin consent is required/);
    expect(() => entra.approveDevice({ userCode, user: 'Fay' })).toThrow(/^user: no user is called "Fay"/);
    entra.approveDevice({ userCode, user: 'Admin' });
    const tokens = await poll(String(body.device_code));
    expect(decodeJwt(tokens.body.access_token).scp).toContain('Orders.Manage');
  });
});
