import { summary } from '../measure/rounds.js';
import { measureFunctions } from './function-level.js';

export const title = 'Garbage in the header';
export const about =
  'Function level, CPU µs each: 2 kB of noise as a bearer token, refused before any cryptography, with its challenge on the response.';

export async function measure(context) {
  const results = await measureFunctions(
    context,
    {
      ...context.library(
        () => ({ contender: 'express-app-roles', list: 'noise', refused: true }),
        ', noise without a dot',
      ),
      ...context.library(
        () => ({ contender: 'express-app-roles', list: 'garbage', refused: true }),
        ', noise in three segments',
      ),
    },
    context.sizes.garbage,
  );
  return { unit: 'µs', lines: Object.entries(results).map(([name, values]) => ({ name, ...summary(values) })) };
}
