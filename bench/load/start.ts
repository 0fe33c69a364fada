import { parseArgs } from 'node:util';
import { writeReport } from './report.js';
import { runLoad } from './run-load.js';
import { settings } from './settings.js';

// npm --prefix bench run load, or load:short: four instances of the Mailroom API under load, while what they need fails.
// LOAD_LOG=<file> keeps what the instances log.
const { values } = parseArgs({ options: { short: { type: 'boolean', default: false } } });
process.env.NODE_ENV = 'development';

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => process.exit(1));
}

const size = values.short ? settings.short : settings.full;
// Whatever hangs, it ends.
setTimeout(
  () => {
    console.error('The load test did not come to its end.');
    process.exit(1);
  },
  (size.seconds + 300) * 1_000,
).unref();
const result = await runLoad(size);
const isRight = writeReport(result, { isKept: !values.short });
process.exit(isRight ? 0 : 1);
