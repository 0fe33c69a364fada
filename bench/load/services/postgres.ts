import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { run } from './run.js';

export interface Postgres {
  readonly url: string;
  /** `fast`: as an operator does, open transactions are ended. `immediate`: as a crash, recovered from the log at the next start. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  start(): Promise<void>;
  remove(): void;
}

/** A PostgreSQL of one's own, on loopback, durable as PostgreSQL is by default: one that others use is no one's to restart. */
export async function startPostgres(): Promise<Postgres> {
  const bin = await binaries();
  const folder = mkdtempSync(join(tmpdir(), 'express-app-roles-load-'));
  const data = join(folder, 'data');
  // PostgreSQL does not run as root.
  const user = process.getuid?.() === 0 ? await userCalled('postgres') : undefined;
  if (user) {
    chownSync(folder, user.uid, user.gid);
  }
  const options = { ...user, cwd: folder };
  const port = await freePort();
  const control = (...args: string[]) =>
    run(join(bin, 'pg_ctl'), ['--pgdata', data, '--silent', '--wait', ...args], options);

  await run(
    join(bin, 'initdb'),
    ['--pgdata', data, '--username', 'load', '--auth', 'trust', '--encoding', 'UTF8'],
    options,
  );
  const start = async () => {
    const listen = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}`;
    await control('--log', join(folder, 'log'), '--options', listen, 'start');
  };
  const remove = () => {
    spawnSync(join(bin, 'pg_ctl'), ['--pgdata', data, '--mode', 'immediate', '--wait', 'stop'], {
      ...options,
      stdio: 'ignore',
    });
    rmSync(folder, { recursive: true, force: true });
  };
  // Whatever way this process goes.
  process.once('exit', remove);
  await start();
  return {
    url: `postgres://load@127.0.0.1:${port}/postgres`,
    start,
    async stop(mode) {
      await control('--mode', mode, 'stop');
    },
    remove() {
      process.off('exit', remove);
      remove();
    },
  };
}

async function binaries(): Promise<string> {
  try {
    return await run('pg_config', ['--bindir']).then(async (bin) => {
      await run(join(bin, 'initdb'), ['--version']);
      return bin;
    });
  } catch {
    const found = await run('sh', ['-c', 'dirname "$(command -v initdb)"']).catch(() => '.');
    if (found === '.') {
      throw new Error(
        'The load test starts a PostgreSQL of its own: install its server (initdb and pg_ctl in the path).',
      );
    }
    return found;
  }
}

async function userCalled(name: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
  return { uid: Number(uid), gid: Number(gid) };
}
