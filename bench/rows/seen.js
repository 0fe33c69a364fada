import { ratios, summary } from '../measure/rounds.js';
import { measureFunctions } from './function-level.js';

export const title = 'A token seen before';
export const about =
  'Function level, CPU µs each, 100 tokens in turn. express-app-roles: `authenticate`, `callerOf` and `allow`, response guard included; the others verify only.';

const limit = 'limit: one SHA-256 of the token and a look-up';

export async function measure(context) {
  const list = 'seen';
  const results = await measureFunctions(
    context,
    {
      [limit]: { contender: 'limit-seen', list },
      ...context.library(() => ({ contender: 'express-app-roles', list })),
      'fast-jwt, cache of 10,000 (key given)': { contender: 'fast-jwt', list },
      'aws-jwt-verify': { contender: 'aws-jwt-verify', list },
      'jose 6, createRemoteJWKSet': { contender: 'jose', list },
      'jose 6, 16 at once': { contender: 'jose', list, atOnce: 16 },
      'express-oauth2-jwt-bearer': { contender: 'express-oauth2-jwt-bearer', list },
      'passport-azure-ad': { contender: 'passport-azure-ad', list },
      'express-jwt + jwks-rsa': { contender: 'express-jwt', list },
    },
    context.sizes.seen,
  );
  return {
    unit: 'µs',
    base: 'of the limit',
    lines: Object.entries(results).map(([name, values]) => ({
      name,
      ...summary(values),
      ratio: ratios(values, results[limit]),
    })),
  };
}
