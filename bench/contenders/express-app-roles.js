import { pathToFileURL } from 'node:url';
import { toLoopback } from '../entra/entra.js';

/**
 * The library itself.
 *
 * @param entra what `entraAt` gives
 * @param {{ build: string, cache?: false | object, permissions?: number }} options the folder of a build; how many permissions are declared
 */
export async function create(entra, { build, cache, permissions: count = 1 }) {
  const { allow, authenticate, callerOf, definePermissions, problemDetails } = await import(
    pathToFileURL(`${build}/index.mjs`)
  );
  // The one that the tokens carry is the last.
  const names = [...Array.from({ length: count - 1 }, (_, i) => `Thing${i}.Read`), entra.scope];
  const permissions = definePermissions(Object.fromEntries(names.map((name) => [name, { delegated }])));
  const authn = authenticate({
    tenant: entra.tenantId,
    clientId: entra.clientId,
    permissions,
    fetch: (url, init) => fetch(toLoopback(entra.origin, url), init),
    ...(cache !== undefined && { cache }),
  });
  await authn.ready();
  return {
    middlewares: [authn, allow(permissions.delegated(entra.scope))],
    /** `allow` of every permission that was declared. */
    allowed: names.map((name) => allow(permissions.delegated(name))),
    callerOf,
    errorHandler: problemDetails(),
  };
}

const delegated = {
  consent: 'admin',
  displayName: 'Read things',
  description: 'Lets the app read the things of the signed-in user.',
};
