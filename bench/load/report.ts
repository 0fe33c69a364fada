import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { faults } from './faults.js';
import { quantile } from './quantile.js';
import type { LoadResult } from './run-load.js';
import { instances } from './settings.js';

/** @returns whether everything was as it must be */
export function writeReport(result: LoadResult, { isKept }: { readonly isKept: boolean }): boolean {
  const text = reportText(result);
  console.log(`\n${text}`);
  if (isKept) {
    writeFileSync(new URL('../results/load.md', import.meta.url), text);
    console.log('Written to bench/results/load.md.');
  }
  return result.violations.length === 0;
}

function reportText({ seconds, tallies, happened, writes, revoked, logLines, violations }: LoadResult): string {
  const all = [...tallies.values()];
  const answers = sum(all.map((each) => each.answers));
  const excused = sum(all.map((each) => each.excused));
  const connected = revoked.filter(({ isConnected }) => isConnected);
  const delays = connected.map(({ milliseconds }) => milliseconds);
  return [
    `# ${instances} instances under load, while what they need fails`,
    '',
    `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim()}, which the instances share with PostgreSQL, Redis, the local Entra and the load; ${new Date().toISOString().slice(0, 10)}.`,
    '',
    `${answers} requests in ${seconds} s. ${answers - excused} were answered as if nothing had happened, ${excused} with 503 and \`Retry-After\` while what they needed was away.`,
    `Wrong decisions, requests without an answer, lost and doubled writes, and lines of the log with a token or a person: ${violations.length}.`,
    `${writes.confirmed} writes were confirmed, and are in the database once; of ${writes.inDoubt} that were answered 503 none is there twice. The instances logged ${logLines} lines.`,
    `${revoked.length} tokens were revoked, and each was refused by ${Math.min(...revoked.map((each) => each.instances))} instances or more; while Redis was there (${connected.length}), ${shown(quantile(delays, 0.5))} ms after the request to revoke it at the median, ${shown(quantile(delays, 0.99))} ms at p99, ${shown(Math.max(...delays))} ms at most.`,
    '',
    ...table(
      ['fault', 'times', 'seconds', 'what is allowed meanwhile'],
      faults.map(({ name, allows }) => {
        const times = happened.filter(({ fault }) => fault.name === name);
        const longest = Math.max(...times.map((each) => each.seconds));
        return [name, String(times.length), longest.toFixed(1), allows];
      }),
    ),
    '',
    ...table(
      ['request', 'answers', '503', 'p50, ms', 'p99, ms'],
      [...tallies]
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([name, tally]) => [
          name,
          String(tally.answers),
          String(tally.excused),
          shown(quantile(tally.durations, 0.5)),
          shown(quantile(tally.durations, 0.99)),
        ]),
    ),
    '',
    ...(violations.length > 0 ? ['## Wrong', '', ...violations.slice(0, 100).map((each) => `- ${each}`), ''] : []),
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
}

function shown(value: number | undefined): string {
  return value?.toFixed(0) ?? '–';
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
