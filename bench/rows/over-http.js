import { median, ratios, rounds, summary } from '../measure/rounds.js';
import { withServers } from '../measure/servers.js';

export const title = 'A token seen before, over HTTP';
export const about =
  'One route that answers a small JSON, 50 connections, one token repeated; the server on one core, the load generator on the other. Each contender in several processes, one after the other. express-app-roles: `authenticate` and `allow`, response guard included. On a machine with other work requests per second flatter those that use several threads; requests per second of CPU do not.';

const base = 'two empty middlewares';
/** The name of the figure that a busy machine distorts least. */
export const perCpu = `requests per CPU second, × of ${base}`;

export async function measure(context) {
  const { processes } = context.sizes.overHttp;
  const results = {};
  for (let process = 0; process < processes; process++) {
    const more = await withServers(context, context.serving, (servers) => measureAll(servers, context.sizes.overHttp));
    for (const [name, values] of Object.entries(more)) results[name] = [...(results[name] ?? []), ...values];
  }
  const perSecond = (name) => results[name].map((each) => each.perSecond);
  const cpu = (name) => median(results[name].map((each) => each.cpu));
  return {
    unit: 'requests per second',
    base: `of ${base}`,
    lines: Object.keys(results).map((name) => ({
      name,
      ...summary(perSecond(name)),
      ratio: ratios(perSecond(name), perSecond(base)),
      more: { 'CPU µs per request, median': cpu(name), [perCpu]: cpu(base) / cpu(name) },
    })),
  };
}

async function measureAll(servers, { warmUp, milliseconds, rounds: count }) {
  for (const server of Object.values(servers)) await server.saturate(warmUp);
  const turns = Object.entries(servers).map(([name, server]) => [name, () => measureOnce(server, milliseconds)]);
  return rounds(Object.fromEntries(turns), count);
}

async function measureOnce(server, milliseconds) {
  const before = await server.cpuTime();
  const { requests, perSecond } = await server.saturate(milliseconds);
  return { perSecond, cpu: ((await server.cpuTime()) - before) / requests };
}
