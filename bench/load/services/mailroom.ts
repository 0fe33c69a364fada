import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.js';

export interface Mailroom {
  readonly origin: string;
  /** Replaces every instance, one after another. */
  roll(): Promise<void>;
  /** How many lines were logged, and those that hold what no log may. */
  readonly logged: { lines: number; readonly leaks: string[] };
  /** Resolves with its exit code. */
  stop(): Promise<number | null>;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * The Mailroom API as an operator starts it: `example-api/cluster.ts`.
 *
 * @param forbidden what no line of its log may hold
 */
export async function startMailroom(
  instances: number,
  variables: Readonly<Record<string, string>>,
  forbidden: RegExp,
): Promise<Mailroom> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'example-api/cluster.ts', '--instances', String(instances)],
    {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'development', ...variables, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  const events = new EventEmitter();
  const logged = { lines: 0, leaks: [] as string[] };
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      logged.lines++;
      if (process.env.LOAD_LOG) {
        appendFileSync(process.env.LOAD_LOG, `${line}\n`);
      }
      last.push(line);
      last.splice(0, last.length - 20);
      if (forbidden.test(line)) {
        logged.leaks.push(line);
      }
      for (const said of [
        'instances listen on port',
        'every instance was replaced',
        'The instances that serve go on',
      ]) {
        if (line.includes(said)) {
          events.emit(said, line);
        }
      }
    });
  }
  child.once('exit', (code, signal) => events.emit('ended', new Error(`${signal ?? code}\n${last.join('\n')}`)));

  const said = async (what: string, seconds: number, isFailure: string) => {
    const abort = new AbortController();
    const options = { signal: abort.signal };
    const timer = setTimeout(() => abort.abort(new Error(`no "${what}" in ${seconds} s`)), seconds * 1_000);
    try {
      await Promise.race([
        once(events, what, options),
        ...[isFailure, 'ended'].map(async (each) => {
          const [reason] = await once(events, each, options);
          throw new Error(`The Mailroom API did not say "${what}": ${reason}`);
        }),
      ]);
    } finally {
      clearTimeout(timer);
      abort.abort();
    }
  };

  await said('instances listen on port', 60, 'ended');
  return {
    origin: `http://127.0.0.1:${port}`,
    logged,
    async roll() {
      const replaced = said('every instance was replaced', 120, 'The instances that serve go on');
      child.kill('SIGHUP');
      await replaced;
    },
    async stop() {
      process.off('exit', killed);
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(killed, 40_000);
      const [code] = await exited;
      clearTimeout(timer);
      return code;
    },
  };
}
