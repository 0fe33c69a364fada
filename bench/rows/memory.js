import { rounds, summary } from '../measure/rounds.js';
import { startChild } from '../measure/start-child.js';

export const title = 'Memory';
export const about =
  'Bytes of heap that stay for each token, garbage collected. For comparison the whole claims of the same tokens, parsed and kept. What of a remembered token goes beyond its claims is the difference; a negative one says that less than the claims is kept.';

const job = new URL('../measure/memory.js', import.meta.url);
const claims = 'the claims alone, as parsed';

export async function measure({ library, origin, tokenFile, sizes: { memory } }) {
  const remembered = library(() => ({ keep: 'checked', list: 'distinct' }), ', a token that passed');
  const contestants = {
    [claims]: { keep: 'claims', list: 'distinct', options: Object.values(remembered)[0].options },
    ...remembered,
    ...library(() => ({ keep: 'checked', list: 'badSignature' }), ', a token that failed'),
  };
  const turns = Object.fromEntries(
    Object.entries(contestants).map(([name, what]) => [
      name,
      () => once({ ...what, origin, tokenFile, count: memory.tokens }),
    ]),
  );
  const results = await rounds(turns, memory.rounds);
  const beyond = Object.keys(remembered).map((name) => [
    `${name}, beyond its claims`,
    results[name].map((value, round) => value - results[claims][round]),
  ]);
  return {
    unit: 'bytes',
    lines: [...Object.entries(results), ...beyond].map(([name, values]) => ({ name, ...summary(values) })),
  };
}

async function once(what) {
  const child = await startChild(job, { execArgv: ['--expose-gc'] });
  try {
    return await child.call('heapPerToken', what);
  } finally {
    child.stop();
  }
}
