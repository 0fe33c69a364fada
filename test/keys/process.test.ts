import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Authority, startAuthority } from '../support/authority.js';
import { badAnswers } from './bad-answers.js';
import { freshToken } from './verifier.js';

let authority: Authority;
beforeAll(async () => {
  authority = await startAuthority();
});
afterAll(() => authority.close());

const script = fileURLToPath(new URL('authenticate-once.ts', import.meta.url));

/** What a process printed that authenticated once and was then left alone, and how it ended. */
async function runOnce(): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    env: { ...process.env, NODE_ENV: 'test', AUTHORITY: authority.origin, TOKEN: freshToken(authority) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  let answeredAt = Number.NaN;
  child.stdout.on('data', (chunk) => {
    printed += chunk;
    answeredAt = performance.now();
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on('close', (...ended) => resolve(ended));
  });
  clearTimeout(timer);
  expect(performance.now() - answeredAt).toBeLessThan(3_000);
  return `${printed.trim()}, ${signal ?? `exit ${code}`}`;
}

test('a process that has authenticated ends by itself', async () => {
  expect(await runOnce()).toBe('200, exit 0');
});

test.each(['500 with HTML', '200 with HTML', 'a reset in the middle of the body', 'a reset before the answer'])(
  'a process whose authority answers with %s neither dies nor lives on for the next attempt',
  async (name) => {
    authority.intercept = (req, res) => {
      badAnswers[name]?.answer(res, req);
      return true;
    };
    expect(await runOnce()).toBe('503, exit 0');
  },
);
