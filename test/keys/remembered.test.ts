import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { Refusal } from '../../src/errors/index.js';
import { minute } from '../../src/token/clock.js';
import { type TokenOptions, tokenVerifier } from '../../src/token/index.js';
import { VerifiedTokens } from '../../src/token/verified-tokens.js';
import { type Authority, asV1, clientId, makeKey, startAuthority, tenantId } from '../support/authority.js';
import { answer, apiOf } from './api.js';
import { collectGarbage } from './garbage.js';
import { freshToken, nextKey, outcome, type Subject, verifierOf } from './verifier.js';

let authority: Authority;
beforeAll(async () => {
  authority = await startAuthority();
});
afterAll(() => authority.close());
afterEach(() => {
  vi.useRealTimers();
  authority.keys = [authority.key];
  authority.intercept = undefined;
});

async function warm(options: object = {}): Promise<Subject> {
  const subject = verifierOf(authority, options);
  await subject.verifier.keys.refresh();
  return subject;
}

describe('a token that was seen before', () => {
  test('is known at once, without being verified or identified again', async () => {
    const { verifier, verified } = await warm();
    const token = freshToken(authority);
    const caller = verifier.verify(token);
    expect(caller).not.toBeInstanceOf(Promise);
    for (let i = 0; i < 10; i++) expect(verifier.verify(token)).toBe(caller);
    expect(verified).toHaveLength(1);
  });

  test('is the same frozen caller in each request', async () => {
    const api = apiOf(authority);
    const token = freshToken(authority);
    for (let i = 0; i < 3; i++) expect(await answer(api, token)).toBe('200');
    expect(new Set(api.callers).size).toBe(1);
    const everything: object[] = [...api.callers];
    for (const each of everything) {
      expect(Object.isFrozen(each)).toBe(true);
      everything.push(
        ...Object.values(each).filter(
          (value) => typeof value === 'object' && value !== null && !everything.includes(value),
        ),
      );
    }
  });

  test('that came many times at once before the keys were there is remembered all the same', async () => {
    const { verifier, verified } = verifierOf(authority);
    const token = freshToken(authority);
    await Promise.all(Array.from({ length: 50 }, () => verifier.verify(token)));
    const before = verified.length;
    expect(verifier.verify(token)).not.toBeInstanceOf(Promise);
    expect(verified).toHaveLength(before);
  });

  test('is verified anew with cache: false', async () => {
    const { verifier, verified } = await warm({ cache: false });
    const token = freshToken(authority);
    expect(verifier.verify(token)).not.toBe(verifier.verify(token));
    expect(verified).toHaveLength(2);
  });
});

describe('one changed character', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const changed = (token: string, at: number, char: string) => token.slice(0, at) + char + token.slice(at + 1);

  test('anywhere makes it a token that has not been seen', async () => {
    const subject = await warm();
    const token = freshToken(authority);
    const caller = subject.verifier.verify(token);
    for (let at = 0; at < token.length; at++) {
      const other = changed(token, at, token[at] === 'A' ? 'B' : 'A');
      if (at === token.length - 1) continue;
      expect(await outcome(subject, other)).toMatch(/^401 /);
    }
    for (const char of alphabet) {
      const other = changed(token, token.length - 1, char);
      if (other !== token && (await outcome(subject, other)) === '200')
        expect(subject.verifier.verify(other)).not.toBe(caller);
    }
    expect(subject.verifier.verify(token)).toBe(caller);
  });

  test('more or less makes it a token that has not been seen', async () => {
    const subject = await warm();
    const token = freshToken(authority);
    expect(await outcome(subject, token)).toBe('200');
    for (const other of [
      token.slice(0, -1),
      `${token}A`,
      `${token}=`,
      ` ${token}`,
      `${token}.`,
      `${token}\uD800`,
      '',
    ]) {
      expect(await outcome(subject, other)).toMatch(/^40[01] /);
    }
  });
});

describe('a token that failed is not remembered', () => {
  test('for its signature: it is refused every time, and its good twin passes', async () => {
    const subject = await warm();
    const token = freshToken(authority);
    const forged = `${token.slice(0, token.lastIndexOf('.'))}.${freshToken(authority).split('.')[2]}`;
    for (let i = 0; i < 3; i++) expect(await outcome(subject, forged)).toBe('401 bad_signature');
    expect(await outcome(subject, token)).toBe('200');
    expect(await outcome(subject, forged)).toBe('401 bad_signature');
    expect(subject.verified).toHaveLength(1);
  });

  test('for its key: it passes when the key is published', async () => {
    const subject = await warm();
    const key = nextKey(authority);
    const token = freshToken(authority, key);
    expect(await outcome(subject, token)).toBe('401 unknown_key');
    authority.keys = [authority.key, key];
    await subject.clock.advance(5 * minute);
    expect(await outcome(subject, token)).toBe('200');
  });

  test('for lack of keys: it passes when there are some', async () => {
    const subject = verifierOf(authority);
    const token = freshToken(authority);
    authority.intercept = (_req, res) => {
      res.writeHead(500).end();
      return true;
    };
    expect(await outcome(subject, token)).toBe('503 keys_unavailable');
    authority.intercept = undefined;
    await subject.clock.runNext();
    expect(await outcome(subject, token)).toBe('200');
  });

  test('for its time: it passes when its time has come', async () => {
    const subject = await warm();
    const now = Math.floor(Date.now() / 1000);
    const token = freshToken(authority, authority.key, { nbf: now + 1_000, exp: now + 2_000 });
    expect(await outcome(subject, token)).toBe('401 not_yet_valid');
    vi.useFakeTimers({ toFake: ['Date'], now: (now + 1_000) * 1_000 });
    expect(await outcome(subject, token)).toBe('200');
  });

  test('for who it says is calling: that is asked every time', async () => {
    let asked = 0;
    const verifier = tokenVerifier(
      { tenant: tenantId, clientId, testAuthority: authority.address } as TokenOptions,
      () => {
        asked++;
        throw new Refusal('unknown_kind');
      },
    );
    const token = freshToken(authority);
    for (let i = 0; i < 3; i++) expect(await outcome({ verifier } as never, token)).toBe('401 unknown_kind');
    expect(asked).toBe(3);
  });

  test.each([
    ['at once', (admitted: boolean): unknown => admitted],
    ['later', async (admitted: boolean): Promise<unknown> => admitted],
  ])('for its tenant, refused %s: it is remembered only when it passes', async (_name, give) => {
    let admitted = false;
    const subject = await warm({ tenants: () => give(admitted) });
    const token = freshToken(authority);
    for (let i = 0; i < 3; i++) expect(await outcome(subject, token)).toBe('401 wrong_tenant');
    const refused = subject.verified.length;
    admitted = true;
    for (let i = 0; i < 3; i++) expect(await outcome(subject, token)).toBe('200');
    expect(subject.verified).toHaveLength(refused + 1);
  });
});

describe('asked for every request, also of a remembered token', () => {
  test.each([
    [undefined, 300],
    [0, 0],
    [60, 60],
  ])('its lifetime, with clockTolerance: %j', async (clockTolerance, seconds) => {
    const subject = await warm(clockTolerance === undefined ? {} : { clockTolerance });
    const now = Math.floor(Date.now() / 1000);
    const token = freshToken(authority, authority.key, { nbf: now - 10, exp: now + 100 });
    const at = (second: number, millisecond = 0) =>
      vi.useFakeTimers({ toFake: ['Date'], now: second * 1_000 + millisecond });
    expect(await outcome(subject, token)).toBe('200');
    at(now + 99 + seconds, 999);
    expect(await outcome(subject, token)).toBe('200');
    at(now + 100 + seconds);
    expect(await outcome(subject, token)).toBe('401 expired');
    at(now - 10 - seconds);
    expect(await outcome(subject, token)).toBe('200');
    at(now - 11 - seconds);
    expect(await outcome(subject, token)).toBe('401 not_yet_valid');
    expect(subject.verified).toHaveLength(1);
  });

  test('its key: a token of a distrusted key is not saved by its like of another', async () => {
    const key = nextKey(authority);
    authority.keys = [authority.key, key];
    const subject = await warm();
    const [old, young] = [freshToken(authority), freshToken(authority, key)];
    for (const token of [old, young]) expect(await outcome(subject, token)).toBe('200');
    subject.verifier.keys.distrust(authority.key.kid);
    expect(await outcome(subject, old)).toBe('401 unknown_key');
    expect(await outcome(subject, young)).toBe('200');
  });

  test('its key in version 1.0, where any tenant may call: also the key set that names its issuer', async () => {
    const subject = await warm({ tenants: 'any' });
    const token = authority.token(asV1(authority.user('Mail.Read'), authority.origin));
    expect(await outcome(subject, token)).toBe('200');
    authority.keys = [nextKey(authority)];
    await subject.verifier.keys.store('2.0', 'organizations').refresh({ replace: true });
    expect(await outcome(subject, token)).toBe('401 unknown_key');
  });

  const soon = <T>(value: T) => new Promise<T>((resolve) => setTimeout(resolve, 1, value));
  test.each([
    ['at once', (admitted: unknown) => admitted],
    ['later', soon],
  ])('its tenant, where the answer comes %s', async (_name, give) => {
    const asked: string[] = [];
    let admitted: unknown = true;
    const subject = await warm({
      tenants: (tenant: string) => {
        asked.push(tenant);
        return give(admitted);
      },
    });
    const token = freshToken(authority);
    for (const [value, expected] of [
      [true, '200'],
      [false, '401 wrong_tenant'],
      [undefined, '401 wrong_tenant'],
      ['yes', '401 wrong_tenant'],
      [1, '401 wrong_tenant'],
      [{}, '401 wrong_tenant'],
      [true, '200'],
    ] as const) {
      admitted = value;
      expect(await outcome(subject, token)).toBe(expected);
    }
    expect(asked).toEqual(Array.from({ length: 7 }, () => tenantId));
    expect(subject.verified).toHaveLength(1);
  });

  test.each([
    ['throws', () => fail()],
    ['rejects', () => Promise.reject(new Error('database'))],
  ])('its tenant, where the question %s: nobody passes', async (_name, failing) => {
    let tenants: () => unknown = () => true;
    const api = apiOf(authority, { tenants: () => tenants() });
    const token = freshToken(authority);
    expect(await answer(api, token)).toBe('200');
    tenants = failing;
    expect(await answer(api, token)).toMatch(/^500 /);
    tenants = () => true;
    expect(await answer(api, token)).toBe('200');
  });

  const denials: readonly [name: string, deny: () => unknown, expected: string][] = [
    ['false', () => false, '200'],
    ['true', () => true, '401 denied'],
    ['undefined', () => undefined, '401 denied'],
    ['null', () => null, '401 denied'],
    ['0', () => 0, '401 denied'],
    ['an empty text', () => '', '401 denied'],
    ['a promise of true', async () => true, '401 denied'],
    ['a promise of false', async () => false, '401 denied'],
    ['an error', () => fail(), '500 database'],
  ];
  test.each(denials)('deny, whose answer is %s', async (_name, answered, expected) => {
    let deny: () => unknown = () => false;
    const seen: unknown[] = [];
    const api = apiOf(authority, {
      deny(caller: unknown) {
        seen.push(caller);
        return deny();
      },
    });
    const token = freshToken(authority);
    expect(await answer(api, token)).toBe('200');
    deny = answered;
    expect(await answer(api, token)).toBe(expected);
    expect(await answer(api, freshToken(authority))).toBe(expected);
    deny = () => false;
    expect(await answer(api, token)).toBe('200');
    expect(seen).toHaveLength(4);
    expect(seen[0]).toMatchObject({ kind: 'delegated', tenantId });
    expect(seen[1]).toBe(seen[0]);
  });

  test('deny is not asked about who is nobody, nor about a token that failed', async () => {
    let asked = 0;
    const api = apiOf(authority, {
      deny() {
        asked++;
        return false;
      },
    });
    await answer(api, 'garbage');
    await answer(api, freshToken(authority, makeKey('key-1')));
    expect(asked).toBe(0);
  });
});

describe('what is remembered is bounded', () => {
  const entry = (characters: number) => ({ characters });

  /** How many of many entries, and of how many characters in sum, something still holds. */
  async function held(cache: VerifiedTokens<{ characters: number }>, sizes: readonly number[]) {
    const all = sizes.map((characters, i) => {
      const each = entry(characters);
      cache.set(cache.key(`token-${i}`), each);
      return new WeakRef(each);
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    collectGarbage();
    const alive = all.flatMap((each) => each.deref() ?? []);
    return { count: alive.length, characters: alive.reduce((sum, { characters }) => sum + characters, 0), cache };
  }

  test.each([2, 3, 4, 5, 99, 100])('by count: %d', async (maxTokens) => {
    const { count } = await held(
      new VerifiedTokens({ maxTokens }),
      Array.from({ length: 1_000 }, () => 100),
    );
    expect(count).toBeLessThanOrEqual(maxTokens);
    expect(count).toBeGreaterThanOrEqual(Math.floor(maxTokens / 2));
  });

  test.each([2, 3, 1_000, 10_001])('by characters: %d', async (maxCharacters) => {
    const sizes = Array.from({ length: 1_000 }, (_, i) => 1 + ((i * 7_919) % 700));
    const { characters } = await held(new VerifiedTokens({ maxCharacters }), sizes);
    expect(characters).toBeLessThanOrEqual(maxCharacters);
  });

  test('by characters, where one token alone is too much: it is not remembered, and drives nothing out', async () => {
    const cache = new VerifiedTokens({ maxCharacters: 1_000 });
    cache.set('small', entry(100));
    for (let i = 0; i < 10; i++) cache.set(`large-${i}`, entry(501));
    expect(cache.get('large-9')).toBeUndefined();
    expect(cache.get('small')).toEqual(entry(100));
  });

  test('to 10,000 tokens unless the options say otherwise', { timeout: 20_000 }, async () => {
    const { count } = await held(
      new VerifiedTokens(),
      Array.from({ length: 25_000 }, () => 1),
    );
    expect(count).toBeLessThanOrEqual(10_000);
    expect(count).toBeGreaterThanOrEqual(5_000);
  });

  test('to 64,000,000 characters unless the options say otherwise', async () => {
    const { characters } = await held(
      new VerifiedTokens(),
      Array.from({ length: 3_000 }, () => 32_768),
    );
    expect(characters).toBeLessThanOrEqual(64_000_000);
    expect(characters).toBeGreaterThanOrEqual(30_000_000);
  });

  test('in two generations: what is used stays, what is not goes', () => {
    const cache = new VerifiedTokens({ maxTokens: 10 });
    const used = entry(1);
    cache.set('used', used);
    cache.set('unused', entry(1));
    for (let i = 0; i < 100; i++) {
      cache.set(`passing-${i}`, entry(1));
      expect(cache.get('used')).toBe(used);
    }
    expect(cache.get('unused')).toBeUndefined();
  });

  test('and what is forgotten is forgotten in both generations', () => {
    const cache = new VerifiedTokens({ maxTokens: 4 });
    cache.set('a', entry(1));
    cache.set('b', entry(1));
    cache.set('c', entry(1));
    expect(cache.get('a')).toBeDefined();
    cache.delete('a');
    expect(cache.get('a')).toBeUndefined();
  });

  test('through the option of authenticate: a token that was driven out is verified anew', async () => {
    const subject = await warm({ cache: { maxTokens: 2 } });
    const tokens = [freshToken(authority), freshToken(authority), freshToken(authority)];
    for (const token of tokens) expect(await outcome(subject, token)).toBe('200');
    expect(await outcome(subject, tokens[2] ?? '')).toBe('200');
    expect(subject.verified).toHaveLength(3);
    expect(await outcome(subject, tokens[0] ?? '')).toBe('200');
    expect(subject.verified).toHaveLength(4);
  });

  test('nothing of the tokens themselves is held', async () => {
    const subject = await warm();
    const token = freshToken(authority);
    expect(await outcome(subject, token)).toBe('200');
    const seen = new Set<unknown>();
    const search = (value: unknown): boolean => {
      if (typeof value === 'string') return value.includes(token) || value === token.split('.')[2];
      if (typeof value !== 'object' || value === null || seen.has(value)) return false;
      seen.add(value);
      const members = value instanceof Map ? [...value.keys(), ...value.values()] : Object.values(value);
      return members.some(search);
    };
    const cache = new VerifiedTokens();
    cache.set(cache.key(token), { characters: token.length });
    expect(search(cache)).toBe(false);
    expect(cache.key(token)).toHaveLength(44);
  });
});

test.each([
  [{ maxTokens: 0 }],
  [{ maxTokens: 1 }],
  [{ maxTokens: -5 }],
  [{ maxTokens: 2.5 }],
  [{ maxTokens: Number.NaN }],
  [{ maxTokens: Number.POSITIVE_INFINITY }],
  [{ maxTokens: '100' }],
  [{ maxTokens: null }],
  [{ maxCharacters: 0 }],
  [{ maxCharacters: Number.POSITIVE_INFINITY }],
  [{ maxCharacters: '64MB' }],
  [{ maxToken: 100 }],
  [{ max: 100 }],
  [null],
  [true],
  [100],
  ['off'],
  [[]],
])('cache: %j is refused at the start', (cache) => {
  expect(() => apiOf(authority, { cache })).toThrow(/cache/);
});

function fail(): never {
  throw new Error('database');
}
