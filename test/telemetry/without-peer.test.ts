import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const source = fileURLToPath(new URL('../../src', import.meta.url));

it('observe says what to install where @opentelemetry/api is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'express-app-roles-telemetry-'));
  try {
    // Outside the repository no folder above has the peer.
    cpSync(source, join(folder, 'src'), { recursive: true });
    const lines = [
      "const { observe } = require('./src/telemetry/index.ts');",
      'observe().catch((error) => console.log(String(error)));',
    ];
    writeFileSync(join(folder, 'try.cjs'), lines.join('\n'));
    const args = ['--import', import.meta.resolve('tsx'), join(folder, 'try.cjs')];
    expect(execFileSync(process.execPath, args, { encoding: 'utf8', cwd: folder })).toBe(
      'ConfigurationError: observe: @opentelemetry/api is not installed, and measurements are handed to it: ' +
        'npm install @opentelemetry/api\n',
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
