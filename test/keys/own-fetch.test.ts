import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { second } from '../../src/token/clock.js';
import type { Fetch } from '../../src/token/index.js';
import { type Authority, startAuthority } from '../support/authority.js';
import { misbehave } from './bad-answers.js';
import { freshToken, healthOf, outcome, verifierOf } from './verifier.js';

let authority: Authority;
beforeAll(async () => {
  authority = await startAuthority();
});
afterAll(() => authority.close());
afterEach(() => {
  authority.intercept = undefined;
});

/** A `fetch` whose behaviour a test changes. */
function changeable(): { fetch: Fetch; now: Fetch } {
  const own = { fetch: ((...args) => own.now(...args)) as Fetch, now: globalThis.fetch };
  return own;
}

const never = new Promise<never>(() => {});
const bad: readonly [name: string, fetch: (...args: never[]) => unknown, reason: RegExp][] = [
  ['never settles', () => never, /^no answer within/],
  ['answers without end', () => new Response(new ReadableStream()), /^no answer within/],
  ['throws at once', () => fail(new Error('secret-host')), /^not reached \(no connection\)$/],
  ['throws what is no error', () => fail('secret-host'), /^not reached \(no connection\)$/],
  ['throws undefined', () => fail(undefined), /^not reached \(no connection\)$/],
  ['throws null', () => fail(null), /^not reached \(no connection\)$/],
  ['rejects', () => Promise.reject(new Error('secret-host')), /^not reached \(no connection\)$/],
  ['rejects with nothing', () => Promise.reject(), /^not reached \(no connection\)$/],
  ['gives undefined', () => undefined, /^not reached \(no response\)$/],
  ['resolves to undefined', async () => undefined, /^not reached \(no response\)$/],
  ['gives null', () => null, /^not reached \(no response\)$/],
  ['gives text', () => 'text', /^status undefined$/],
  ['gives what another has read', readResponse, /^broken off$/],
  ['gives a body that breaks', () => new Response(new ReadableStream({ pull: () => fail('x') })), /^broken off$/],
  ['gives an error response', () => Response.error(), /^status 0$/],
  ['gives no body', () => new Response(null), /^not JSON$/],
];

function fail(error: unknown): never {
  throw error;
}

async function readResponse(): Promise<Response> {
  const response = new Response('{}');
  await response.text();
  return response;
}

describe.each(bad)('a fetch that %s', { timeout: 10_000 }, (_name, misbehaving, reason) => {
  test('at the first request: 503, and well again by itself', async () => {
    const own = changeable();
    const subject = verifierOf(authority, { fetch: own.fetch });
    subject.limits.timeout = 200;
    own.now = misbehaving as Fetch;
    expect(await outcome(subject, freshToken(authority))).toBe('503 keys_unavailable');
    expect(healthOf(subject).lastError).toMatch(reason);
    expect(JSON.stringify(subject.verifier.keys.health())).not.toContain('secret');
    own.now = globalThis.fetch;
    subject.limits.timeout = 5_000;
    await subject.clock.advance(5 * second);
    expect(await outcome(subject, freshToken(authority))).toBe('200');
  });

  test('while keys are held: they serve', async () => {
    const own = changeable();
    const subject = verifierOf(authority, { fetch: own.fetch });
    await outcome(subject, freshToken(authority));
    subject.limits.timeout = 200;
    own.now = misbehaving as Fetch;
    await subject.clock.runNext();
    expect(healthOf(subject).lastError).toMatch(reason);
    expect(await outcome(subject, freshToken(authority))).toBe('200');
  });
});

test('a fetch that ignores its signal is given up all the same, and its body is not read on', async () => {
  let chunks = 0;
  let cancelled = false;
  const endless = () =>
    new Response(
      new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          chunks++;
          controller.enqueue(new Uint8Array([0x20]));
        },
        cancel() {
          cancelled = true;
        },
      }),
    );
  const subject = verifierOf(authority, { fetch: endless as unknown as Fetch });
  subject.limits.timeout = 200;
  expect(await outcome(subject, freshToken(authority))).toBe('503 keys_unavailable');
  await expect.poll(() => cancelled, { timeout: 2_000 }).toBe(true);
  const read = chunks;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(chunks).toBeLessThanOrEqual(read + 1);
});

test('an answer that comes after its time is not read', async () => {
  let cancelled = false;
  const late = async () => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    return new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(1_000)),
        cancel() {
          cancelled = true;
        },
      }),
    );
  };
  const subject = verifierOf(authority, { fetch: late as unknown as Fetch });
  subject.limits.timeout = 100;
  expect(await outcome(subject, freshToken(authority))).toBe('503 keys_unavailable');
  await expect.poll(() => cancelled, { timeout: 2_000 }).toBe(true);
});

test('what a fetch has been redirected to is refused, though it follows redirects itself', async () => {
  const follow: Fetch = (url, init) => globalThis.fetch(url, { ...init, redirect: 'follow' });
  const subject = verifierOf(authority, { fetch: follow });
  misbehave(authority, 'key set', (res, req) => void res.writeHead(302, { location: `${req.url}?moved` }).end());
  expect(await outcome(subject, freshToken(authority))).toBe('503 keys_unavailable');
  expect(healthOf(subject).lastError).toBe('redirected');
});

test('a fetch that shows redirects instead is refused too', async () => {
  const show: Fetch = (url, init) => globalThis.fetch(url, { ...init, redirect: 'manual' });
  const subject = verifierOf(authority, { fetch: show });
  misbehave(authority, 'metadata', (res, req) => void res.writeHead(302, { location: `${req.url}?moved` }).end());
  expect(await outcome(subject, freshToken(authority))).toBe('503 keys_unavailable');
  expect(healthOf(subject).lastError).toBe('status 302');
});

test('fetch is asked for JSON, without redirects, with a signal, and never with a credential', async () => {
  const asked: RequestInit[] = [];
  const listening: Fetch = (url, init) => {
    asked.push(init ?? {});
    return globalThis.fetch(url, init);
  };
  await outcome(verifierOf(authority, { fetch: listening }), freshToken(authority));
  expect(asked).toHaveLength(2);
  for (const init of asked) {
    expect(init).toEqual({
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: expect.any(AbortSignal),
    });
  }
});

test('the fetch of a test authority goes before the one of the options', async () => {
  let ours = 0;
  const fetch: Fetch = (url, init) => {
    ours++;
    return globalThis.fetch(url, init);
  };
  const elsewhere: Fetch = () => Promise.reject(new Error('the wrong one'));
  const subject = verifierOf(authority, { testAuthority: { origin: authority.origin, fetch }, fetch: elsewhere });
  expect(await outcome(subject, freshToken(authority))).toBe('200');
  expect(ours).toBe(2);
});

describe('in the cloud, a key set', () => {
  const tid = '11111111-1111-4111-8111-111111111111';
  const issuer = `https://login.microsoftonline.com/${tid}/v2.0`;
  const metadata = `${issuer}/.well-known/openid-configuration`;
  const path = `/${tid}/discovery/v2.0/keys`;

  /** The addresses that were asked for when the metadata names this one. */
  async function askedFor(jwks_uri: string): Promise<{ asked: string[]; answer: string }> {
    const asked: string[] = [];
    const fetch = (async (url: URL) => {
      asked.push(url.href);
      const { kid, publicKey } = authority.key;
      const keys = [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' }];
      return Response.json(url.href === metadata ? { issuer, jwks_uri } : { keys });
    }) as Fetch;
    const subject = verifierOf(authority, { tenant: tid, testAuthority: undefined, fetch });
    const answer = await outcome(subject, freshToken(authority, authority.key, { tid, iss: issuer }));
    return { asked, answer };
  }

  test('is fetched from the host of the metadata', async () => {
    const address = `https://login.microsoftonline.com${path}`;
    expect(await askedFor(address)).toEqual({ asked: [metadata, address], answer: '200' });
  });

  test.each([
    `http://login.microsoftonline.com${path}`,
    `https://login.microsoftonline.com:8443${path}`,
    `https://login.microsoftonline.com.evil.test${path}`,
    `https://evil-login.microsoftonline.com${path}`,
    `https://login.microsoftonline.com@evil.test${path}`,
    `https://login.microsoftonline.us${path}`,
    `https://sts.windows.net${path}`,
    `https:login${path}`,
    path,
  ])('is not fetched from %s', async (address) => {
    expect(await askedFor(address)).toEqual({ asked: [metadata], answer: '503 keys_unavailable' });
  });
});
