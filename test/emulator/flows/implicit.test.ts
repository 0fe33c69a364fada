import { type Emulator, startEmulator } from 'express-app-roles/emulator';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { browse } from './browser.js';
import { callback, directory, implicit, web } from './directory.js';

let entra: Emulator;
beforeAll(async () => {
  entra = await startEmulator({ directory });
});
afterAll(() => entra.close());

const authorize = (parameters: Readonly<Record<string, string>>) => {
  const usual = {
    client_id: implicit,
    redirect_uri: callback,
    scope: 'openid profile api://orders/Orders.Read',
    nonce: 'n',
    login_hint: 'ada@contoso.test',
  };
  const query = new URLSearchParams({ ...usual, ...parameters });
  return browse(`${entra.origin}/${entra.tenantId}/oauth2/v2.0/authorize?${query}`);
};

it('is refused with the reason unless the application enables it', async () => {
  const { location, answer } = await authorize({ client_id: web, response_type: 'id_token' });
  expect(location?.search).toBe('');
  expect(answer).toMatchObject({
    error: 'unsupported_response_type',
    error_description: expect.stringMatching(/AADSTS700054: .*implicitGrantSettings.*PKCE/),
  });
});

it('answers in the fragment, or a form, and never in the query', async () => {
  const { location, answer } = await authorize({ response_type: 'id_token token', state: 's' });
  expect([location?.search, answer?.state]).toEqual(['', 's']);
  expect(decodeJwt(answer?.access_token ?? '')).toMatchObject({ scp: 'Orders.Read', azpacr: '0' });
  expect(decodeJwt(answer?.id_token ?? '')).toMatchObject({ aud: implicit, nonce: 'n', at_hash: expect.any(String) });
  const posted = await authorize({ response_type: 'code id_token', response_mode: 'form_post' });
  expect(decodeJwt(posted.answer?.id_token ?? '')).toHaveProperty('c_hash');
  const query = await authorize({ response_type: 'token', response_mode: 'query' });
  expect(query.location?.search).toBe('');
  expect(query.answer?.error_description).toContain('AADSTS70007');
});

it('asks for a nonce where an ID token goes by the browser', async () => {
  const { answer } = await authorize({ response_type: 'id_token', nonce: '' });
  expect(answer?.error_description).toContain(
    "AADSTS900144: The request body must contain the following parameter: 'nonce'",
  );
});
