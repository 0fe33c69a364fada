import express from 'express';
import { entraAt } from '../entra/entra.js';

/** Longer than a run: the load generator keeps its connections. */
const keepAliveTimeout = 3_600_000;

/**
 * An app with one route that answers a small JSON: the first middleware of a contender before all routes, the second in the route.
 * What they refuse is answered without a line in the log.
 *
 * @param {{ contender?: string, options?: object, origin: string }} settings without a contender it is bare
 * @returns the port
 */
export async function setUp({ contender: name, options, origin }) {
  const { middlewares, errorHandler } = name === undefined ? bare : await load(name, options, origin);
  const [authenticate, ...authorize] = middlewares;
  const app = express();
  if (authenticate !== undefined) app.use(authenticate);
  app.get('/orders', ...authorize, (_req, res) => {
    res.json({ id: 'f0c1', status: 'open', lines: 3 });
  });
  app.use(errorHandler ?? answerStatus);
  const server = app.listen(0, '127.0.0.1');
  server.keepAliveTimeout = keepAliveTimeout;
  await new Promise((resolve) => server.once('listening', resolve));
  return server.address().port;
}

/** CPU time of the whole process so far, threads included, in microseconds. */
export function cpuTime() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const bare = { middlewares: [] };

async function load(name, options, origin) {
  const { create } = await import(`../contenders/${name}.js`);
  return create(await entraAt(origin), options);
}

function answerStatus(error, _req, res, _next) {
  res.sendStatus(error.status ?? 500);
}
