import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { openDatabase } from '../../example-api/database.js';
import { mailroomRegistration } from '../../example-api/local-entra.js';
import { addSampleData, people } from '../../example-api/sample-data.js';
import { Actors } from './actors.js';
import { type Fault, faults, type Stage } from './faults.js';
import { generate } from './generate.js';
import { assignToScope, type Scene } from './operations.js';
import { Judge, type Tally } from './oracle/judge.js';
import { Ledger } from './oracle/ledger.js';
import { Periods } from './oracle/periods.js';
import { quantile } from './quantile.js';
import { type Revoked, revoke } from './revoke.js';
import { startMailroom } from './services/mailroom.js';
import { startPostgres } from './services/postgres.js';
import { startRedis } from './services/redis.js';
import { instances, type Settings } from './settings.js';

export interface Happened {
  readonly fault: Fault;
  /** Seconds since the load began. */
  readonly from: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly seconds: number;
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly happened: readonly Happened[];
  readonly writes: { readonly confirmed: number; readonly inDoubt: number };
  readonly revoked: readonly Revoked[];
  readonly logLines: number;
  /** What was not as it must be. */
  readonly violations: readonly string[];
}

/** The beginning of a token, which is longer than any id of one, and who the people of the sample are: no line of a log may hold them. */
const notForLogs = new RegExp(
  ['eyJ[\\w-]{40}', ...Object.values(people).flatMap(({ objectId, mail }) => [objectId, mail])].join('|'),
);

export async function runLoad(settings: Settings): Promise<LoadResult> {
  const ending: (() => unknown)[] = [];
  try {
    const actors = await Actors.start();
    ending.push(() => actors.stop());
    const postgres = await startPostgres();
    ending.push(() => postgres.remove());
    const redis = await startRedis();
    ending.push(() => redis.remove());
    const { origin, tenantId } = actors.entra;
    await addPeople(postgres.url, tenantId);

    console.log(`Starting ${instances} instances on a PostgreSQL and a Redis of their own.`);
    const variables = {
      TENANT_ID: tenantId,
      CLIENT_ID: mailroomRegistration.clientId,
      TEST_AUTHORITY: origin,
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
    };
    const mailroom = await startMailroom(instances, variables, notForLogs);
    let isStopped = false;
    const stop = async () => {
      isStopped = true;
      return mailroom.stop();
    };
    ending.push(async () => isStopped || stop());

    const periods = new Periods();
    const judge = new Judge(mailroom.origin, periods);
    const ledger = new Ledger();
    let isOver = false;
    const scene: Scene = { actors, judge, ledger, revokedTokens: [], isOver: () => isOver };
    await assignToScope(scene);
    const began = performance.now();
    const load = Promise.all([generate(scene, settings), revoke(scene, periods, mailroom.origin, settings)]);
    const happened = await rehearse({ actors, periods, mailroom, postgres, redis }, judge, settings);
    isOver = true;
    const [, revoked] = await load;
    const seconds = Math.round((performance.now() - began) / 1_000);

    for (const wrong of tooSlow(revoked)) {
      judge.wrong(wrong);
    }
    const code = await stop();
    if (code !== 0) {
      judge.wrong(`the instances ended with ${code}`);
    }
    const database = new Client(postgres.url);
    await database.connect();
    for (const wrong of await ledger.compare(database, (owner) => actors.objectId(owner))) {
      judge.wrong(wrong);
    }
    await database.end();
    for (const line of mailroom.logged.leaks) {
      judge.wrong(`a line of the log holds a token or a person: ${line.slice(0, 200)}`);
    }
    const writes = [...ledger.mailboxes.values(), ...ledger.mails.values()];
    return {
      seconds,
      tallies: judge.tallies,
      happened,
      writes: {
        confirmed: writes.filter(({ isConfirmed }) => isConfirmed).length,
        inDoubt: writes.filter(({ isConfirmed }) => !isConfirmed).length,
      },
      revoked,
      logLines: mailroom.logged.lines,
      violations: judge.violations,
    };
  } finally {
    for (const end of ending.reverse()) {
      await end();
    }
  }
}

/** One fault after another, as often as there is time for all of them; then quiet until the time is up. */
async function rehearse(stage: Stage, judge: Judge, { seconds, pause }: Settings): Promise<Happened[]> {
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1_000;
  const happened: Happened[] = [];
  await delay(2_000);
  let longest = 0;
  do {
    const round = elapsed();
    for (const fault of faults) {
      const from = elapsed();
      await fault.run(stage).catch((error: Error) => judge.wrong(`${fault.name}: ${error.message}`));
      happened.push({ fault, from, seconds: elapsed() - from });
      console.log(`${from.toFixed(0).padStart(4)} s  ${fault.name}, ${(elapsed() - from).toFixed(1)} s`);
      await delay(pause * 1_000);
    }
    longest = Math.max(longest, elapsed() - round);
  } while (elapsed() + longest < seconds);
  await delay(Math.max(2, seconds - elapsed()) * 1_000);
  return happened;
}

/** p99 of revocations while the store was there: under one second. */
function tooSlow(revoked: readonly Revoked[]): string[] {
  const durations = revoked.filter(({ isConnected }) => isConnected).map(({ milliseconds }) => milliseconds);
  const p99 = quantile(durations, 0.99) ?? Number.POSITIVE_INFINITY;
  return p99 < 1_000 ? [] : [`revocations took ${Math.round(p99)} ms at p99, and ought to take less than 1,000`];
}

async function addPeople(url: string, tenantId: string): Promise<void> {
  const database = await openDatabase({ url });
  await addSampleData(database, tenantId);
  await database.destroy();
}
