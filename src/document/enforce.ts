import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from '../errors/index.js';
import {
  type DecidedOperation,
  declareOperations,
  findState,
  type Middleware,
  type Next,
  named,
  type Operation,
  refuse,
  ruleRequest,
  settle,
  standsInRoute,
  stateOf,
} from '../express/index.js';
import type { EnforcedPath } from './enforced-operations.js';
import { expressPath } from './express-path.js';
import { findMismatch, type Seen, seen } from './find-mismatch.js';
import { type PathMatch, PathTree } from './path-tree.js';
import { readPath } from './request-path.js';

/** The middleware that finds the operation of a request by method and path, and decides by its grants. */
export function enforceOperations(paths: readonly EnforcedPath[]): Middleware {
  const tree = new PathTree<EnforcedPath>();
  for (const path of paths) tree.add(path.template, () => path);
  const keys = new Set(paths.map(({ template }) => template.key));
  const isKnown = (key: string) => keys.has(key);

  const middleware: Middleware = named('enforce', (req, res, next) => {
    const path = readPath(req.url ?? '');
    const match = path && tree.match(path);
    const { method = '' } = req;
    const { operations } = match?.found ?? {};
    const operation = operations?.get(method) ?? (method === 'HEAD' ? operations?.get('GET') : undefined);
    if (match === undefined || operation === undefined || operation.grants.length === 0) {
      if (method === 'OPTIONS' && operation === undefined) next();
      else refuseUnknown(req, res, next, middleware, match?.found);
      return;
    }
    const state = findState(req);
    if (state !== undefined && !standsInRoute(req, middleware)) state.operation = decided(match, seen(req), isKnown);
    ruleRequest(req, res, next, middleware, operation.demand(match.values));
  });
  return declareOperations(middleware, () => paths.flatMap(listed));
}

function decided(
  { found: { path, template } }: PathMatch<EnforcedPath>,
  before: Seen,
  isKnown: (key: string) => boolean,
): DecidedOperation {
  return { path, findMismatch: (req) => findMismatch(req, before, { path, template, isKnown }) };
}

/** No credential is still the first thing to say: what the API has is not told to everyone. */
function refuseUnknown(
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
  by: Middleware,
  path: EnforcedPath | undefined,
): void {
  const refusal = () => {
    const state = stateOf(req);
    if (!standsInRoute(req, by)) state.isCovered = true;
    if (state.caller === undefined) return new Refusal('no_credential');
    const methods = path === undefined ? [] : openMethods(path);
    if (methods.length === 0) return new Refusal('unknown_operation');
    const notThis = new Refusal('unknown_method');
    notThis.headers.Allow = methods.join(', ');
    return notThis;
  };
  settle(
    refusal,
    (no) => refuse(req, res, next, no),
    (error) => refuse(req, res, next, error),
  );
}

function openMethods({ operations }: EnforcedPath): readonly string[] {
  const open = [...operations].filter(([, { grants }]) => grants.length > 0).map(([method]) => method);
  return open.includes('GET') && !operations.has('HEAD') ? [...open, 'HEAD'] : open;
}

function listed({ path, template, operations }: EnforcedPath): readonly Operation[] {
  return [...operations]
    .filter(([, { grants }]) => grants.length > 0)
    .map(([method, { grants }]) => ({
      method,
      path: expressPath(path),
      isPathKnown: true,
      parameters: template.parameters,
      isPublic: false,
      allows: [grants],
    }));
}
