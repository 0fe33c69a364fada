import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigurationError, isRefusal, type Refusal } from '../errors/index.js';
import type { GrantOutcome } from '../permissions/index.js';
import { publishRefused } from './events.js';
import { asError, type Next } from './middleware.js';
import { findState, type RequestState, stateOf } from './request-state.js';
import { withhold } from './withhold.js';

/**
 * The one door for a "no": headers on the response and on the error, an event, then `next(error)`. An error that is neither
 * a refusal nor a misconfiguration is the application's own and goes on as it is. Where `reportOnly` is set, all of them are
 * withheld and the request goes on.
 */
export function refuse(
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
  thrown: unknown,
  explanation: readonly GrantOutcome[] = [],
): void {
  const state = findState(req);
  const error = asError(thrown);
  if (state?.api.reportOnly !== undefined) {
    withhold(req, state, { res, error, explanation });
    next();
    return;
  }
  enforce(req, res, state, error, explanation);
  next(error);
}

/**
 * For whatever a handler reads of the decision. Where a refusal was withheld nothing is proven, and to let such a handler go on
 * would let in whom enforcement keeps out: it gets the refusal that its route was spared.
 *
 * @throws the withheld refusal, where there is one
 * @throws ConfigurationError where no `authenticate` has seen the request
 */
export function provenState(req: IncomingMessage): RequestState {
  const state = stateOf(req);
  if (state.withheld === undefined) return state;
  const { res, error, explanation } = state.withheld;
  if (!state.isRefused) enforce(req, res, state, error, explanation);
  throw error;
}

/** The refusal, whatever `reportOnly` says. The error is still to be passed on. */
export function enforce(
  req: IncomingMessage,
  res: ServerResponse,
  state: RequestState | undefined,
  error: Error,
  explanation: readonly GrantOutcome[],
): void {
  if (state !== undefined) state.isRefused = true;
  if (isRefusal(error)) setHeaders(res, error, state?.api.clientId ?? '', explanation);
  if (isRefusal(error) || error instanceof ConfigurationError) publishRefused(req, state, error, explanation);
}

/**
 * For who leaves the answer to others, as a passport strategy does: the refusal is published, and the request may go on.
 *
 * @returns the challenge
 */
export function decline(req: IncomingMessage, refusal: Refusal): string | undefined {
  const state = findState(req);
  publishRefused(req, state, refusal);
  return challengeFor(refusal, state?.api.clientId ?? '', []);
}

/** Set on the response for an application's own error handler, and on the error for Express's, which drops the former. */
function setHeaders(
  res: ServerResponse,
  refusal: Refusal,
  clientId: string,
  explanation: readonly GrantOutcome[],
): void {
  const challenge = challengeFor(refusal, clientId, explanation);
  if (challenge !== undefined) {
    const others = res.getHeader('WWW-Authenticate');
    refusal.headers['WWW-Authenticate'] = others === undefined ? challenge : [others, challenge].flat().map(String);
  }
  if (refusal.retryAfter !== undefined) refusal.headers['Retry-After'] = String(refusal.retryAfter);
  if (res.headersSent) return;
  for (const [name, value] of Object.entries(refusal.headers)) res.setHeader(name, value);
}

/** RFC 6750 section 3. Every part is a constant of ours, the API's own client id, or a name from its catalogue. */
function challengeFor(
  { status, code, error, message }: Refusal,
  clientId: string,
  explanation: readonly GrantOutcome[],
): string | undefined {
  if (status !== 401 && error === undefined) return undefined;
  const realm = `Bearer realm="${clientId}"`;
  if (error === undefined) return realm;
  const parts = [realm, `error="${error}"`, `error_description="${message.replaceAll('"', "'")}"`];
  if (code === 'missing_scope' && explanation.length > 0) parts.push(`scope="${leastPrivileged(explanation)}"`);
  return parts.join(', ');
}

/** The permissions of the first delegated grant: routes list the least privileged first. */
function leastPrivileged(explanation: readonly GrantOutcome[]): string {
  return explanation.find(({ grant }) => grant.kind === 'delegated')?.grant.permissions.join(' ') ?? '';
}
