import { setTimeout as delay } from 'node:timers/promises';
import type { Token } from './actors.js';
import type { Scene } from './operations.js';
import type { Periods } from './oracle/periods.js';
import { instances, type Settings } from './settings.js';
import { type Witness, witnessesOf } from './witness.js';

/** Milliseconds from the request to revoke until the last instance refused the token. */
export interface Revoked {
  readonly milliseconds: number;
  /** How many instances were asked; a rolling restart may take one away. */
  readonly instances: number;
  /** Whether the store was there all the time. */
  readonly isConnected: boolean;
}

/** The list is read every 30 seconds: by then, a lost message is made good. */
const limit = 35_000;

/** A route that decides without the database, for a client that lacks its permission: 403, and 401 once it is shut out. */
const path = '/mailboxes';

/** Revokes tokens one by one, and asks every instance until it refuses them. */
export async function revoke(
  scene: Scene,
  periods: Periods,
  origin: string,
  { revocations, revocationsPerSecond }: Settings,
): Promise<readonly Revoked[]> {
  const done: Revoked[] = [];
  let witnesses: readonly Witness[] = [];
  while (!scene.isOver() && done.length < revocations) {
    const began = performance.now();
    try {
      if (witnesses.length < instances) {
        witnesses = await witnessesOf(origin, instances);
      }
      const revoked = await revokeOne(scene, periods, witnesses);
      if (revoked) {
        done.push(revoked);
      } else {
        for (const witness of witnesses) {
          witness.close();
        }
        witnesses = [];
      }
    } catch (error) {
      scene.judge.wrong(`revocation: ${(error as Error).message}`);
      witnesses = [];
    }
    await delay(Math.max(0, 1_000 / revocationsPerSecond - (performance.now() - began)));
  }
  for (const witness of witnesses) {
    witness.close();
  }
  return done;
}

/** @returns undefined where it could not be followed: the store was away, or a connection ended */
async function revokeOne(
  { actors, judge, revokedTokens }: Scene,
  periods: Periods,
  witnesses: readonly Witness[],
): Promise<Revoked | undefined> {
  const token = actors.mint('Outsider');
  for (const witness of witnesses) {
    const status = await witness.ask(path, token.value);
    if (status === undefined) {
      return undefined;
    }
    const isExcused = status === 503 && periods.meets('authority', token.keySince, token.keySince);
    if (isExcused) {
      return undefined;
    }
    if (status !== 403) {
      judge.wrong(`a token that is about to be revoked: ${status} instead of 403`);
    }
  }
  const { status, from } = await judge.ask({
    name: 'revoke a token',
    method: 'POST',
    path: '/revocations',
    token: actors.token('Security'),
    body: { subject: { kind: 'token', tokenId: tokenIdOf(token) }, reason: 'Revoked under load.' },
    right: [201],
    needs: ['revocation store'],
  });
  if (status !== 201) {
    return undefined;
  }
  const refused = await Promise.all(witnesses.map((witness) => untilRefused(witness, token, from)));
  if (refused.includes('too late')) {
    judge.wrong(`a revoked token was let in for more than ${limit} ms`);
  }
  if (!refused.every((each) => typeof each === 'number')) {
    return undefined;
  }
  const milliseconds = Math.max(...refused);
  revokedTokens.push(token);
  const isConnected = !periods.meets('revocation store', from, from + milliseconds);
  return { milliseconds, instances: witnesses.length, isConnected };
}

async function untilRefused(witness: Witness, token: Token, from: number): Promise<number | 'too late' | 'gone'> {
  while (performance.now() - from < limit) {
    const status = await witness.ask(path, token.value);
    if (status === undefined) {
      return 'gone';
    }
    if (status === 401) {
      return performance.now() - from;
    }
    await delay(5);
  }
  return 'too late';
}

function tokenIdOf({ value }: Token): string {
  return JSON.parse(Buffer.from(value.split('.')[1] ?? '', 'base64url').toString()).uti;
}
