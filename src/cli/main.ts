#!/usr/bin/env node
import { emulator } from './emulator.js';
import { runCommandLine } from './verb.js';

// Whoever reads the output may go away first, as `head` does.
process.stdout.on('error', () => process.exit());

void runCommandLine(process.argv.slice(2), [emulator]).then((code) => {
  process.exitCode = code;
});
