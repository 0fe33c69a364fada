#!/usr/bin/env node
import { apply } from './apply.js';
import { document } from './document.js';
import { drift } from './drift.js';
import { emulator } from './emulator.js';
import { explain } from './explain.js';
import { grant } from './grant.js';
import { init } from './init.js';
import { inventory } from './inventory.js';
import { manifest } from './manifest.js';
import { openapi } from './openapi.js';
import { reference } from './reference.js';
import { revoke } from './revoke.js';
import { testAuthorization } from './test-authorization.js';
import { runCommandLine } from './verb.js';

// Whoever reads the output may go away first, as `head` does.
process.stdout.on('error', () => process.exit());

void runCommandLine(process.argv.slice(2), [
  init,
  emulator,
  inventory,
  explain,
  reference,
  openapi,
  document,
  manifest,
  drift,
  apply,
  grant,
  revoke,
  testAuthorization,
]).then((code) => {
  process.exitCode = code;
  // An app that was loaded may hold connections and timers open; what was written goes out first.
  process.stdout.write('', () => process.exit());
});
