import type { IncomingMessage } from 'node:http';
import { ConfigurationError } from '../errors/index.js';
import type { RecordRule } from '../permissions/index.js';
import type { RequestState } from './request-state.js';
import { routeTemplate } from './routes.js';

/** The id by which a request names a record. */
export type IdOf = (req: IncomingMessage, rule: RecordRule<unknown>) => string;

/**
 * The record that a request names, by default in its route's parameter, looked for once per request and id; null where there is none.
 *
 * @throws ConfigurationError where the route has no such single parameter; whatever `find` throws, as it is
 */
export async function findRecord(
  req: IncomingMessage,
  { records }: RequestState,
  rule: RecordRule<unknown>,
  idOf: IdOf = idInRoute,
): Promise<unknown> {
  const id = idOf(req, rule);
  const before = records.get(rule);
  const pending = before?.id === id ? before.found : Promise.resolve(rule.find(id, req));
  records.set(rule, { id, found: pending });
  const found = (await pending) ?? null;
  records.set(rule, { id, found });
  return found;
}

export function idInRoute(req: IncomingMessage, { name, param }: RecordRule<unknown>): string {
  const { params } = req as IncomingMessage & { params?: object };
  const value =
    params !== undefined && Object.hasOwn(params, param) ? (params as Record<string, unknown>)[param] : undefined;
  if (typeof value === 'string') return value;
  throw new ConfigurationError(
    `record '${name}': the route ${routeTemplate(req) ?? ''} has no single parameter ':${param}'. Say param: '…' in record({ … }); a router that needs its ` +
      "parent's parameters is made with Router({ mergeParams: true }); allow in app.use() sees no parameters.",
  );
}
