import { median, ratios, rounds, summary } from '../measure/rounds.js';

export const title = 'A token seen before, over HTTP';
export const about =
  'One route that answers a small JSON, 50 connections, one token repeated; the server on one core, the load generator on the other. express-app-roles: `authenticate` and `allow`, response guard included. On a machine with other work requests per second flatter those that use several threads; requests per second of CPU do not.';

const base = 'two empty middlewares';
/** The name of the figure that a busy machine distorts least. */
export const perCpu = `requests per CPU second, × of ${base}`;

export async function measure({ servers, sizes: { overHttp } }) {
  const contestants = Object.fromEntries(
    Object.entries(servers).map(([name, server]) => [name, () => measureOnce(server, overHttp.milliseconds)]),
  );
  for (const server of Object.values(servers)) await server.saturate(overHttp.warmUp);
  const results = await rounds(contestants, overHttp.rounds);
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

async function measureOnce(server, milliseconds) {
  const before = await server.cpuTime();
  const { requests, perSecond } = await server.saturate(milliseconds);
  return { perSecond, cpu: ((await server.cpuTime()) - before) / requests };
}
