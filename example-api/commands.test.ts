import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { openTestStore } from './test-store.js';

// Each test starts a process, and most of them a database inside it.
vi.setConfig({ testTimeout: 30_000 });

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Starts an entry file as `npm start` does, in the environment of a newcomer. */
function run(entry: string, variables: Record<string, string>, args: readonly string[] = []) {
  const { NODE_ENV: _, DATABASE_URL: __, ...inherited } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', file(entry), ...args], {
    env: { ...inherited, ...variables },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  return { child, output: () => output };
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(child, 'exit');
  child.kill(signal);
  const [code] = await exited;
  return code;
}

async function busyPort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, free: () => server.close() };
}

describe('npm start', () => {
  const withoutCurl = spawnSync('curl', ['--version']).error !== undefined;

  it.skipIf(withoutCurl)(
    'prints lines that work when pasted, each with the status it says, and stops on Ctrl-C',
    async () => {
      const { child, output } = run('start.ts', { PORT: '0' });
      try {
        await expect.poll(output, { timeout: 15_000 }).toContain('# 401');
        const lines = [...output().matchAll(/^# (\d{3}): .+\n(curl .+)$/gm)];
        expect(lines.map(([, status]) => status)).toEqual(['200', '403', '202', '403', '401']);
        for (const [, status, line] of lines) {
          const answer = execFileSync('sh', ['-c', `${line} --silent`], { encoding: 'utf8' });
          expect(answer.split('\r\n')[0]).toContain(` ${status} `);
        }
      } finally {
        expect(await stop(child, 'SIGINT')).toBe(0);
      }
    },
  );

  it('says in one line that the port is in use', async () => {
    const { port, free } = await busyPort();
    const { child, output } = run('start.ts', { PORT: String(port) });
    const [code] = await once(child, 'close');
    free();
    expect([code, output()]).toEqual([1, `Port ${port} is in use. Take another: PORT=3001 npm start\n`]);
  });
});

describe('npm run cluster', () => {
  it.each([
    ['no database', {}, [], /^Several instances need one database: set DATABASE_URL=.+npm start\n$/],
    ['no registration', { DATABASE_URL: 'postgres://127.0.0.1:1', NODE_ENV: 'production' }, [], /^Set TENANT_ID and/m],
    ['no number', { DATABASE_URL: 'postgres://127.0.0.1:1' }, ['--instances', 'many'], /^--instances takes a number/],
  ])('says what it needs: %s', async (_what, variables, args, message) => {
    const { child, output } = run('cluster.ts', variables, args);
    const [code] = await once(child, 'close');
    expect([code, output()]).toEqual([1, expect.stringMatching(message)]);
  });

  it.skipIf(!process.env.DATABASE_URL)(
    'answers while its instances are replaced one by one, and stops on SIGTERM',
    async () => {
      const { port, free } = await busyPort();
      free();
      // In a schema of its own: others use this database too.
      const opened = await openTestStore('7e570000-0000-4000-8000-000000000001', process.env.DATABASE_URL);
      const url = new URL(process.env.DATABASE_URL ?? '');
      url.searchParams.set('options', `-c search_path=${opened.schema}`);
      const variables = { DATABASE_URL: url.href, PORT: String(port) };
      const { child, output } = run('cluster.ts', variables, ['--instances', '2']);
      try {
        await expect.poll(output, { timeout: 30_000 }).toContain(`2 instances listen on port ${port}`);
        const before = instancesIn(output());
        child.kill('SIGHUP');
        const statuses = new Set<number>();
        while (!output().includes('every instance was replaced') && child.exitCode === null) {
          statuses.add((await fetch(`http://127.0.0.1:${port}/ready`)).status);
          await delay(20);
        }
        expect([...statuses]).toEqual([200]);
        expect(instancesIn(output()).slice(2)).toHaveLength(2);
        expect(instancesIn(output()).slice(2)).not.toEqual(expect.arrayContaining(before));
      } finally {
        expect(await stop(child, 'SIGTERM')).toBe(0);
        await opened.close();
      }
    },
    60_000,
  );
});

/** The process ids of those that came to serve, in order. */
const instancesIn = (output: string) =>
  [...output.matchAll(/"instance":(\d+),"msg":"an instance serves"/g)].map(([, instance]) => instance);

describe('server.ts', () => {
  it('says what it needs', async () => {
    const { child, output } = run('server.ts', {});
    const [code] = await once(child, 'close');
    expect([code, output()]).toEqual([1, expect.stringMatching(/^Set TENANT_ID and CLIENT_ID .+\n$/)]);
  });

  it('listens, and stops on SIGTERM', async () => {
    const { port, free } = await busyPort();
    free();
    const ids = {
      TENANT_ID: '11111111-1111-4111-8111-111111111111',
      CLIENT_ID: '22222222-2222-4222-8222-222222222222',
    };
    const { child, output } = run('server.ts', { ...ids, NODE_ENV: 'production', PORT: String(port) });
    try {
      await expect.poll(output, { timeout: 15_000 }).toContain(`listens on port ${port}`);
      expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
      expect((await fetch(`http://127.0.0.1:${port}/me`)).status).toBe(401);
    } finally {
      expect(await stop(child, 'SIGTERM')).toBe(0);
    }
  });

  it('does not import the local Entra, however indirectly', () => {
    const seen = new Set<string>();
    const visit = (name: string) => {
      if (seen.has(name)) {
        return;
      }
      seen.add(name);
      const imports = readFileSync(file(name), 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*?'([^']+)';/gm);
      for (const [, specifier = ''] of imports) {
        expect([name, specifier]).not.toEqual([name, expect.stringContaining('emulator')]);
        if (specifier.startsWith('.')) {
          visit(join(dirname(name), specifier.replace(/\.js$/, '.ts')));
        }
      }
    };
    visit('server.ts');
    expect([...seen]).toEqual(
      expect.arrayContaining(['app.ts', 'records.ts', 'database.ts', 'permissions.ts', 'mailboxes/store.ts']),
    );
  });
});
