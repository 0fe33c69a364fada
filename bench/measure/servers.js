import { startChild } from './start-child.js';

const serverJob = new URL('server.js', import.meta.url);
const loadJob = new URL('load.js', import.meta.url);

/**
 * One server for each contestant on the first core, and one load generator on the second. They live as long as the work.
 *
 * @template T
 * @param {{ origin: string, tokenFile: string }} context
 * @param {Record<string, { contender?: string, options?: object }>} contestants
 * @param {(servers: object) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withServers({ origin, tokenFile }, contestants, work) {
  const children = [];
  const start = async (...args) => {
    const child = await startChild(...args);
    children.push(child);
    return child;
  };
  try {
    const load = await start(loadJob, { core: 1 });
    await load.call('setUp', { tokenFile });
    const servers = {};
    for (const [name, settings] of Object.entries(contestants)) {
      const child = await start(serverJob);
      const port = await child.call('setUp', { ...settings, origin });
      servers[name] = {
        isIdle: settings.contender === undefined || settings.contender === 'empty',
        ask: (list) => load.call('ask', { port, list }),
        saturate: (milliseconds) => load.call('saturate', { port, milliseconds }),
        pace: (how) => load.call('pace', { port, ...how }),
        cpuTime: () => child.call('cpuTime'),
      };
    }
    return await work(servers);
  } finally {
    for (const child of children) child.stop();
  }
}
