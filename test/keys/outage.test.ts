import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { isRefusal } from '../../src/errors/index.js';
import { hour, minute, second } from '../../src/token/clock.js';
import { type TokenOptions, tokenVerifier } from '../../src/token/index.js';
import { type Authority, clientId, startAuthority, tenantId } from '../support/authority.js';
import {
  forgedTokens,
  freshToken,
  healthOf,
  nextKey,
  outcome,
  outcomes,
  type Subject,
  verifierOf,
} from './verifier.js';

let authority: Authority;
beforeAll(async () => {
  authority = await startAuthority();
});
afterAll(() => authority.close());
afterEach(() => {
  vi.useRealTimers();
  authority.keys = [authority.key];
  goUp();
});

function goDown(): void {
  authority.requests.length = 0;
  authority.intercept = (_req, res) => {
    res.writeHead(503).end();
    return true;
  };
}

function goUp(): void {
  authority.requests.length = 0;
  authority.intercept = undefined;
}

async function warm(options: object = {}): Promise<Subject> {
  const subject = verifierOf(authority, options);
  expect(await outcome(subject, freshToken(authority))).toBe('200');
  authority.requests.length = 0;
  return subject;
}

describe('known keys in an outage', () => {
  test.each([
    ['24 hours by default', {}, 24 * hour],
    ['as long as staleKeys says', { staleKeys: 3 }, 3 * hour],
    ['an hour at least', { staleKeys: 1 }, hour],
  ])('serve %s, to the millisecond, and are back by themselves', async (_name, options, staleKeys) => {
    const subject = await warm(options);
    const remembered = freshToken(authority);
    await outcome(subject, remembered);
    goDown();
    await subject.clock.advance(staleKeys);
    expect(await outcome(subject, remembered)).toBe('200');
    expect(await outcome(subject, freshToken(authority))).toBe('200');
    expect(healthOf(subject)).toMatchObject({ ok: true, keys: 1 });

    await subject.clock.advance(1);
    expect(await outcome(subject, remembered)).toBe('503 keys_unavailable');
    expect(await outcome(subject, freshToken(authority))).toBe('503 keys_unavailable');
    expect(healthOf(subject)).toMatchObject({ ok: false, keys: 0 });

    goUp();
    await subject.clock.advance(15 * minute);
    authority.requests.length = 0;
    expect(await outcome(subject, remembered)).toBe('200');
    expect(await outcome(subject, freshToken(authority))).toBe('200');
    expect(authority.requests).toEqual([]);
  });

  test.each([0, -1, 0.5, 169, Number.NaN, Number.POSITIVE_INFINITY, '24', null])(
    'staleKeys: %j is refused at the start',
    (staleKeys) => {
      expect(() => verifierOf(authority, { staleKeys })).toThrow('staleKeys must be a number of hours from 1 to 168.');
    },
  );

  test.each([1, 1.5, 24])(
    'health does not blink between refreshes without any request, with staleKeys: %d',
    async (staleKeys) => {
      const subject = await warm({ staleKeys });
      for (let i = 0; i < 5 * 60; i++) {
        await subject.clock.advance(minute);
        expect(subject.verifier.keys.health().ok).toBe(true);
      }
    },
  );
});

test('keys that may not be old are fetched twice as often as they would go stale', async () => {
  const { clock } = await warm({ staleKeys: 1 });
  expect(clock.untilNext()).toBeGreaterThanOrEqual(27 * minute);
  expect(clock.untilNext()).toBeLessThanOrEqual(30 * minute);
});

describe('the pauses between attempts', () => {
  test('double from 5 seconds up to 15 minutes, and start anew after a success', async () => {
    const subject = await warm();
    goDown();
    const expected = [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900].map((seconds) => seconds * second);
    for (const pause of expected) {
      await subject.clock.runNext();
      expect(subject.clock.untilNext()).toBeGreaterThanOrEqual(0.9 * pause);
      expect(subject.clock.untilNext()).toBeLessThanOrEqual(pause);
    }
    expect(authority.requests).toHaveLength(expected.length);
    goUp();
    await subject.clock.runNext();
    expect(healthOf(subject).lastError).toBeUndefined();
    goDown();
    await subject.clock.runNext();
    expect(subject.clock.untilNext()).toBeLessThanOrEqual(5 * second);
  });

  test('are as long at a cold start, and Retry-After says so', async () => {
    const subject = verifierOf(authority);
    goDown();
    await outcome(subject, freshToken(authority));
    for (const pause of [5, 10, 20, 40]) {
      const refusal = await Promise.resolve(subject.verifier.verify(freshToken(authority))).catch((error) => error);
      expect(isRefusal(refusal) && refusal.retryAfter).toBe(Math.ceil(subject.clock.untilNext() / second));
      expect(refusal.retryAfter).toBeLessThanOrEqual(pause);
      await subject.clock.runNext();
    }
  });

  test('stay within a quarter of an hour however long it lasts', async () => {
    const subject = verifierOf(authority);
    goDown();
    await outcome(subject, freshToken(authority));
    for (let i = 0; i < 1_200; i++) await subject.clock.runNext();
    expect(subject.clock.untilNext()).toBeGreaterThanOrEqual(13 * minute);
    expect(subject.clock.untilNext()).toBeLessThanOrEqual(15 * minute);
  });

  test('hold whatever requests come', async () => {
    const subject = verifierOf(authority);
    goDown();
    for (let i = 0; i < 60; i++) {
      await outcomes(subject, [freshToken(authority), ...forgedTokens(authority, 3)]);
      await subject.clock.advance(second);
    }
    expect(authority.requests.length).toBeLessThanOrEqual(5);
  });
});

describe('unknown keys in an outage', () => {
  test('500 of them at a cold start cause one attempt', async () => {
    const subject = verifierOf(authority);
    goDown();
    expect(await outcomes(subject, forgedTokens(authority, 500))).toEqual({ '503 keys_unavailable': 500 });
    for (const token of forgedTokens(authority, 50)) await outcome(subject, token);
    expect(authority.requests).toHaveLength(1);
    goUp();
    await subject.clock.advance(5 * second);
    expect(await outcome(subject, freshToken(authority))).toBe('200');
  });

  test('500 of them when it begins cause one attempt, and good tokens pass beside them', async () => {
    const subject = await warm();
    goDown();
    const [junk, good] = await Promise.all([
      outcomes(subject, forgedTokens(authority, 500)),
      outcomes(
        subject,
        Array.from({ length: 50 }, () => freshToken(authority)),
      ),
    ]);
    expect(junk).toEqual({ '503 keys_unavailable': 500 });
    expect(good).toEqual({ '200': 50 });
    for (const token of forgedTokens(authority, 50)) await outcome(subject, token);
    expect(authority.requests).toHaveLength(1);
  });

  test('500 of them in the middle cause none', async () => {
    const subject = await warm();
    goDown();
    await subject.clock.runNext();
    authority.requests.length = 0;
    for (const token of forgedTokens(authority, 500))
      expect(await outcome(subject, token)).toBe('503 keys_unavailable');
    expect(authority.requests).toEqual([]);
  });

  test('a key that is new in an outage is 503, not 401, and is taken when it is over', async () => {
    const subject = await warm();
    const key = nextKey(authority);
    goDown();
    await subject.clock.runNext();
    authority.keys = [authority.key, key];
    expect(await outcome(subject, freshToken(authority, key))).toBe('503 keys_unavailable');
    goUp();
    await subject.clock.advance(5 * second);
    expect(await outcome(subject, freshToken(authority, key))).toBe('200');
  });
});

describe('clocks', () => {
  const days = 24 * 60 * 60 * 1000;

  test.each([
    ['a month forward', 30 * days],
    ['a month back', -30 * days],
    ['to the beginning of time', -Date.now()],
  ])('the wall clock stepping %s makes no key stale and no fetch', async (_name, step) => {
    const verifier = tokenVerifier(
      { tenant: tenantId, clientId, testAuthority: authority.address } as TokenOptions,
      (claims) => claims,
    );
    expect(await outcome({ verifier }, freshToken(authority))).toBe('200');
    authority.requests.length = 0;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + step });
    expect(await outcome({ verifier }, freshToken(authority))).toBe('200');
    expect(verifier.keys.health()).toMatchObject({ ok: true, keySets: [{ age: expect.closeTo(0, -1) }] });
    expect(authority.requests).toEqual([]);
  });

  test('the wall clock stepping to and fro makes no key immortal', async () => {
    const subject = await warm({ staleKeys: 2 });
    goDown();
    for (const step of [-30 * days, 10 * days, -5 * days]) {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + step });
      await subject.clock.advance(39 * minute);
      expect(await outcome(subject, freshToken(authority))).toBe('200');
    }
    await subject.clock.advance(4 * minute);
    expect(await outcome(subject, freshToken(authority))).toBe('503 keys_unavailable');
  });

  test('the wall clock stepping is seen in the lifetime of tokens, also of remembered ones', async () => {
    const subject = await warm();
    const remembered = freshToken(authority);
    const now = Date.now();
    expect(await outcome(subject, remembered)).toBe('200');
    vi.useFakeTimers({ toFake: ['Date'], now: now + 2 * days });
    expect(await outcome(subject, remembered)).toBe('401 expired');
    vi.setSystemTime(now - 2 * days);
    expect(await outcome(subject, remembered)).toBe('401 not_yet_valid');
    vi.setSystemTime(now);
    expect(await outcome(subject, remembered)).toBe('200');
  });

  test('after a suspension that no timer has seen, stale keys are fetched by the first request', async () => {
    const subject = await warm();
    const remembered = freshToken(authority);
    await outcome(subject, remembered);
    subject.clock.sleep(48 * hour);
    expect(healthOf(subject).ok).toBe(false);
    authority.requests.length = 0;
    expect(await outcomes(subject, [remembered, freshToken(authority), freshToken(authority)])).toEqual({ '200': 3 });
    expect(authority.requests).toHaveLength(2);
  });
});
