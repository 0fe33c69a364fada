import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { observe } from 'express-app-roles/telemetry';
import { createMailroom } from './app.js';
import { openDatabase } from './database.js';
import { drain } from './drain.js';
import { describeError } from './failure.js';
import { createLog, logDecisions } from './log.js';
import { isReady, readiness } from './probes.js';
import { createStore } from './records.js';
import { openRevocations } from './revocations.js';

// One instance: what a container runs, and what cluster.ts runs several of. The variables are explained in .env.example.
const { TENANT_ID, CLIENT_ID, DATABASE_URL, REDIS_URL, TEST_AUTHORITY, LOG_LEVEL, PORT = '3000' } = process.env;

if (!TENANT_ID || !CLIENT_ID) {
  console.error('Set TENANT_ID and CLIENT_ID to the GUIDs of your tenant and of the API registered in it.');
  process.exit(1);
}
const log = createLog(LOG_LEVEL);
if (!DATABASE_URL) {
  log.warn('DATABASE_URL is not set: the data is in memory and ends with this process.');
}
if (!REDIS_URL) {
  log.warn('REDIS_URL is not set: no token can be revoked before it expires.');
}
logDecisions(log);

const database = await openDatabase({ url: DATABASE_URL });
const store = createStore(database);
const revoked = REDIS_URL ? openRevocations(REDIS_URL, log) : undefined;
const { app, auth } = createMailroom({
  store,
  tenantId: TENANT_ID,
  clientId: CLIENT_ID,
  revocations: revoked?.revocations,
  log,
  ...(TEST_AUTHORITY && { testAuthority: TEST_AUTHORITY }),
});
const stopObserving = await observe({ health: auth.health });
const server = createServer(app);

// A platform sends requests when /ready says so. Beside other instances behind one port, listening is what says so.
const ready = untilReady();
if (cluster.isWorker) {
  await ready;
}
server.listen(Number(PORT));
await once(server, 'listening');
log.info(`The Mailroom API listens on port ${PORT}.`);

// A signal may come twice: from the terminal, and from the process that started this one.
let isStopping = false;
process.on('SIGINT', stop);
process.on('SIGTERM', stop);

/** Requests under way are answered first. Platforms end a process by force after 30 s: this is sooner. */
async function stop(): Promise<void> {
  if (isStopping) {
    return;
  }
  isStopping = true;
  const drained = await drain(server, 25_000);
  log.info({ drained }, 'stopped');
  stopObserving();
  revoked?.close();
  await database.destroy();
  cluster.worker?.disconnect();
}

/** Fetches the keys before the first request needs them. */
async function untilReady(): Promise<void> {
  for (;;) {
    await auth.ready().catch((error) => log.warn(describeError(error), 'the keys cannot be had yet'));
    const state = await readiness({ store, auth, revocations: revoked?.revocations });
    if (isReady(state)) {
      return;
    }
    log.warn(state, 'not ready yet');
    await delay(2_000, undefined, { ref: false });
  }
}
