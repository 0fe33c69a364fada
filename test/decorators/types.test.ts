import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

it('legacy decorators compile, and refuse what allow refuses', async () => {
  const tsc = path('../../node_modules/typescript/bin/tsc');
  const compiled = promisify(execFile)(process.execPath, [tsc, '--noEmit', '--pretty', 'false', '-p', path('legacy')]);
  const output = await compiled.then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
  expect(output).toBe('');
}, 60_000);
