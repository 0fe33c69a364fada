import { type Emulator, startEmulator } from 'express-app-roles/emulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { directory } from './directory.js';

const page = 'http://localhost:5173';
let entra: Emulator;
beforeAll(async () => {
  entra = await startEmulator({ directory, cors: [page] });
});
afterAll(() => entra.close());

const headersFor = async (origin: string, method: string) => {
  const { headers, status } = await fetch(`${entra.origin}/${entra.tenantId}/v2.0/.well-known/openid-configuration`, {
    method,
    headers: { origin, 'access-control-request-headers': 'content-type' },
  });
  return {
    status,
    allowed: headers.get('access-control-allow-origin'),
    named: headers.get('access-control-allow-headers'),
  };
};

it('lets the pages it was told of read answers, and no other', async () => {
  expect(await headersFor(page, 'GET')).toEqual({ status: 200, allowed: page, named: null });
  expect(await headersFor(page, 'OPTIONS')).toEqual({ status: 204, allowed: page, named: 'content-type' });
  expect(await headersFor('http://localhost:5174', 'GET')).toEqual({ status: 200, allowed: null, named: null });
  expect((await headersFor('http://localhost:5174', 'OPTIONS')).allowed).toBeNull();
});

it.each(['*', 'http://localhost:5173/', 'localhost:5173'])('is not told of %s', async (origin) => {
  await expect(startEmulator({ directory, cors: [origin] })).rejects.toThrow(/is not an origin such as/);
});
