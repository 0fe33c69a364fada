import { ratios, rounds, summary } from '../measure/rounds.js';
import { startChild } from '../measure/start-child.js';

export const title = 'A check against the list of revocations';
export const about =
  'Function level, CPU µs of `deny`: with nothing on the list, with 10,000 entries of all kinds, for callers who are on it, and for those whose token was never seen before.';

const job = new URL('../measure/revocation.js', import.meta.url);
const contestants = {
  'nothing on the list': { entries: 0, listed: false, remembered: true },
  '10,000 entries': { entries: 10_000, listed: false, remembered: true },
  '10,000 entries, callers on it': { entries: 10_000, listed: true, remembered: true },
  '10,000 entries, new callers': { entries: 10_000, listed: false, remembered: false },
};

export async function measure({ library, sizes: { revocation } }) {
  const children = [];
  const turns = {};
  try {
    for (const [what, options] of Object.entries(contestants)) {
      for (const [build, contestant] of Object.entries(library(() => ({ options })))) {
        const child = await startChild(job);
        children.push(child);
        await child.call('setUp', contestant);
        turns[`${build}, ${what}`] = () => child.call('run', { count: revocation.count, listed: options.listed });
      }
    }
    await rounds(turns, 2);
    const results = await rounds(turns, revocation.rounds);
    const [base] = Object.values(results);
    return {
      unit: 'µs',
      base: 'of an empty list',
      lines: Object.entries(results).map(([name, values]) => ({
        name,
        ...summary(values),
        ratio: ratios(values, base),
      })),
    };
  } finally {
    for (const child of children) child.stop();
  }
}
