import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { ClusterEntra } from './cluster-entra.js';
import { openDatabase } from './database.js';
import { Instances } from './instances.js';
import { mailroomRegistration } from './local-entra.js';
import { createLog } from './log.js';
import { addSampleData, people } from './sample-data.js';

// npm run cluster -- --instances 4: that many instances behind one port, on one database. SIGHUP replaces them one by one.
const { values } = parseArgs({ options: { instances: { type: 'string' } } });
const count = Number(values.instances ?? Math.max(2, availableParallelism()));
const { TENANT_ID, CLIENT_ID, DATABASE_URL, NODE_ENV, LOG_LEVEL, PORT = '3000' } = process.env;

if (!Number.isInteger(count) || count < 1 || count > 64) {
  console.error('--instances takes a number from 1 to 64.');
  process.exit(1);
}
if (!DATABASE_URL) {
  console.error(
    'Several instances need one database: set DATABASE_URL=postgres://…, or start one with its data in memory: npm start',
  );
  process.exit(1);
}

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const log = createLog(LOG_LEVEL);
const isLocal = !TENANT_ID && !CLIENT_ID && NODE_ENV !== 'production';
const local = isLocal ? await startLocally(DATABASE_URL) : undefined;
const instances = new Instances({ module: file('server.ts'), variables: local?.variables ?? {}, log });

let isStopping = false;
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
process.on('SIGHUP', () => void instances.roll());

try {
  await instances.start(count);
  log.info(`${count} instances listen on port ${PORT}. To replace them one by one: kill -HUP ${process.pid}`);
  if (local) {
    console.log(local.call);
  }
} catch (error) {
  log.error((error as Error).message);
  process.exitCode = 1;
  await stop();
}

async function stop(): Promise<void> {
  if (isStopping) {
    return;
  }
  isStopping = true;
  await instances.stop();
  local?.entra.disconnect();
}

/** For development, without a registration: a local Entra, sample data, and a line to paste. */
async function startLocally(url: string) {
  process.env.NODE_ENV ??= 'development';
  const entra = fork(file('cluster-entra.ts'));
  const ended = once(entra, 'exit').then(() => {
    throw new Error('The local Entra did not start. Its own lines say why.');
  });
  const [{ origin, tenantId, token }] = (await Promise.race([once(entra, 'message'), ended])) as [ClusterEntra];
  ended.catch(() => {});
  const database = await openDatabase({ url });
  await addSampleData(database, tenantId);
  await database.destroy();
  return {
    entra,
    variables: { TENANT_ID: tenantId, CLIENT_ID: mailroomRegistration.clientId, TEST_AUTHORITY: origin },
    call: `curl -i http://127.0.0.1:${PORT}/users/${people.ada.objectId}/messages -H 'Authorization: Bearer ${token}'`,
  };
}
