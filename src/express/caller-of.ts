import type { IncomingMessage } from 'node:http';
import type { ApplicationCaller, Caller, DelegatedCaller } from '../caller/index.js';
import { ConfigurationError } from '../errors/index.js';
import type { Grant, GrantOutcome } from '../permissions/index.js';
import { provenState } from './refuse.js';
import { stateOf } from './request-state.js';

/**
 * Who is calling. With a kind: the caller of that kind.
 *
 * @throws ConfigurationError (500) where the caller is anonymous or of the other kind, for then the route's declaration and its
 * handler do not agree
 * @throws Refusal where the request was let through by `reportOnly` alone: the one that it was spared
 */
export function callerOf(req: IncomingMessage): Caller;
export function callerOf(req: IncomingMessage, kind: 'delegated'): DelegatedCaller;
export function callerOf(req: IncomingMessage, kind: 'application'): ApplicationCaller;
export function callerOf(req: IncomingMessage, kind?: Caller['kind']): Caller {
  const { caller } = provenState(req);
  if (caller === undefined)
    throw new ConfigurationError('callerOf: the request is anonymous. On a publicRoute use callerIfAny(req).');
  if (kind !== undefined && caller.kind !== kind) {
    throw new ConfigurationError(
      `callerOf: the handler expects a caller of kind '${kind}', but the route's grants admit '${caller.kind}' too.`,
    );
  }
  return caller;
}

/** Who is calling, where anyone may: undefined for an anonymous request. */
export function callerIfAny(req: IncomingMessage): Caller | undefined {
  return stateOf(req).caller;
}

/** Why a request was let through. */
export interface RouteDecision {
  /** The grant that matched; of several, one that opens most. */
  readonly grant: Grant;
  /** The permissions of every grant that matched: ask this where a wider permission shows more of a record. */
  readonly permissions: readonly string[];
  /** For each grant of the route, in its order: `matched`, or why not. */
  readonly explanation: readonly GrantOutcome[];
}

/**
 * What the last `allow` of the route decided.
 *
 * @throws ConfigurationError where no `allow` has passed
 * @throws Refusal where the request was let through by `reportOnly` alone: the one that it was spared
 */
export function decisionOf(req: IncomingMessage): RouteDecision {
  const decision = provenState(req).decisions.at(-1);
  if (decision === undefined)
    throw new ConfigurationError('decisionOf: no allow of this route has passed. A publicRoute has no decision.');
  const { grant, grants, explanation } = decision;
  return { grant, permissions: [...new Set(grants.flatMap(({ permissions }) => permissions))], explanation };
}
