import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { minute, second } from '../../src/token/clock.js';
import { type Authority, asV1, otherTenantId, startAuthority, type TestKey, tenantId } from '../support/authority.js';
import { heapInUse } from './garbage.js';
import {
  forgedToken,
  forgedTokens,
  freshToken,
  healthOf,
  nextKey,
  ofTenant,
  outcome,
  outcomes,
  type Subject,
  verifierOf,
} from './verifier.js';

let authority: Authority;
let newKey: TestKey;
beforeAll(async () => {
  authority = await startAuthority();
  newKey = nextKey(authority);
});
afterAll(() => authority.close());
afterEach(() => {
  authority.keys = [authority.key];
});

async function warm(options: object = {}, ...claims: object[]): Promise<Subject> {
  const subject = verifierOf(authority, options);
  for (const each of claims.length > 0 ? claims : [{}]) {
    expect(await outcome(subject, freshToken(authority, authority.key, { ...each }))).toBe('200');
  }
  authority.requests.length = 0;
  return subject;
}

const keyFetches = () => authority.requests.filter((path) => path.endsWith('/keys')).length;

describe('a burst of 500 tokens with made-up keys', () => {
  test('all at once: two fetches at most, each refused with a code of its own, and counted', async () => {
    const subject = await warm();
    expect(await outcomes(subject, forgedTokens(authority, 500))).toEqual({ '401 unknown_key': 500 });
    expect(authority.requests.length).toBeLessThanOrEqual(2);
    expect(healthOf(subject)).toMatchObject({ ok: true, keys: 1, lastError: undefined, unknownKeys: 500 });
  });

  test('one after the other: two fetches, of the key set alone, and good tokens pass between them', async () => {
    const subject = await warm();
    for (const token of forgedTokens(authority, 500)) {
      expect(await outcome(subject, token)).toBe('401 unknown_key');
      expect(await outcome(subject, freshToken(authority))).toBe('200');
    }
    const keySet = `/${tenantId}/discovery/v2.0/keys`;
    expect(authority.requests).toEqual([keySet, keySet]);
  });

  test('at a cold start: the fetch that everyone needs, and two at most', async () => {
    const subject = verifierOf(authority);
    authority.requests.length = 0;
    expect(await outcomes(subject, forgedTokens(authority, 500))).toEqual({ '401 unknown_key': 500 });
    for (const token of forgedTokens(authority, 500)) await outcome(subject, token);
    expect(authority.requests.length).toBeLessThanOrEqual(4);
  });

  test.each([1, 150, 299, 301, 1_000])(
    '%d seconds after the start: two fetches, and no third for five minutes',
    async (after) => {
      const subject = await warm();
      await subject.clock.advance(after * second);
      for (let i = 0; i < 299; i++) {
        await outcome(subject, forgedToken(authority, `made-up-${i}`));
        await subject.clock.advance(second);
      }
      expect(keyFetches()).toBe(2);
    },
  );

  test('across the tenants of a list, in both versions: two fetches at most', async () => {
    const other = ofTenant(authority, otherTenantId);
    const subject = await warm({ tenants: [tenantId, otherTenantId] }, {}, other);
    const v1 = asV1(authority.user('Mail.Read'), authority.origin);
    expect(await outcome(subject, authority.token(v1))).toBe('200');
    authority.requests.length = 0;
    for (let i = 0; i < 166; i++) {
      const names = [`a-${i}`, `b-${i}`] as const;
      expect(await outcome(subject, forgedToken(authority, names[0]))).toBe('401 unknown_key');
      expect(await outcome(subject, forgedToken(authority, names[1], other))).toBe('401 unknown_key');
      expect(await outcome(subject, authority.token(v1, { kid: `c-${i}` }))).toBe('401 unknown_key');
    }
    expect(authority.requests.length).toBeLessThanOrEqual(2);
  });

  test('where any tenant may call, of as many tenants: two fetches at most', async () => {
    const subject = await warm({ tenants: 'any' });
    const tokens = Array.from({ length: 500 }, (_, i) =>
      forgedToken(
        authority,
        `made-up-${i}`,
        ofTenant(authority, `7e570000-0000-4000-8000-${String(i).padStart(12, '0')}`),
      ),
    );
    for (const token of tokens) expect(await outcome(subject, token)).toBe('401 unknown_key');
    expect(authority.requests.length).toBeLessThanOrEqual(2);
    expect(subject.verifier.keys.health().keySets).toHaveLength(1);
  });
});

describe('a flood of tokens with made-up keys', () => {
  test.each([1, 10, 70])(
    'every %d seconds for two hours costs two fetches, and one more every five minutes',
    async (pause) => {
      const subject = await warm();
      for (let time = 0, i = 0; time < 120 * minute; time += pause * second, i++) {
        await outcome(subject, forgedToken(authority, `made-up-${i}`));
        await subject.clock.advance(pause * second);
      }
      expect(keyFetches()).toBeLessThanOrEqual(2 + 120 / 5);
      expect(await outcome(subject, freshToken(authority))).toBe('200');
    },
  );

  test('of one and the same key, as from a client with an old token, costs no more', async () => {
    const subject = await warm();
    const token = forgedToken(authority, 'made-up');
    for (let time = 0; time < 120 * minute; time += 10 * second) {
      await outcome(subject, token);
      await subject.clock.advance(10 * second);
    }
    expect(keyFetches()).toBeLessThanOrEqual(2 + 120 / 5);
  });

  test('across the tenants of a list costs each key set no more than one fetch in five minutes', async () => {
    const tenants = [tenantId, otherTenantId, '7e570000-0000-4000-8000-00000000000c'];
    const subject = await warm({ tenants }, ...tenants.map((tid) => ofTenant(authority, tid)));
    for (let i = 0; i < 720; i++) {
      await outcome(subject, forgedToken(authority, `made-up-${i}`, ofTenant(authority, tenants[i % 3] ?? '')));
      await subject.clock.advance(10 * second);
    }
    expect(keyFetches()).toBeLessThanOrEqual(2 + (3 * 120) / 5);
  });

  test('every six minutes does not keep the metadata from being read every hour', async () => {
    const subject = await warm();
    for (let i = 0; i < 50; i++) {
      await subject.clock.advance(6 * minute);
      await outcome(subject, forgedToken(authority, `made-up-${i}`));
    }
    const metadata = authority.requests.filter((path) => path.endsWith('openid-configuration'));
    expect(metadata.length).toBeGreaterThanOrEqual(4);
    expect(keyFetches()).toBe(50);
  });

  test('leaves nothing behind in memory', { timeout: 20_000 }, async () => {
    const subject = await warm();
    const junk = async (howMany: number) => {
      for (let i = 0; i < howMany; i++) await outcome(subject, forgedToken(authority, `${i}`.padEnd(256, 'k')));
    };
    await junk(500);
    const before = heapInUse();
    await junk(10_000);
    expect(heapInUse() - before).toBeLessThan(1_000_000);
    expect(healthOf(subject).unknownKeys).toBe(10_500);
  });
});

describe('a rollover', () => {
  test('after one made-up key: the new key works at once', async () => {
    const subject = await warm();
    await outcome(subject, forgedToken(authority, 'made-up'));
    authority.keys = [newKey];
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('200');
  });

  test('after two made-up keys: the new key works at the end of the pause, and not before', async () => {
    const subject = await warm();
    for (const token of forgedTokens(authority, 2)) await outcome(subject, token);
    authority.keys = [newKey];
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('401 unknown_key');
    await subject.clock.advance(5 * minute - 1);
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('401 unknown_key');
    expect(keyFetches()).toBe(2);
    await subject.clock.advance(1);
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('200');
  });

  test('whose first token comes when the pause is almost over: it works a moment later', async () => {
    const subject = await warm();
    for (const token of forgedTokens(authority, 2)) await outcome(subject, token);
    await subject.clock.advance(5 * minute - second);
    authority.keys = [newKey];
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('401 unknown_key');
    await subject.clock.advance(second);
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('200');
  });

  test('right after its key was looked for in vain: it works five minutes later', async () => {
    const subject = await warm();
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('401 unknown_key');
    authority.keys = [newKey];
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('401 unknown_key');
    await subject.clock.advance(5 * minute);
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('200');
  });

  test('while a made-up key is being looked for: the new key is looked for after it', async () => {
    const subject = await warm();
    const junk = outcome(subject, forgedToken(authority, 'made-up'));
    await expect.poll(() => authority.requests.length, { interval: 1 }).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 0));
    authority.keys = [newKey];
    const early = outcome(subject, freshToken(authority, newKey));
    expect(await junk).toBe('401 unknown_key');
    expect(await early).toBe('200');
  });

  test('amid a burst of made-up keys: it works within five minutes, though it is never tried again before', async () => {
    const subject = await warm();
    const all = outcomes(subject, [...forgedTokens(authority, 50), freshToken(authority, newKey)]);
    expect(await all).toEqual({ '401 unknown_key': 51 });
    authority.keys = [newKey];
    await subject.clock.advance(5 * minute);
    authority.requests.length = 0;
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('200');
    expect(authority.requests).toEqual([]);
  });

  test('in version 1.0, where any tenant may call, after one made-up key: it works within five minutes', async () => {
    const subject = verifierOf(authority, { tenants: 'any' });
    const v1 = (key: TestKey) => authority.token(asV1(authority.user('Mail.Read'), authority.origin), {}, key);
    expect(await outcome(subject, v1(authority.key))).toBe('200');
    authority.requests.length = 0;
    await outcome(subject, v1({ ...authority.key, kid: 'made-up' }));
    await expect.poll(keyFetches).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    authority.keys = [newKey];
    await outcome(subject, v1(newKey));
    await subject.clock.advance(5 * minute);
    expect(await outcome(subject, v1(newKey))).toBe('200');
  });

  test.each([0, 7, 61, 150, 299])('%d seconds into a flood: the new key works within five minutes', async (into) => {
    const subject = await warm();
    let i = 0;
    const flood = async (seconds: number) => {
      for (let time = 0; time < seconds; time++) {
        await outcome(subject, forgedToken(authority, `made-up-${i++}`));
        await subject.clock.advance(second);
      }
    };
    await flood(600 + into);
    authority.keys = [newKey];
    await outcome(subject, freshToken(authority, newKey));
    await flood(300);
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('200');
  });

  test('in one tenant of a list while another is flooded: the new key works within five minutes', async () => {
    const other = ofTenant(authority, otherTenantId);
    const subject = await warm({ tenants: [tenantId, otherTenantId] }, {}, other);
    for (let i = 0; i < 900; i++) {
      if (i === 600) authority.keys = [newKey];
      if (i >= 600) await outcome(subject, freshToken(authority, newKey));
      await outcome(subject, forgedToken(authority, `made-up-${i}`, other));
      await subject.clock.advance(second);
    }
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('200');
  });

  test('an hourly refresh does not wait for the pause, nor the pause for it', async () => {
    const subject = await warm();
    await subject.clock.advance(subject.clock.untilNext() - second);
    for (const token of forgedTokens(authority, 3)) await outcome(subject, token);
    expect(subject.clock.untilNext()).toBeLessThanOrEqual(5 * minute);
  });
});
