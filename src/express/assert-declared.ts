import { ConfigurationError } from '../errors/index.js';
import { type Grant, namedRecords } from '../permissions/index.js';
import { isAppOrRouter, listRoutes, type RouteEntry } from './routes.js';

/**
 * Stops the start where a route of the app has neither `allow` nor `publicRoute`, opens every record to every user by leaving
 * out the word for it, or names a record whose parameter its path does not have. Call it after the last route. It sees nested routers; an app mounted in another is called for
 * itself, and is covered at run time.
 *
 * @throws ConfigurationError that lists every finding
 */
export function assertDeclared(app: object): void {
  if (!isAppOrRouter(app)) throw new ConfigurationError('assertDeclared(app) takes an Express app or a router.');
  const findings = listRoutes(app).flatMap(findingsOf);
  if (findings.length === 0) return;
  throw new ConfigurationError(
    `assertDeclared found ${findings.length}:\n${findings.map((each) => `  ${each}`).join('\n')}`,
  );
}

function findingsOf({ method, path, hasParameter, declarations }: RouteEntry): string[] {
  const route = `${method} ${path}`;
  if (declarations.length === 0) return [`${route}: not declared. Put allow(…) or publicRoute() before its handler.`];
  const grants = declarations.flatMap((declaration) => (declaration.kind === 'allow' ? declaration.grants : []));
  return [...missingParameters(route, path, grants), ...(hasParameter ? openedToEveryUser(route, grants) : [])];
}

/** Only where the whole template is known, and is a plain one: not an expression, not several. */
function missingParameters(route: string, path: string, grants: readonly Grant[]): string[] {
  if (!/^[\w\-./:{}*]+$/.test(path)) return [];
  const has = ({ param }: { readonly param: string }) => path.split(/[^\w:]/).includes(`:${param}`);
  return namedRecords(grants)
    .filter((rule) => !has(rule))
    .map(
      ({ name, param }) =>
        `${route}: record '${name}' is looked for by ':${param}', which is not in this path. Say param: '…' in record({ … }).`,
    );
}

function openedToEveryUser(route: string, grants: readonly Grant[]): string[] {
  const delegated = grants.filter(({ kind }) => kind === 'delegated');
  if (!delegated.every(opensEveryRecord)) return [];
  return delegated.map(
    ({ permissions: [name] }) =>
      `${route}: every user, every record? delegated('${name}') opens all of them to every user with the scope. ` +
      'Write .owned(record), or .onAnyRecord() if that is meant.',
  );
}

function opensEveryRecord({ narrowing, userRole, conditions }: Grant): boolean {
  return narrowing.kind === 'none' && userRole === undefined && conditions.length === 0;
}
