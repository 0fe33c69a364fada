import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const root = new URL('../../..', import.meta.url);

/** Runs a module in a process of its own, which answers with one line of JSON: msal keeps what it found in the environment for good. */
export async function run(source: string, environment: Readonly<Record<string, string>>): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: root,
    env: { PATH: process.env.PATH, ...environment },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}
