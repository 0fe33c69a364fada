import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { isRefusal } from '../../src/errors/index.js';
import { minute, second } from '../../src/token/clock.js';
import { fetchLimits } from '../../src/token/fetch-json.js';
import { type Authority, startAuthority } from '../support/authority.js';
import {
  type BadAnswer,
  badAnswers,
  badKeySets,
  badMetadata,
  documents,
  misbehave,
  type Poured,
  pour,
  send,
} from './bad-answers.js';
import { forgedToken, freshToken, healthOf, outcome, type Subject, verifierOf } from './verifier.js';

const authority: Authority = await startAuthority();
afterAll(() => authority.close());
afterEach(() => {
  authority.intercept = undefined;
  authority.requests.length = 0;
});

interface Case extends BadAnswer {
  readonly document: keyof typeof documents;
  readonly name: string;
}

const cases: Case[] = [
  ...(Object.keys(documents) as Case['document'][]).flatMap((document) =>
    Object.entries(badAnswers).map(([name, bad]) => ({ document, name, ...bad })),
  ),
  ...Object.entries(badMetadata(authority)).map(([name, { document, reason }]) => ({
    document: 'metadata' as const,
    name,
    answer: send(document),
    reason,
  })),
  ...Object.entries(badKeySets(authority)).map(([name, keySet]) => ({
    document: 'key set' as const,
    name,
    answer: send(keySet),
    reason: /^the key set has no usable key$/,
  })),
];

/** Nobody wants to wait for five seconds to see that time is up. */
function misbehaveFor({ limits }: Subject, { document, answer, hangs }: Case): void {
  misbehave(authority, document, answer);
  if (hangs) limits.timeout = 200;
}

function behave({ limits }: Subject): void {
  authority.intercept = undefined;
  limits.timeout = fetchLimits.timeout;
}

async function retryAfter({ verifier }: Subject, token: string): Promise<number | undefined> {
  try {
    await verifier.verify(token);
  } catch (error) {
    if (isRefusal(error)) return error.retryAfter;
  }
  return undefined;
}

/** What must be true of an instance whose authority is well again: good tokens pass at once, without a request. */
async function expectWell(subject: Subject): Promise<void> {
  authority.requests.length = 0;
  expect(await outcome(subject, freshToken(authority))).toBe('200');
  expect(authority.requests).toEqual([]);
  expect(healthOf(subject)).toMatchObject({ ok: true, keys: 1, lastError: undefined });
}

describe.each(cases)('a $document that is $name', { timeout: 10_000 }, (bad) => {
  const { reason } = bad;
  test('at the first request: 503 for a while, and well again by itself', async () => {
    const subject = verifierOf(authority);
    misbehaveFor(subject, bad);
    expect(await outcome(subject, freshToken(authority))).toBe('503 keys_unavailable');
    expect(healthOf(subject)).toMatchObject({ ok: false, keys: 0, lastError: expect.stringMatching(reason) });

    const asked = authority.requests.length;
    expect(await retryAfter(subject, freshToken(authority))).toBe(5);
    expect(authority.requests).toHaveLength(asked);

    behave(subject);
    await subject.clock.advance(5 * second);
    await expectWell(subject);
  });

  test('while keys are held: they serve, and are not replaced', async () => {
    const subject = verifierOf(authority);
    const remembered = freshToken(authority);
    expect(await outcome(subject, remembered)).toBe('200');

    misbehaveFor(subject, bad);
    await subject.clock.runNext();
    expect(healthOf(subject)).toMatchObject({ ok: true, keys: 1, lastError: expect.stringMatching(reason) });
    expect(await outcome(subject, remembered)).toBe('200');
    expect(await outcome(subject, freshToken(authority))).toBe('200');

    behave(subject);
    await subject.clock.advance(5 * second);
    await expectWell(subject);
  });
});

test.each(cases.filter(({ document }) => document === 'key set'))(
  'a key set that is $name, in answer to an unknown key: known keys serve',
  { timeout: 10_000 },
  async (bad) => {
    const subject = verifierOf(authority);
    await outcome(subject, freshToken(authority));
    misbehaveFor(subject, bad);
    expect(await outcome(subject, forgedToken(authority, 'made-up'))).toBe('503 keys_unavailable');
    expect(await outcome(subject, freshToken(authority))).toBe('200');
    behave(subject);
    await subject.clock.advance(5 * second);
    await expectWell(subject);
  },
);

test.each(cases.filter(({ hangs }) => hangs))(
  'everyone who waits for a $document that is $name is answered when its time is up',
  { timeout: 5_000 },
  async (bad) => {
    const subject = verifierOf(authority);
    misbehaveFor(subject, bad);
    const began = performance.now();
    const all = await Promise.all(Array.from({ length: 50 }, () => outcome(subject, freshToken(authority))));
    expect(new Set(all)).toEqual(new Set(['503 keys_unavailable']));
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(authority.requests.length).toBeLessThanOrEqual(2);
  },
);

test.each(Object.keys(documents) as Case['document'][])(
  'of a %s of 100 MB little is taken, and the connection is dropped',
  async (document) => {
    const subject = verifierOf(authority);
    let poured: Poured | undefined;
    misbehave(authority, document, (res) => {
      poured = pour(res, 100);
    });
    const before = process.memoryUsage().arrayBuffers;
    expect(await outcome(subject, freshToken(authority))).toBe('503 keys_unavailable');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
    await expect.poll(() => poured?.closed, { timeout: 5_000 }).toBe(true);
    expect(poured?.bytes).toBeLessThan(20_000_000);
  },
);

test.each(Object.entries(badAnswers).filter(([, { hangs }]) => hangs))(
  'the connection of %s is dropped when its time is up',
  async (_name, bad) => {
    const subject = verifierOf(authority);
    subject.limits.timeout = 300;
    let closed = false;
    misbehave(authority, 'key set', (res, req) => {
      res.on('close', () => {
        closed = true;
      });
      bad.answer(res, req);
    });
    await outcome(subject, freshToken(authority));
    await expect.poll(() => closed, { timeout: 5_000 }).toBe(true);
  },
);

test('a key set that is only partly usable serves with the part that is', async () => {
  const subject = verifierOf(authority);
  const { kty, n, e } = authority.key.publicKey.export({ format: 'jwk' });
  const keys = [null, { kty: 'EC' }, { kty, n: '!', e, kid: 'broken' }, { kty, n, e, kid: authority.key.kid }];
  misbehave(authority, 'key set', send({ keys }));
  expect(await outcome(subject, freshToken(authority))).toBe('200');
  expect(healthOf(subject).keys).toBe(1);
});

test('bad answers of all kinds in a row leave one timer and the keys', { timeout: 20_000 }, async () => {
  const subject = verifierOf(authority);
  await outcome(subject, freshToken(authority));
  for (const { document, answer } of cases.filter(({ hangs }) => !hangs)) {
    misbehave(authority, document, answer);
    authority.requests.length = 0;
    await subject.clock.runNext();
    expect(authority.requests.length).toBeLessThanOrEqual(2);
    expect(await outcome(subject, freshToken(authority))).toBe('200');
  }
  authority.intercept = undefined;
  await subject.clock.advance(15 * minute);
  await expectWell(subject);
});
