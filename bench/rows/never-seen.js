import { ratios, summary } from '../measure/rounds.js';
import { measureFunctions } from './function-level.js';

export const title = 'A token never seen before';
export const about =
  'Function level, CPU µs each, every token another. The line "nothing remembered" is the same library with `cache: false`: the difference is what remembering costs where it never hits.';

const raw = 'limit: one raw RS256 verification';

export async function measure(context) {
  const list = 'distinct';
  const results = await measureFunctions(
    context,
    {
      [raw]: { contender: 'limit-never-seen', list },
      ...context.library(() => ({ contender: 'express-app-roles', list, options: context.cache })),
      ...context.library(
        () => ({ contender: 'express-app-roles', list, options: { cache: false } }),
        ', nothing remembered',
      ),
      'fast-jwt, no cache (key given)': { contender: 'fast-jwt', list, options: { cache: false } },
      'fast-jwt, cache (key given)': {
        contender: 'fast-jwt',
        list,
        options: { cache: context.cache.cache?.maxTokens },
      },
      'aws-jwt-verify': { contender: 'aws-jwt-verify', list },
      'jose 6, createRemoteJWKSet': { contender: 'jose', list },
      'jose 6, 16 at once': { contender: 'jose', list, atOnce: 16 },
      'express-oauth2-jwt-bearer': { contender: 'express-oauth2-jwt-bearer', list },
      'passport-azure-ad': { contender: 'passport-azure-ad', list },
      'express-jwt + jwks-rsa': { contender: 'express-jwt', list },
    },
    context.sizes.neverSeen,
  );
  return {
    unit: 'µs',
    base: 'of the raw verification',
    lines: Object.entries(results).map(([name, values]) => ({
      name,
      ...summary(values),
      ratio: ratios(values, results[raw]),
    })),
  };
}
