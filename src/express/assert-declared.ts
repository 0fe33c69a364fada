import { ConfigurationError } from '../errors/index.js';
import type { Grant } from '../permissions/index.js';
import { isAppOrRouter, listRoutes, type RouteEntry } from './routes.js';

/**
 * Stops the start where a route of the app has neither `allow` nor `publicRoute`, or opens every record to every user by
 * leaving out the word for it. Call it after the last route. It sees nested routers; an app mounted in another is called for
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
  if (declarations.length === 0)
    return [`${method} ${path}: not declared. Put allow(…) or publicRoute() before its handler.`];
  if (!hasParameter) return [];
  const grants = declarations.flatMap((declaration) => (declaration.kind === 'allow' ? declaration.grants : []));
  const delegated = grants.filter(({ kind }) => kind === 'delegated');
  if (!delegated.every(opensEveryRecord)) return [];
  return delegated.map(
    ({ permissions: [name] }) =>
      `${method} ${path}: every user, every record? delegated('${name}') opens all of them to every user with the scope. ` +
      'Write .owned(record), or .onAnyRecord() if that is meant.',
  );
}

function opensEveryRecord({ narrowing, userRole, conditions }: Grant): boolean {
  return narrowing.kind === 'none' && userRole === undefined && conditions.length === 0;
}
