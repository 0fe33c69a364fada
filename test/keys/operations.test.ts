import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hour, minute, second } from '../../src/token/clock.js';
import {
  type Authority,
  asV1,
  clientId,
  otherTenantId,
  startAuthority,
  type TestKey,
  tenantId,
} from '../support/authority.js';
import { answer, apiOf } from './api.js';
import {
  eventsDuring,
  forgedToken,
  freshToken,
  healthOf,
  nextKey,
  ofTenant,
  outcome,
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
  authority.intercept = undefined;
  authority.requests.length = 0;
});

function goDown(which = ''): void {
  authority.intercept = (req, res) => {
    if (!req.url?.includes(which)) return false;
    res.writeHead(503).end();
    return true;
  };
}

async function warm(options: object = {}): Promise<Subject> {
  const subject = verifierOf(authority, options);
  expect(await outcome(subject, freshToken(authority))).toBe('200');
  authority.requests.length = 0;
  return subject;
}

describe('ready()', () => {
  test('fetches the keys of both versions, so that the first request waits for nothing', async () => {
    const api = apiOf(authority);
    await api.auth.ready();
    expect(authority.requests).toHaveLength(4);
    authority.requests.length = 0;
    expect(await answer(api, freshToken(authority))).toBe('200');
    expect(await answer(api, authority.token(asV1(authority.user('Mail.Read'), authority.origin)))).toBe('200');
    expect(authority.requests).toEqual([]);
  });

  test.each([
    ['each tenant of a list', { tenants: [tenantId, otherTenantId] }, [tenantId, otherTenantId]],
    ['all tenants', { tenants: 'any' }, ['organizations']],
    ['all tenants and personal accounts', { tenants: () => true, personalAccounts: true }, ['common']],
  ])('fetches the keys of %s', async (_name, options, tenants) => {
    const { auth } = apiOf(authority, options);
    await auth.ready();
    expect(auth.health().keySets.map(({ tenant, version, ok }) => `${tenant} ${version} ${ok}`)).toEqual(
      tenants.flatMap((tenant) => [`${tenant} 2.0 true`, `${tenant} 1.0 true`]),
    );
  });

  test('beside first requests fetches nothing twice', async () => {
    const api = apiOf(authority);
    const [statuses] = await Promise.all([
      Promise.all(Array.from({ length: 10 }, () => answer(api, freshToken(authority)))),
      api.auth.ready(),
      api.auth.ready(),
    ]);
    expect(new Set(statuses)).toEqual(new Set(['200']));
    expect(authority.requests).toHaveLength(4);
  });

  test('in an outage rejects, says why, and goes on in the background', async () => {
    const { verifier, clock } = verifierOf(authority);
    goDown();
    await expect(verifier.keys.refresh()).rejects.toThrow(
      `The authority's keys cannot be had: keys of ${tenantId}, v2.0: status 503; keys of ${tenantId}, v1.0: status 503.`,
    );
    authority.intercept = undefined;
    await clock.advance(5 * second);
    authority.requests.length = 0;
    expect(verifier.keys.health()).toMatchObject({ ok: true, keySets: [{ ok: true }, { ok: true }] });
    expect(await outcome({ verifier }, freshToken(authority))).toBe('200');
    expect(authority.requests).toEqual([]);
  });

  test('names the one key set of several that cannot be had', async () => {
    const { verifier } = verifierOf(authority, { tenants: [tenantId, otherTenantId] });
    goDown(`/${otherTenantId}/v2.0`);
    await expect(verifier.keys.refresh()).rejects.toThrow(
      `The authority's keys cannot be had: keys of ${otherTenantId}, v2.0: status 503.`,
    );
    expect(await outcome({ verifier }, freshToken(authority))).toBe('200');
  });
});

describe('health()', () => {
  test('before the first request: not ok, and nothing known', () => {
    const { auth } = apiOf(authority);
    expect(auth.health()).toEqual({ ok: false, keySets: [] });
    expect(authority.requests).toEqual([]);
  });

  test('while all is well: age and next attempt go with time', async () => {
    const subject = await warm();
    await subject.clock.advance(10 * minute);
    const health = healthOf(subject);
    expect(health).toEqual({
      tenant: tenantId,
      version: '2.0',
      ok: true,
      keys: 1,
      age: 600,
      lastError: undefined,
      nextAttempt: expect.any(Number),
      unknownKeys: 0,
    });
    expect(health.nextAttempt).toBe(Math.round(subject.clock.untilNext() / second));
  });

  test('in an outage: ok while any key is usable, with its age and the reason; afterwards as before', async () => {
    const subject = await warm({ staleKeys: 2 });
    goDown();
    await subject.clock.advance(90 * minute);
    expect(subject.verifier.keys.health().ok).toBe(true);
    expect(healthOf(subject)).toMatchObject({ ok: true, keys: 1, age: 5_400, lastError: 'status 503' });
    expect(healthOf(subject).nextAttempt).toBeLessThanOrEqual(900);
    await subject.clock.advance(31 * minute);
    expect(subject.verifier.keys.health().ok).toBe(false);
    expect(healthOf(subject)).toMatchObject({ ok: false, keys: 0, age: 7_260 });
    authority.intercept = undefined;
    await subject.clock.advance(15 * minute);
    expect(subject.verifier.keys.health().ok).toBe(true);
    expect(healthOf(subject)).toMatchObject({ ok: true, keys: 1, lastError: undefined });
  });

  test('at a cold start in an outage: not ok, no age, and when it will be tried again', async () => {
    const subject = verifierOf(authority);
    goDown();
    await outcome(subject, freshToken(authority));
    expect(healthOf(subject)).toEqual({
      tenant: tenantId,
      version: '2.0',
      ok: false,
      keys: 0,
      age: undefined,
      lastError: 'status 503',
      nextAttempt: 5,
      unknownKeys: 0,
    });
  });

  test('of a list of tenants: ok while one of them can be served', async () => {
    const subject = verifierOf(authority, { tenants: [tenantId, otherTenantId] });
    goDown(otherTenantId);
    const other = ofTenant(authority, otherTenantId);
    expect(await outcome(subject, freshToken(authority, authority.key, other))).toBe('503 keys_unavailable');
    expect(subject.verifier.keys.health().ok).toBe(false);
    expect(await outcome(subject, freshToken(authority))).toBe('200');
    expect(subject.verifier.keys.health()).toMatchObject({
      ok: true,
      keySets: [
        { tenant: otherTenantId, ok: false },
        { tenant: tenantId, ok: true },
      ],
    });
  });

  test('makes no request and cannot be written to the store', async () => {
    const subject = await warm();
    const health = subject.verifier.keys.health();
    Object.assign(health, { ok: false });
    Object.assign(health.keySets[0] ?? {}, { keys: 0 });
    expect(subject.verifier.keys.health()).toMatchObject({ ok: true, keySets: [{ keys: 1 }] });
    expect(authority.requests).toEqual([]);
  });
});

describe('keys.distrust', () => {
  test('ends what the key has signed at once, also remembered tokens, and survives every refresh', async () => {
    authority.keys = [authority.key, newKey];
    const subject = await warm();
    const remembered = freshToken(authority);
    expect(await outcome(subject, remembered)).toBe('200');

    subject.verifier.keys.distrust(authority.key.kid);
    const isGone = async () => {
      expect(await outcome(subject, remembered)).toBe('401 unknown_key');
      expect(await outcome(subject, freshToken(authority))).toBe('401 unknown_key');
      expect(await outcome(subject, freshToken(authority, newKey))).toBe('200');
      expect(healthOf(subject)).toMatchObject({ ok: true, keys: 1 });
    };
    await isGone();
    await subject.clock.advance(3 * hour);
    await isGone();
    await subject.verifier.keys.refresh();
    await subject.verifier.keys.refresh({ replace: true });
    await isGone();
  });

  test('of the only key: not ok, and its tokens cause no fetch', async () => {
    const subject = await warm();
    subject.verifier.keys.distrust(authority.key.kid);
    expect(subject.verifier.keys.health().ok).toBe(false);
    for (let i = 0; i < 10; i++) expect(await outcome(subject, freshToken(authority))).toBe('401 unknown_key');
    expect(authority.requests).toEqual([]);
  });

  test('of a key that is no longer published: its tokens cause no fetch, now or later', async () => {
    authority.keys = [authority.key, newKey];
    const subject = await warm();
    authority.keys = [newKey];
    subject.verifier.keys.distrust(authority.key.kid);
    await subject.verifier.keys.refresh({ replace: true });
    authority.requests.length = 0;
    for (let i = 0; i < 10; i++) expect(await outcome(subject, freshToken(authority))).toBe('401 unknown_key');
    expect(authority.requests).toEqual([]);
    expect(subject.clock.untilNext()).toBeGreaterThanOrEqual(54 * minute);
  });

  test('of a key that has not been seen yet: it is never taken', async () => {
    const subject = await warm();
    subject.verifier.keys.distrust(newKey.kid);
    authority.keys = [authority.key, newKey];
    await subject.verifier.keys.refresh();
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('401 unknown_key');
    expect(await outcome(subject, freshToken(authority))).toBe('200');
  });

  test('is 401 in an outage too: no waiting would help', async () => {
    const subject = await warm();
    goDown();
    await subject.clock.runNext();
    subject.verifier.keys.distrust(authority.key.kid);
    expect(await outcome(subject, freshToken(authority))).toBe('401 unknown_key');
  });

  test('while a request waits for the keys: it is refused', async () => {
    const subject = verifierOf(authority);
    const pending = outcome(subject, freshToken(authority));
    subject.verifier.keys.distrust(authority.key.kid);
    expect(await pending).toBe('401 unknown_key');
  });

  test('goes for every tenant and both versions', async () => {
    const subject = await warm({ tenants: [tenantId, otherTenantId] });
    const other = authority.user('Mail.Read', ofTenant(authority, otherTenantId));
    const tokens = [authority.token(other), authority.token(asV1(other, authority.origin)), freshToken(authority)];
    for (const token of tokens) expect(await outcome(subject, token)).toBe('200');
    subject.verifier.keys.distrust(authority.key.kid);
    for (const token of tokens) expect(await outcome(subject, token)).toBe('401 unknown_key');
  });

  test.each(['', undefined, null, 7, ['key-1']])('takes the id of a key, not %j', (kid) => {
    const { auth } = apiOf(authority);
    expect(() => auth.keys.distrust(kid as string)).toThrow('distrust takes the id of a key, its kid.');
  });
});

describe('keys.refresh', () => {
  test('takes what is new, and keeps what is gone', async () => {
    const subject = await warm();
    authority.keys = [newKey];
    await subject.verifier.keys.refresh();
    expect(healthOf(subject).keys).toBe(2);
    expect(await outcome(subject, freshToken(authority))).toBe('200');
  });

  test('with replace lets go at once of what is gone, and of what it signed', async () => {
    const subject = await warm();
    const remembered = freshToken(authority);
    await outcome(subject, remembered);
    authority.keys = [newKey];
    await subject.verifier.keys.refresh({ replace: true });
    expect(healthOf(subject).keys).toBe(1);
    expect(await outcome(subject, remembered)).toBe('401 unknown_key');
    expect(await outcome(subject, freshToken(authority))).toBe('401 unknown_key');
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('200');
  });

  test('with replace does not settle for a fetch that was under way', async () => {
    const subject = await warm();
    const { keys } = subject.verifier;
    const before = keys.refresh();
    authority.keys = [newKey];
    const junk = outcome(subject, forgedToken(authority, 'made-up'));
    await Promise.all([before, keys.refresh(), keys.refresh({ replace: true }), keys.refresh(), junk]);
    expect(await outcome(subject, freshToken(authority))).toBe('401 unknown_key');
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('200');
  });

  test.each([
    ['an outage', (): void => goDown()],
    [
      'an empty key set',
      (): void => {
        authority.keys = [];
      },
    ],
  ])('with replace in %s rejects, and no key is lost', async (_name, fault) => {
    const subject = await warm();
    fault();
    await expect(subject.verifier.keys.refresh({ replace: true })).rejects.toThrow(
      "The authority's keys cannot be had",
    );
    expect(await outcome(subject, freshToken(authority))).toBe('200');
    expect(healthOf(subject)).toMatchObject({ ok: true, keys: 1 });
  });

  test('tries at once in an outage, without waiting for the pause', async () => {
    const subject = await warm();
    goDown();
    await subject.clock.advance(2 * hour);
    authority.intercept = undefined;
    await subject.verifier.keys.refresh();
    expect(healthOf(subject).lastError).toBeUndefined();
    expect(subject.clock.untilNext()).toBeGreaterThanOrEqual(54 * minute);
  });

  test('leaves one timer for each key set', async () => {
    const subject = await warm();
    for (let i = 0; i < 10; i++) await subject.verifier.keys.refresh();
    authority.requests.length = 0;
    await subject.clock.advance(hour);
    expect(authority.requests.length).toBeLessThanOrEqual(2 * 2 * 2);
  });
});

describe('ownSigningKeys', () => {
  test.each([
    ['one tenant', {}, [tenantId]],
    ['a list of tenants', { tenants: [tenantId, otherTenantId] }, [tenantId, otherTenantId]],
    ['any tenant', { tenants: 'any' }, ['organizations']],
  ])('asks for the metadata of this API: %s', async (_name, options, tenants) => {
    const { verifier } = verifierOf(authority, { ownSigningKeys: true, ...options });
    await verifier.keys.refresh();
    const metadata = authority.requests.filter((path) => path.includes('.well-known'));
    expect(metadata.toSorted()).toEqual(
      tenants
        .flatMap((tenant) => [tenant, `${tenant}/v2.0`])
        .map((path) => path.replace(/^organizations$/, 'common'))
        .map((path) => `/${path}/.well-known/openid-configuration?appid=${clientId}`)
        .toSorted(),
    );
  });

  test.each([{}, { ownSigningKeys: false }])('is not asked for with %j', async (options) => {
    await warm(options);
    const { verifier } = verifierOf(authority, options);
    await verifier.keys.refresh();
    expect(authority.requests.join()).not.toContain('appid');
  });

  test('takes its keys from where that metadata says', async () => {
    const subject = verifierOf(authority, { ownSigningKeys: true });
    authority.intercept = (req, res) => {
      if (!req.url?.endsWith(`?appid=${clientId}`)) return false;
      const { origin } = authority;
      const jwks_uri = `${origin}/${tenantId}/discovery/v2.0/keys?appid=${clientId}`;
      res.writeHead(200).end(JSON.stringify({ issuer: `${origin}/${tenantId}/v2.0`, jwks_uri }));
      return true;
    };
    await outcome(subject, freshToken(authority));
    expect(authority.requests.at(-1)).toBe(`/${tenantId}/discovery/v2.0/keys?appid=${clientId}`);
  });
});

describe('events', () => {
  const subject = { tenant: tenantId, version: '2.0' };

  test('tell what happens to the keys, in order', async () => {
    const instance = verifierOf(authority);
    const events = await eventsDuring(async () => {
      await outcome(instance, freshToken(authority));
      authority.keys = [newKey];
      await instance.clock.advance(3 * hour);
      goDown();
      await instance.clock.runNext();
      instance.verifier.keys.distrust(newKey.kid);
    });
    expect(events.filter(({ event }) => event !== 'refreshed')).toEqual([
      { event: 'key-added', kid: 'key-1', ...subject },
      { event: 'key-added', kid: 'key-2', ...subject },
      { event: 'key-withdrawn', kid: 'key-1', ...subject },
      { event: 'refresh-failed', reason: 'status 503', ...subject },
      { event: 'key-distrusted', kid: 'key-2' },
    ]);
    expect(events.filter(({ event }) => event === 'refreshed').length).toBeGreaterThanOrEqual(6);
  });

  test('name no key that only a token names, nor anything else of a token', async () => {
    const instance = await warm();
    const events = await eventsDuring(async () => {
      for (const kid of ['made-up', 'made-up', 'more', 'and more']) {
        await outcome(instance, forgedToken(authority, kid, { name: 'made-up name' }));
      }
    });
    expect(events.filter(({ event }) => event === 'unknown-key')).toEqual(
      Array.from({ length: 4 }, () => ({ event: 'unknown-key', ...subject })),
    );
    expect(JSON.stringify(events)).not.toMatch(/made-up|more/);
  });

  test('name nothing that a server sent in place of a document', async () => {
    const instance = verifierOf(authority);
    authority.intercept = (_req, res) => {
      res.writeHead(500, 'secret phrase', { 'x-secret': 'secret' }).end('{"secret":"body"}');
      return true;
    };
    const events = await eventsDuring(() => outcome(instance, freshToken(authority)));
    expect(events).toEqual([{ event: 'refresh-failed', reason: 'status 500', ...subject }]);
  });
});
