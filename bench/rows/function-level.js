import { rounds } from '../measure/rounds.js';
import { startChild } from '../measure/start-child.js';

const job = new URL('../measure/function-level.js', import.meta.url);

/**
 * Microseconds of CPU per token, for each contestant and round. Each runs in a child of its own: in one process they would share
 * a heap, and each would run with what the engine learnt from the others. Batches take turns, so that noise meets all alike.
 *
 * @param context what `start.js` gives to every row
 * @param {Record<string, { contender: string, options?: object, list: string, refused?: boolean, atOnce?: number }>} contestants
 * @param {{ warmUp: number, rounds: number, count: number }} size  `warmUp` are rounds too, until all is compiled
 * @returns {Promise<Record<string, number[]>>}
 */
export async function measureFunctions({ origin, tokenFile }, contestants, size) {
  const children = [];
  const turns = {};
  try {
    for (const [name, { contender, options, ...how }] of Object.entries(contestants)) {
      const child = await startChild(job);
      children.push(child);
      await child.call('setUp', { contender, options, origin, tokenFile });
      turns[name] = () => child.call('run', { ...how, count: size.count });
    }
    await rounds(turns, size.warmUp);
    return await rounds(turns, size.rounds);
  } finally {
    for (const child of children) child.stop();
  }
}
