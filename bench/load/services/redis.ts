import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.js';

export interface Redis {
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): void;
}

/** A Redis of one's own, on loopback, that keeps what it was told over a restart, as a list of revocations must be kept. */
export async function startRedis(): Promise<Redis> {
  const folder = mkdtempSync(join(tmpdir(), 'express-app-roles-load-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--maxmemory-policy', 'noeviction'];
  let child: ChildProcess | undefined;

  const start = async () => {
    child = spawn('redis-server', [...args, ...durable], { stdio: 'ignore' });
    await Promise.race([answers(port), once(child, 'error').then(fail)]);
  };
  const stop = async () => {
    if (child?.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
  };
  const remove = () => {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  // Whatever way this process goes.
  process.once('exit', remove);
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    stop,
    remove() {
      process.off('exit', remove);
      remove();
    },
  };
}

function fail(): never {
  throw new Error('The load test starts a Redis of its own: install redis-server, so that it is in the path.');
}

async function answers(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      socket.write('PING\r\n');
      const [answer] = await once(socket, 'data');
      if (String(answer).startsWith('+PONG')) {
        return;
      }
    } catch {
      // Not yet.
    } finally {
      socket.destroy();
    }
    await delay(50);
  }
  throw new Error('Redis did not start.');
}
