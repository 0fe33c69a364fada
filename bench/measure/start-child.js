import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const childModule = fileURLToPath(new URL('child.js', import.meta.url));
const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-c', '0', 'true']).status === 0;
const running = new Set();

/** How child processes run, for the report. */
export const pinning = canPin ? 'pinned to one core' : 'not pinned to a core';

/** A child that dies with this process, whatever way this process goes. */
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts a module in a process of its own, on one core where the machine has more. Its heap, its compiled code and its
 * garbage are then nobody else's.
 *
 * @param {URL} module whose exports can be called
 * @param {{ core?: number, execArgv?: string[], timeout?: number }} options
 */
export async function startChild(module, { core = 0, execArgv = [], timeout = 120_000 } = {}) {
  const command = [process.execPath, ...execArgv, childModule, module.href];
  if (canPin) command.unshift('taskset', '-c', String(core));
  const child = spawn(command[0], command.slice(1), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
    serialization: 'json',
  });
  running.add(child);
  const waiting = new Map();
  let started;
  const ready = new Promise((resolve, reject) => {
    started = resolve;
    waiting.set('ready', { reject });
  });
  child.on('message', ({ ready: isReady, id, value, error }) => {
    if (isReady) return started();
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(value);
    else reject(new Error(error));
  });
  child.on('exit', (code, signal) => {
    running.delete(child);
    for (const { reject } of waiting.values()) reject(new Error(`A child process ended (${signal ?? code}).`));
  });
  await ready;
  waiting.delete('ready');
  let calls = 0;
  return {
    call(name, ...args) {
      const id = ++calls;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error(`${module.pathname}: ${name} took more than ${timeout} ms.`));
          child.kill('SIGKILL');
        }, timeout);
        const settle = (done) => (value) => {
          clearTimeout(timer);
          done(value);
        };
        waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
        child.send({ id, name, args });
      });
    },
    stop: () => child.kill('SIGKILL'),
  };
}
