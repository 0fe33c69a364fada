import { ratios, rounds, summary } from '../measure/rounds.js';
import { withServers } from '../measure/servers.js';
import { measureFunctions } from './function-level.js';

export const title = 'A flood of bad signatures';
export const about =
  'First, function level: CPU µs for each token with a bad signature, beside one never seen. Then over HTTP, 50 connections: 1,000 good requests a second of 100 callers, alone and with 430 bad signatures a second beside them (30 % of all). The time is that of the good ones.';

const rate = { good: 1_000, bad: 430 };

export async function measure(context) {
  const { flood } = context.sizes;
  const times = await withServers(context, context.serving, (servers) => measureGoodOnes(servers, flood));
  return { tables: [await measureCost(context), times] };
}

async function measureCost(context) {
  const good = context.library(
    () => ({ contender: 'express-app-roles', list: 'distinct', options: context.cache }),
    ', never seen',
  );
  const bad = context.library(
    () => ({ contender: 'express-app-roles', list: 'badSignature', refused: true }),
    ', bad signature',
  );
  const results = await measureFunctions(context, { ...good, ...bad }, context.sizes.neverSeen);
  const [base] = Object.keys(good);
  return {
    unit: 'µs',
    base: 'of never seen',
    lines: Object.entries(results).map(([name, values]) => ({
      name,
      ...summary(values),
      ratio: ratios(values, results[base]),
    })),
  };
}

async function measureGoodOnes(servers, flood) {
  const turns = {};
  for (const [name, server] of Object.entries(servers)) {
    const alone = { ...rate, bad: 0, milliseconds: flood.milliseconds };
    // Who checks nothing cannot tell a flood.
    const worst = server.isIdle ? alone : { ...rate, milliseconds: flood.milliseconds };
    await server.saturate(flood.warmUp);
    await server.pace({ ...worst, milliseconds: flood.warmUp });
    turns[`${name}, alone`] = () => server.pace(alone);
    if (worst !== alone) turns[`${name}, flood`] = () => server.pace(worst);
  }
  const results = await rounds(turns, flood.rounds);
  return {
    unit: 'ms',
    lines: Object.entries(results).map(([name, values]) => ({
      name,
      ...summary(values.map(({ median }) => median)),
      more: { 'p99, ms': summary(values.map(({ p99 }) => p99)).median },
    })),
  };
}
