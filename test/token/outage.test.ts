import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Authority, asV1, makeKey, startAuthority, tenantId } from '../support/authority.js';
import { answer, get, protect } from './api.js';

let authority: Authority;
beforeAll(async () => {
  authority = await startAuthority();
});
beforeEach(() => {
  authority.requests.length = 0;
  authority.intercept = undefined;
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => authority.close());

const api = (options: object = {}) => protect({ tenant: tenantId, testAuthority: authority.origin, ...options });
const goodToken = () => authority.token(authority.user('Mail.Read'));
const isKeySet = (req: IncomingMessage) => req.url?.endsWith('/keys') ?? false;
const isMetadata = (req: IncomingMessage) => !isKeySet(req);
const json = (res: ServerResponse, body: unknown) => {
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

type Fault = (req: IncomingMessage, res: ServerResponse) => boolean;
const only =
  (where: (req: IncomingMessage) => boolean, what: (res: ServerResponse) => void): Fault =>
  (req, res) => {
    if (!where(req)) return false;
    what(res);
    return true;
  };
const metadata = (members: () => object): Fault => only(isMetadata, (res) => json(res, members()));
const keySet = (body: unknown): Fault => only(isKeySet, (res) => json(res, body));

const faults: readonly (readonly [string, Fault])[] = [
  ['metadata: 500', only(isMetadata, (res) => res.writeHead(500).end())],
  ['metadata: 404', only(isMetadata, (res) => res.writeHead(404).end('{}'))],
  ['metadata: 401', only(isMetadata, (res) => res.writeHead(401).end())],
  ['metadata: 204', only(isMetadata, (res) => res.writeHead(204).end())],
  ['metadata: a redirect', only(isMetadata, (res) => res.writeHead(302, { location: '/elsewhere' }).end())],
  ['metadata: a page', only(isMetadata, (res) => res.end('<html>sign in to the guest network</html>'))],
  ['metadata: nothing', only(isMetadata, (res) => res.end())],
  ['metadata: null', only(isMetadata, (res) => json(res, null))],
  ['metadata: a list', only(isMetadata, (res) => json(res, []))],
  ['metadata: cut off', only(isMetadata, (res) => res.socket?.destroy())],
  ['metadata: of another issuer', metadata(() => ({ issuer: 'https://attacker.test', jwks_uri: authority.origin }))],
  [
    'metadata: of the template',
    metadata(() => ({ issuer: `${authority.origin}/{tenantid}/v2.0`, jwks_uri: `${authority.origin}/keys` })),
  ],
  ['metadata: without a key set', metadata(() => ({ issuer: `${authority.origin}/${tenantId}/v2.0` }))],
  [
    'metadata: a key set on another host',
    metadata(() => ({ issuer: `${authority.origin}/${tenantId}/v2.0`, jwks_uri: 'https://attacker.test/keys' })),
  ],
  [
    'metadata: a key set on another port',
    metadata(() => ({ issuer: `${authority.origin}/${tenantId}/v2.0`, jwks_uri: 'http://127.0.0.1:1/keys' })),
  ],
  [
    'metadata: a key set by another protocol',
    metadata(() => ({
      issuer: `${authority.origin}/${tenantId}/v2.0`,
      jwks_uri: authority.origin.replace('http:', 'https:'),
    })),
  ],
  [
    'metadata: a key set that is a file',
    metadata(() => ({ issuer: `${authority.origin}/${tenantId}/v2.0`, jwks_uri: 'file:///keys' })),
  ],
  ['key set: 500', only(isKeySet, (res) => res.writeHead(500).end())],
  ['key set: a redirect', only(isKeySet, (res) => res.writeHead(301, { location: '/elsewhere' }).end())],
  ['key set: not JSON', only(isKeySet, (res) => res.end('keys'))],
  ['key set: empty', keySet({ keys: [] })],
  ['key set: an object', keySet({ keys: {} })],
  ['key set: none', keySet({})],
  [
    'key set: without a usable key',
    keySet({ keys: [null, 1, 'key', {}, { kty: 'RSA', kid: 'key-1', n: 'AA', e: '' }] }),
  ],
  ['key set: too large', only(isKeySet, (res) => res.end(JSON.stringify({ keys: [], filler: 'x'.repeat(2_000_000) })))],
];

describe('keys that cannot be had', () => {
  test.each(faults)('are 503 with Retry-After, and nobody is blamed: %s', async (_name, fault) => {
    const app = api();
    authority.intercept = fault;
    const res = await get(app, goodToken());
    expect([res.status, res.body.code]).toEqual([503, 'keys_unavailable']);
    expect(res.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(res.headers['www-authenticate']).toBeUndefined();
  });

  test.each(faults)('are had again after Retry-After: %s', async (_name, fault) => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const app = api();
    authority.intercept = fault;
    const { headers } = await get(app, goodToken());
    authority.intercept = undefined;
    vi.advanceTimersByTime(Number(headers['retry-after']) * 1000);
    expect(await answer(app, goodToken())).toBe('200');
  });

  test.each([
    [
      'connection refused',
      () => Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } })),
    ],
    [
      'an error thrown at once',
      () => {
        throw new Error('no proxy');
      },
    ],
    [
      'undefined thrown',
      () => {
        throw undefined;
      },
    ],
    ['a rejection without a reason', () => Promise.reject()],
    ['no answer object', async () => undefined],
    ['an answer without a body', async () => ({ status: 200 })],
    ['an answer without anything', async () => ({})],
  ])('are 503 where fetch gives %s', async (_name, fetch) => {
    expect(await answer(api({ fetch }), goodToken())).toBe('503 keys_unavailable');
  });

  test('are 503 where the authority is gone altogether', async () => {
    const gone = await startAuthority();
    await gone.close();
    const app = api({ testAuthority: gone.origin });
    expect(await answer(app, gone.token(gone.user('Mail.Read')))).toBe('503 keys_unavailable');
  });

  test('are 503 for everyone who waits at the same time, by one fetch', async () => {
    const slow = await startAuthority();
    const app = api({ testAuthority: slow.origin });
    const token = slow.token(slow.user('Mail.Read'));
    slow.intercept = only(isMetadata, (res) => setTimeout(() => res.writeHead(500).end(), 200));
    const answers = await Promise.all(Array.from({ length: 20 }, () => answer(app, token)));
    expect(new Set(answers)).toEqual(new Set(['503 keys_unavailable']));
    expect(slow.requests).toHaveLength(1);
    await slow.close();
  });

  test('are 503 where only one of the two sets of a v1.0 token can be had', async () => {
    const app = api({ tenant: undefined, tenants: 'any' });
    authority.intercept = only(
      (req) => req.url?.includes('v2.0') ?? false,
      (res) => res.writeHead(500).end(),
    );
    expect(await answer(app, authority.token(asV1(authority.user('Mail.Read'), authority.origin)))).toBe(
      '503 keys_unavailable',
    );
  });

  test('are of no concern any more to a caller who has left', async () => {
    const slow = await startAuthority();
    const app = api({ testAuthority: slow.origin });
    const asked = new Promise<ServerResponse>((resolve) => {
      slow.intercept = only(isMetadata, resolve);
    });
    const server = createServer(app).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const abort = new AbortController();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mail`;
    const left = fetch(url, {
      headers: { authorization: `Bearer ${slow.token(slow.user('Mail.Read'))}` },
      signal: abort.signal,
    });
    const res = await asked;
    abort.abort();
    await expect(left).rejects.toThrow('abort');
    res.writeHead(500).end();
    expect((await fetch(`${url.slice(0, -5)}/who`)).status).toBe(200);
    server.closeAllConnections();
    server.close();
    await slow.close();
  });

  test('are no reason to doubt a bad token: what can be told without them is told', async () => {
    const app = api();
    authority.intercept = only(isMetadata, (res) => res.writeHead(500).end());
    expect(await answer(app, 'garbage')).toBe('401 not_a_jwt');
    expect(await answer(app, authority.token(authority.user('Mail.Read', { exp: 2, nbf: 1 })))).toBe('401 expired');
  });

  test('do not concern those who come without a token', async () => {
    const app = api();
    authority.intercept = only(isMetadata, (res) => res.writeHead(500).end());
    expect((await get(app, '', '/who')).status).toBe(400);
    expect((await get(app, goodToken(), '/who')).status).toBe(503);
  });

  test('stay where they are known: an outage later lets known keys serve', async () => {
    const app = api();
    expect(await answer(app, goodToken())).toBe('200');
    authority.intercept = only(isMetadata, (res) => res.writeHead(500).end());
    expect(await answer(app, goodToken())).toBe('200');
    expect(await answer(app, authority.token(authority.user('Mail.Read'), {}, makeKey('key-1')))).toBe(
      '401 bad_signature',
    );
  });
});
