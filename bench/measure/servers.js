import { startChild } from './start-child.js';

const serverJob = new URL('server.js', import.meta.url);
const loadJob = new URL('load.js', import.meta.url);

/**
 * One server for each contestant on the first core, and one load generator on the second. They live as long as the run.
 *
 * @param {{ origin: string, tokenFile: string }} context
 * @param {Record<string, { contender?: string, options?: object }>} contestants
 */
export async function startServers({ origin, tokenFile }, contestants) {
  const load = await startChild(loadJob, { core: 1 });
  await load.call('setUp', { tokenFile });
  const servers = {};
  for (const [name, settings] of Object.entries(contestants)) {
    const child = await startChild(serverJob);
    const port = await child.call('setUp', { ...settings, origin });
    servers[name] = {
      isIdle: settings.contender === undefined || settings.contender === 'empty',
      ask: (list) => load.call('ask', { port, list }),
      saturate: (milliseconds) => load.call('saturate', { port, milliseconds }),
      pace: (how) => load.call('pace', { port, ...how }),
      cpuTime: () => child.call('cpuTime'),
      stop: () => child.stop(),
    };
  }
  return {
    servers,
    stop() {
      load.stop();
      for (const each of Object.values(servers)) each.stop();
    },
  };
}
