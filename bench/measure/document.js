import { pathToFileURL } from 'node:url';
import { entraAt, toLoopback } from '../entra/entra.js';
import { scope } from '../entra/names.js';
import { readTokens } from '../entra/token-file.js';
import { makeApp, makeRequest } from './requests.js';
import { median } from './rounds.js';
import { syntheticDocument } from './synthetic-document.js';

/** Enough that reading the clock costs nothing beside them. */
const stretch = 512;

let library;
let text;
let asked;
let authenticate;
let enforce;
let app;
let authorization;

/** @returns {Promise<{ paths: number }>} */
export async function setUp({ options: { build, times }, origin, tokenFile }) {
  const [main, room] = await Promise.all(
    ['index.mjs', 'document/index.mjs'].map((door) => import(pathToFileURL(`${build}/${door}`))),
  );
  library = room;
  const synthetic = syntheticDocument(times, scope);
  text = JSON.stringify(synthetic.document);
  asked = synthetic.asked;
  const permissions = load();
  // Not before: the authority ends a connection that is idle for long.
  const { tenantId: tenant, clientId } = await entraAt(origin);
  const toAuthority = (url, init) => fetch(toLoopback(origin, url), init);
  authenticate = main.authenticate({ tenant, clientId, permissions, fetch: toAuthority });
  await authenticate.ready();
  enforce = permissions.enforce();
  app = makeApp([authenticate]);
  authorization = readTokens(tokenFile).seen.authorization;
  return { paths: synthetic.paths };
}

function load() {
  return library.permissionsFromDocument(JSON.parse(text));
}

/** CPU milliseconds from the text of a document to the middleware, those of the threads that collect garbage included. */
export function loadTime() {
  const start = process.cpuUsage();
  load().enforce();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

/**
 * CPU µs of one request that `enforce` lets pass, the caller being known: of the middle one of many stretches.
 *
 * @param {{ count: number, different: number }} work how many requests, and for how many different operations
 */
export async function run({ count, different }) {
  const every = Math.floor(asked.length / different);
  const costs = [];
  for (let done = 0; done < count; done += stretch) {
    const work = Array.from({ length: stretch }, (_, i) => makeRequest(app, authorization(i % 100)));
    work.forEach(({ req, res }, i) => {
      req.url = asked[(i % different) * every];
      authenticate(req, res, stop);
    });
    let passed = 0;
    const pass = (error) => {
      if (error !== undefined) throw error;
      passed++;
    };
    const start = process.cpuUsage();
    for (const { req, res } of work) enforce(req, res, pass);
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
