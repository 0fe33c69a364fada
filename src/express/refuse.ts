import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigurationError, isRefusal, type Refusal } from '../errors/index.js';
import type { GrantOutcome } from '../permissions/index.js';
import { publishRefused } from './events.js';
import { asError, type Next } from './middleware.js';
import { findState } from './request-state.js';

/**
 * The one door for a "no": headers on the response and on the error, an event, then `next(error)`. An error that is neither
 * a refusal nor a misconfiguration is the application's own and goes on as it is.
 */
export function refuse(
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
  thrown: unknown,
  explanation: readonly GrantOutcome[] = [],
): void {
  const state = findState(req);
  if (state !== undefined) state.isRefused = true;
  const error = asError(thrown);
  if (isRefusal(error)) setHeaders(res, error, state?.api.clientId ?? '', explanation);
  if (isRefusal(error) || error instanceof ConfigurationError) publishRefused(req, state, error, explanation);
  next(error);
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
  if (code === 'missing_scope') parts.push(`scope="${leastPrivileged(explanation)}"`);
  return parts.join(', ');
}

/** The permissions of the first delegated grant: routes list the least privileged first. */
function leastPrivileged(explanation: readonly GrantOutcome[]): string {
  return explanation.find(({ grant }) => grant.kind === 'delegated')?.grant.permissions.join(' ') ?? '';
}
