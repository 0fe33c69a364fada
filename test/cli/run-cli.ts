import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface Run {
  readonly process: ChildProcess;
  readonly output: () => { readonly stdout: string; readonly stderr: string };
  /** Waits until the output has something in it. */
  readonly shows: (text: string | RegExp) => Promise<string>;
  readonly type: (line: string) => void;
  readonly ended: Promise<number | null>;
}

/** Runs the command line as it stands in the source. */
export function runCli(
  words: readonly string[],
  { env = {}, cwd }: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Run {
  const { NODE_ENV: _, ...rest } = process.env;
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), main, ...words], {
    env: { ...rest, ...env },
    stdio: 'pipe',
    ...(cwd !== undefined && { cwd }),
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  const includes = (text: string | RegExp) =>
    typeof text === 'string' ? texts.stdout.includes(text) : text.test(texts.stdout);
  return {
    process: child,
    output: () => ({ ...texts }),
    async shows(text) {
      const deadline = Date.now() + 20_000;
      while (!includes(text)) {
        if (Date.now() > deadline || child.exitCode !== null) {
          throw new Error(`Not shown: ${text}\n${texts.stdout}\n${texts.stderr}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return texts.stdout;
    },
    type: (line) => void child.stdin.write(`${line}\n`),
    ended,
  };
}
