import { ratios, rounds, summary } from '../measure/rounds.js';
import { startChild } from '../measure/start-child.js';

export const title = 'The decision';
export const about =
  'Function level, CPU µs of one `allow` that passes, the caller being known, among so many declared permissions and as many routes. Finding the route is Express’s work and is not counted.';

const job = new URL('../measure/decision.js', import.meta.url);
const counts = [10, 100, 1_000, 10_000];

export async function measure({ library, origin, tokenFile, sizes: { decision } }) {
  const children = [];
  const turns = {};
  try {
    for (const permissions of counts) {
      const contestants = library(() => ({ options: { permissions } }), `, ${permissions.toLocaleString('en')}`);
      for (const [name, { options }] of Object.entries(contestants)) {
        const child = await startChild(job);
        children.push(child);
        await child.call('setUp', { options, origin, tokenFile });
        turns[name] = () => child.call('run', { count: decision.count });
      }
    }
    await rounds(turns, 2);
    const results = await rounds(turns, decision.rounds);
    const [base] = Object.values(results);
    return {
      unit: 'µs',
      base: 'of ten',
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
