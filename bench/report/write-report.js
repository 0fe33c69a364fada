import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { pinning } from '../measure/start-child.js';
import { rowText } from './row-text.js';
import { speedPicture } from './speed-picture.js';

const results = new URL('../results/', import.meta.url);

/**
 * Writes the tables of this Node release, the figures behind them, and one picture of all releases that have been measured.
 *
 * @param report what the rows gave, in order
 * @param {{ tokenLength: number }} tokens
 */
export function writeReport(report, { tokenLength }) {
  mkdirSync(results, { recursive: true });
  const [major] = process.versions.node.split('.');
  const date = new Date().toISOString().slice(0, 10);
  const processors = cpus();
  const head = [
    `# What it costs, on Node ${major}`,
    '',
    `Node ${process.versions.node}, OpenSSL ${process.versions.openssl}; ${processors.length} × ${processors[0].model.trim()}, each process ${pinning}; ${date}. Tokens of ${tokenLength} characters, RS256, 2048 bits.`,
    'Rounds are interleaved; a figure is the median of its rounds, and the middle half of them lies in the range beside it. A ratio is taken round by round. Read ratios: the machine is shared.',
    'In every run each contender first had to admit a good token and to refuse eight bad ones.',
    '',
  ].join('\n');
  writeFileSync(new URL(`node-${major}.md`, results), [head, ...report.map(rowText)].join('\n'));
  writeFileSync(
    new URL(`node-${major}.json`, results),
    `${JSON.stringify({ node: process.versions.node, date, rows: report }, rounded, 2)}\n`,
  );
  writeFileSync(new URL('speed.svg', results), speedPicture(measured()));
  console.log(`Written to bench/results/node-${major}.md, and to speed.svg.`);
}

/** The figures of every release, the oldest first. */
function measured() {
  return readdirSync(results)
    .filter((name) => /^node-\d+\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(new URL(name, results), 'utf8')))
    .sort((a, b) => Number.parseInt(a.node, 10) - Number.parseInt(b.node, 10));
}

function rounded(_key, value) {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}
