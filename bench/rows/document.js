import { ratios, rounds, summary } from '../measure/rounds.js';
import { startChild } from '../measure/start-child.js';

export const title = 'A permissions document';
export const about =
  'A synthetic document of the size of Microsoft Graph’s (917 permissions, 7,343 paths), a tenth of it, and ten times as much: CPU milliseconds from its text to the middleware, in a process that has loaded it once; and, function level, CPU µs of one request that `enforce` finds in it and lets pass, the caller being known. Requests for 16 operations, which stay in the processor’s cache, and for 512, of which a larger document leaves more to memory.';

const job = new URL('../measure/document.js', import.meta.url);
const sizes = [0.1, 1, 10];
/** Few stay in the processor's cache; of many, a larger document leaves more to memory. */
const askedFor = [16, 512];

export async function measure({ library, origin, tokenFile, sizes: { document } }) {
  const children = [];
  const loads = {};
  const decisions = {};
  try {
    for (const times of sizes) {
      for (const [build, { options }] of Object.entries(library(() => ({ options: { times } })))) {
        const child = await startChild(job);
        children.push(child);
        const { paths } = await child.call('setUp', { options, origin, tokenFile });
        const name = `${build}, ${paths.toLocaleString('en')} paths`;
        loads[name] = () => child.call('loadTime');
        for (const different of askedFor) {
          decisions[`${name}, ${different} asked for`] = () => child.call('run', { count: document.count, different });
        }
      }
    }
    await rounds(decisions, 2);
    const loaded = await rounds(loads, document.rounds);
    const decided = await rounds(decisions, document.rounds);
    return {
      tables: [
        { unit: 'CPU ms to load', lines: lines(loaded) },
        { unit: 'µs to decide', base: 'of a tenth', lines: lines(decided, Object.values(decided)[0]) },
      ],
    };
  } finally {
    for (const child of children) child.stop();
  }
}

function lines(results, base) {
  return Object.entries(results).map(([name, values]) => ({
    name,
    ...summary(values),
    ...(base && { ratio: ratios(values, base) }),
  }));
}
