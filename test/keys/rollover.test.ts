import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hour, minute } from '../../src/token/clock.js';
import { type Authority, asV1, makeKey, startAuthority, type TestKey } from '../support/authority.js';
import { eventsDuring, freshToken, healthOf, nextKey, outcome, type Subject, verifierOf } from './verifier.js';

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
});

async function warm(options: object = {}): Promise<Subject> {
  const subject = verifierOf(authority, options);
  expect(await outcome(subject, freshToken(authority))).toBe('200');
  authority.requests.length = 0;
  return subject;
}

describe('while the authority answers', () => {
  test('keys are fetched again every hour, up to a tenth sooner, not all instances at once', async () => {
    const waits = await Promise.all(Array.from({ length: 20 }, async () => (await warm()).clock.untilNext()));
    for (const wait of waits) {
      expect(wait).toBeGreaterThanOrEqual(54 * minute);
      expect(wait).toBeLessThanOrEqual(60 * minute);
    }
    expect(new Set(waits).size).toBeGreaterThan(10);
  });

  test('a day costs one fetch of each document an hour, with or without requests', async () => {
    const { clock } = await warm();
    await clock.advance(24 * hour);
    expect(authority.requests.length).toBeGreaterThanOrEqual(2 * 24);
    expect(authority.requests.length).toBeLessThanOrEqual(2 * 27);
  });

  test('what an unknown key asked for counts as a refresh', async () => {
    const subject = await warm();
    await subject.clock.advance(50 * minute);
    authority.keys = [authority.key, newKey];
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('200');
    expect(subject.clock.untilNext()).toBeGreaterThanOrEqual(54 * minute);
  });
});

describe('a rollover', () => {
  test('with overlap: the new key is known before its first token comes', async () => {
    const subject = await warm();
    authority.keys = [authority.key, newKey];
    await subject.clock.runNext();
    authority.requests.length = 0;
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('200');
    expect(await outcome(subject, freshToken(authority))).toBe('200');
    expect(authority.requests).toEqual([]);
  });

  test('without overlap: the first token of the new key asks for it, once, and the old key serves on', async () => {
    const subject = await warm();
    authority.keys = [newKey];
    expect(
      await Promise.all(Array.from({ length: 50 }, () => outcome(subject, freshToken(authority, newKey)))),
    ).toEqual(Array.from({ length: 50 }, () => '200'));
    expect(authority.requests).toHaveLength(1);
    expect(await outcome(subject, freshToken(authority))).toBe('200');
  });

  test('without overlap in v1.0, where several tenants may call: both key sets learn it', async () => {
    const subject = verifierOf(authority, { tenants: 'any', cache: false });
    const v1 = (key: TestKey) => authority.token(asV1(authority.user('Mail.Read'), authority.origin), {}, key);
    expect(await outcome(subject, v1(authority.key))).toBe('200');
    authority.keys = [newKey];
    expect(await outcome(subject, v1(newKey))).toBe('200');
  });

  test('one kid with another key: the new key is taken, and the old one is gone, with what it signed', async () => {
    const impostor = makeKey(authority.key.kid, `${authority.origin}/{tenantid}/v2.0`);
    const subject = verifierOf(authority);
    const remembered = freshToken(authority);
    expect(await outcome(subject, remembered)).toBe('200');
    authority.keys = [impostor];
    await subject.clock.runNext();
    expect(await outcome(subject, remembered)).toBe('401 bad_signature');
    expect(await outcome(subject, freshToken(authority, impostor))).toBe('200');
    authority.keys = [authority.key];
    await subject.clock.runNext();
    expect(await outcome(subject, remembered)).toBe('200');
    expect(await outcome(subject, freshToken(authority, impostor))).toBe('401 bad_signature');
  });

  test('a key whose issuer changes: remembered tokens are held against its new issuer', async () => {
    const subject = verifierOf(authority);
    const remembered = freshToken(authority);
    expect(await outcome(subject, remembered)).toBe('200');
    authority.keys = [{ ...authority.key, issuer: `${authority.origin}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0` }];
    await subject.clock.runNext();
    expect(await outcome(subject, remembered)).toBe('401 wrong_key_issuer');
  });
});

describe('a key that is no longer published', () => {
  test('is asked about every 20 minutes, and withdrawn after three absences over at least an hour', async () => {
    const subject = await warm();
    const remembered = freshToken(authority);
    expect(await outcome(subject, remembered)).toBe('200');

    authority.keys = [newKey];
    await subject.clock.runNext();
    const firstAbsence = subject.clock.now();
    const events = await eventsDuring(async () => {
      for (let absences = 1; healthOf(subject).keys === 2; absences++) {
        expect(await outcome(subject, remembered)).toBe('200');
        expect(await outcome(subject, freshToken(authority))).toBe('200');
        expect(absences).toBeLessThanOrEqual(5);
        expect(subject.clock.untilNext()).toBeGreaterThanOrEqual(18 * minute);
        expect(subject.clock.untilNext()).toBeLessThanOrEqual(20 * minute);
        await subject.clock.runNext();
      }
    });
    const gone = subject.clock.now() - firstAbsence;
    expect(gone).toBeGreaterThanOrEqual(hour);
    expect(gone).toBeLessThanOrEqual(80 * minute);
    expect(events.filter(({ event }) => event === 'key-withdrawn')).toEqual([
      { event: 'key-withdrawn', kid: 'key-1', tenant: expect.any(String), version: '2.0' },
    ]);

    expect(await outcome(subject, remembered)).toBe('401 unknown_key');
    expect(await outcome(subject, freshToken(authority))).toBe('401 unknown_key');
    expect(await outcome(subject, freshToken(authority, newKey))).toBe('200');
  });

  test('leaves the hourly rhythm behind when it has been withdrawn', async () => {
    const subject = await warm();
    authority.keys = [newKey];
    await subject.clock.advance(3 * hour);
    expect(healthOf(subject).keys).toBe(1);
    expect(subject.clock.untilNext()).toBeLessThanOrEqual(hour);
    await subject.clock.runNext();
    expect(subject.clock.untilNext()).toBeGreaterThanOrEqual(54 * minute);
  });

  test('is not withdrawn sooner because unknown keys make the authority be asked more often', async () => {
    const subject = await warm();
    authority.keys = [newKey];
    await subject.clock.runNext();
    for (let i = 0; i < 11; i++) {
      await subject.clock.advance(5 * minute);
      await outcome(subject, freshToken(authority, { ...authority.key, kid: `made-up-${i}` }));
    }
    expect(authority.requests.length).toBeGreaterThan(10);
    expect(await outcome(subject, freshToken(authority))).toBe('200');
  });

  test('is not withdrawn by an outage: refreshes that fail are no absences', async () => {
    const subject = await warm();
    authority.keys = [newKey];
    await subject.clock.runNext();
    authority.intercept = (_req, res) => {
      res.writeHead(500).end();
      return true;
    };
    await subject.clock.advance(3 * hour);
    expect(await outcome(subject, freshToken(authority))).toBe('200');
    authority.intercept = undefined;
    await subject.clock.runNext();
    expect(await outcome(subject, freshToken(authority))).toBe('200');
    await subject.clock.runNext();
    expect(await outcome(subject, freshToken(authority))).toBe('401 unknown_key');
  });

  test('stays when it comes back after one absence, and what is remembered stays with it', async () => {
    const subject = await warm();
    const remembered = freshToken(authority);
    const caller = await subject.verifier.verify(remembered);
    authority.keys = [newKey];
    await subject.clock.runNext();
    authority.keys = [authority.key, newKey];
    await subject.clock.advance(2 * hour);
    expect(await subject.verifier.verify(remembered)).toBe(caller);

    authority.keys = [newKey];
    await subject.clock.runNext();
    await subject.clock.advance(50 * minute);
    expect(await outcome(subject, remembered)).toBe('200');
    await subject.clock.advance(30 * minute);
    expect(await outcome(subject, remembered)).toBe('401 unknown_key');
  });

  test('comes back to life when it is published again after it was withdrawn', async () => {
    const subject = await warm();
    authority.keys = [newKey];
    await subject.clock.advance(3 * hour);
    authority.keys = [authority.key];
    await subject.clock.advance(5 * minute);
    expect(await outcome(subject, freshToken(authority))).toBe('200');
  });
});
