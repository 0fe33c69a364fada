import { create } from '../contenders/express-app-roles.js';
import { entraAt } from '../entra/entra.js';
import { readTokens } from '../entra/token-file.js';
import { makeApp, makeRequest } from './requests.js';
import { median } from './rounds.js';

/** Enough that reading the clock costs nothing beside them. */
const stretch = 512;

let contender;
let authorization;
let app;
let route;

/** An app with as many routes as permissions; the tokens carry the permission of the last route. */
export async function setUp({ options, origin, tokenFile }) {
  contender = await create(await entraAt(origin), options);
  app = makeApp(contender.middlewares.slice(0, 1), contender.allowed);
  route = app.router.stack.at(-1).route;
  authorization = readTokens(tokenFile).seen.authorization;
}

/**
 * CPU µs of one `allow` that passes, the caller being known: of the middle one of many stretches, for a large app's heap is now
 * and then collected by other threads, whatever this one does.
 */
export async function run({ count }) {
  const [authenticate] = contender.middlewares;
  const allow = contender.allowed.at(-1);
  const costs = [];
  for (let done = 0; done < count; done += stretch) {
    const work = Array.from({ length: stretch }, (_, i) => makeRequest(app, authorization(i % 100)));
    for (const { req, res } of work) {
      authenticate(req, res, stop);
      req.route = route;
    }
    let passed = 0;
    const pass = (error) => {
      if (error !== undefined) throw error;
      passed++;
    };
    const start = process.cpuUsage();
    for (const { req, res } of work) allow(req, res, pass);
    const { user, system } = process.cpuUsage(start);
    if (passed !== stretch) throw new Error(`${passed} of ${stretch} passed`);
    costs.push((user + system) / stretch);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return median(costs);
}

function stop(error) {
  if (error !== undefined) throw error;
}
