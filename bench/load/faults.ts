import { setTimeout as delay } from 'node:timers/promises';
import type { Actors } from './actors.js';
import type { Periods } from './oracle/periods.js';
import type { Mailroom } from './services/mailroom.js';
import type { Postgres } from './services/postgres.js';
import type { Redis } from './services/redis.js';
import { instances } from './settings.js';
import { witnessesOf } from './witness.js';

export interface Stage {
  readonly actors: Actors;
  readonly periods: Periods;
  readonly mailroom: Mailroom;
  readonly postgres: Postgres;
  readonly redis: Redis;
}

export interface Fault {
  readonly name: string;
  /** What other answers are right meanwhile. */
  readonly allows: string;
  run(stage: Stage): Promise<void>;
}

/** Instances notice within this many seconds that a database is there again. */
const recovery = 2;

/** In the order in which they are done, one at a time. */
export const faults: readonly Fault[] = [
  {
    name: 'database restart',
    allows: '503 from routes that need the database, until 2 s after it is back',
    run: (stage) => restartDatabase(stage, 'fast'),
  },
  {
    name: 'rolling restart',
    allows: 'nothing',
    run: ({ mailroom }) => mailroom.roll(),
  },
  {
    name: 'key rollover',
    allows: 'nothing',
    async run({ actors, mailroom }) {
      actors.rollOver();
      await acceptEverywhere(actors, mailroom);
    },
  },
  {
    name: 'Redis restart',
    allows: '503 from POST /revocations',
    async run({ redis, periods }) {
      const end = periods.begin('revocation store');
      await redis.stop();
      await delay(1_000);
      await redis.start();
      end(recovery);
    },
  },
  {
    name: 'authority outage, with a key rollover in it',
    allows: '503 for tokens of a key that is new since; all others go on',
    async run({ actors, periods, mailroom }) {
      const end = periods.begin('authority');
      actors.entra.faults.begin({ kind: 'outage', as: 'refused' });
      actors.rollOver();
      await delay(4_000);
      actors.entra.faults.end();
      // An instance asks again 5 s after it failed: at the latest when the first token of the new key came just before the end.
      end(6);
      await delay(6_000);
      await acceptEverywhere(actors, mailroom);
    },
  },
  {
    name: 'database crash',
    allows: '503 from routes that need the database, until 2 s after it is back',
    run: (stage) => restartDatabase(stage, 'immediate'),
  },
];

/** @throws Error where an instance does not accept a token of the newest key: one that fetches it for the purpose may */
async function acceptEverywhere(actors: Actors, { origin }: Mailroom): Promise<void> {
  const witnesses = await witnessesOf(origin, instances);
  const token = actors.mint('Outsider');
  const statuses = await Promise.all(witnesses.map((witness) => witness.ask('/mailboxes', token.value)));
  for (const witness of witnesses) {
    witness.close();
  }
  if (statuses.length !== instances || statuses.some((status) => status !== 403)) {
    throw new Error(`a token of the new key was answered ${statuses.join(', ')}, and 403 is right, ${instances} times`);
  }
}

async function restartDatabase({ postgres, periods }: Stage, mode: 'fast' | 'immediate'): Promise<void> {
  const end = periods.begin('database');
  await postgres.stop(mode);
  await delay(1_000);
  await postgres.start();
  end(recovery);
}
