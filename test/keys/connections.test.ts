import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { second } from '../../src/token/clock.js';
import { type Authority, startAuthority } from '../support/authority.js';
import { type Front, startFront } from './front.js';
import { freshToken, healthOf, outcome, type Subject, verifierOf } from './verifier.js';

let front: Front;
let authority: Authority;
beforeAll(async () => {
  const target = { port: 0 };
  front = await startFront(target);
  authority = await startAuthority(front.origin, front.origin);
  // So that no connection of one case is used again by the next.
  authority.intercept = (_req, res) => {
    res.setHeader('connection', 'close');
    return false;
  };
  target.port = Number(new URL(authority.address).port);
});
afterAll(async () => {
  await front.down();
  await authority.close();
});

const subjectOf = () => verifierOf(authority, { testAuthority: front.origin });

/** Below HTTP. */
const faults: readonly [name: string, meet: ((socket: Socket) => void) | 'down', reason: RegExp][] = [
  ['nobody listens', 'down', /^not reached \((ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET)\)$/],
  ['connections are accepted, and nothing is said', () => {}, /^no answer within/],
  ['connections are reset at once', (socket) => socket.resetAndDestroy(), /^not reached/],
  ['connections are closed at once', (socket) => socket.end(), /^not reached/],
  ['connections are closed after the question', (socket) => socket.once('data', () => socket.end()), /^not reached/],
  ['another protocol is spoken', (socket) => socket.write('220 mail.test ESMTP\r\n'), /^not reached/],
  ['TLS is spoken', (socket) => socket.write(Buffer.from('16030100050100000100', 'hex')), /^not reached/],
  ['noise comes without end', (socket) => noise(socket), /^not reached/],
  [
    'a chunk has no length',
    (socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n')),
    /^broken off$/,
  ],
  [
    'only interim answers come',
    (socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 100 Continue\r\n\r\n'), 20);
      socket.on('close', () => clearInterval(timer));
    },
    /^not reached|^no answer within/,
  ],
];

function noise(socket: Socket): void {
  const chunk = Buffer.alloc(65_536, 0x41);
  const next = () => {
    if (!socket.destroyed) socket.write(chunk, next);
  };
  next();
}

async function breakDown({ limits }: Subject, meet: (typeof faults)[number][1]): Promise<void> {
  limits.timeout = 300;
  await front.down();
  if (meet === 'down') return;
  front.meet = meet;
  await front.up();
}

async function repair({ limits }: Subject, meet: (typeof faults)[number][1]): Promise<void> {
  limits.timeout = 5_000;
  front.meet = undefined;
  if (meet !== 'down') await front.down();
  await front.up();
}

describe.each(faults)('where %s', { timeout: 10_000 }, (_name, meet, reason) => {
  test('at the first request: 503, and well again by itself', async () => {
    const subject = subjectOf();
    await breakDown(subject, meet);
    expect(await outcome(subject, freshToken(authority))).toBe('503 keys_unavailable');
    expect(healthOf(subject).lastError).toMatch(reason);
    await repair(subject, meet);
    await subject.clock.advance(5 * second);
    expect(await outcome(subject, freshToken(authority))).toBe('200');
  });

  test('while keys are held: they serve', async () => {
    const subject = subjectOf();
    expect(await outcome(subject, freshToken(authority))).toBe('200');
    await breakDown(subject, meet);
    await subject.clock.runNext();
    expect(healthOf(subject).lastError).toMatch(reason);
    expect(await outcome(subject, freshToken(authority))).toBe('200');
    await repair(subject, meet);
    await subject.clock.advance(5 * second);
    expect(healthOf(subject).lastError).toBeUndefined();
  });
});
