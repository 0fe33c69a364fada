import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../caller/index.js';
import { ConfigurationError, isRefusal } from '../errors/index.js';
import { describeGrant, type Granted, type GrantOutcome } from '../permissions/index.js';
import { keysChannel } from '../token/index.js';
import type { CallerMessage, DecisionMessage, NoticeMessage, RefusalMessage, RequestMessage } from './messages.js';
import type { Api, RequestState } from './request-state.js';
import { routeTemplate } from './routes.js';

/**
 * Names of the channels of `node:diagnostics_channel`. Messages hold no token and no claim of a person.
 *
 * - `express-app-roles:decision`: a request was admitted (`DecisionMessage`)
 * - `express-app-roles:refusal`: a request was refused, or would have been (`RefusalMessage`)
 * - `express-app-roles:notice`: something a developer should act on (`NoticeMessage`)
 * - `express-app-roles:keys`: what happens to the authority's signing keys (`KeyMessage`)
 */
export const channels = {
  decision: 'express-app-roles:decision',
  refusal: 'express-app-roles:refusal',
  notice: 'express-app-roles:notice',
  keys: keysChannel,
} as const;

const decision = channel(channels.decision);
const refusal = channel(channels.refusal);
const notice = channel(channels.notice);

export function publishGranted(req: IncomingMessage, state: RequestState, granted: Granted): void {
  if (!decision.hasSubscribers) return;
  decision.publish({
    ...about(req, state),
    outcome: 'granted',
    grant: describeGrant(granted.grant),
  } satisfies DecisionMessage);
}

/** @param error a refusal or a misconfiguration */
export function publishRefused(
  req: IncomingMessage,
  state: RequestState | undefined,
  error: Error,
  explanation: readonly GrantOutcome[] = [],
): void {
  publishRefusal(req, state, error, explanation, true);
}

/** @param error anything that would have kept the request from its handler */
export function publishWithheld(
  req: IncomingMessage,
  state: RequestState,
  error: Error,
  explanation: readonly GrantOutcome[],
): void {
  publishRefusal(req, state, error, explanation, false);
}

export function codeOf(error: Error): RefusalMessage['code'] {
  if (isRefusal(error)) return error.code;
  return error instanceof ConfigurationError ? 'misconfigured' : 'failed';
}

function publishRefusal(
  req: IncomingMessage,
  state: RequestState | undefined,
  error: Error,
  explanation: readonly GrantOutcome[],
  enforced: boolean,
): void {
  if (!refusal.hasSubscribers) return;
  const message: RefusalMessage = {
    ...about(req, state),
    outcome: 'refused',
    enforced,
    status: isRefusal(error) ? error.status : 500,
    code: codeOf(error),
    detail: detailOf(error),
    grants: explanation.map(({ grant, outcome }) => ({ grant: describeGrant(grant), outcome })),
  };
  if (state !== undefined) state.lastRefusal = message;
  refusal.publish(message);
}

/** The message of an error that is not this library's may hold anything. */
function detailOf(error: Error): string | undefined {
  if (isRefusal(error)) return error.detail;
  return error instanceof ConfigurationError ? error.message : undefined;
}

/** How many different notices an instance remembers before it may repeat itself. */
const maxNotices = 1_000;

export function publishNotice({ notices }: Api, message: NoticeMessage): void {
  const name = `${message.code} ${message.clientId ?? ''} ${message.method ?? ''} ${message.route ?? ''}`;
  if (notices.has(name)) return;
  if (notices.size >= maxNotices) notices.clear();
  notices.add(name);
  notice.publish(message);
  process.emitWarning(message.message, { type: 'ExpressAppRolesWarning', code: message.code });
}

function about(req: IncomingMessage, state: RequestState | undefined): RequestMessage {
  const caller = state?.caller;
  return {
    method: req.method,
    route: state?.operation?.path ?? routeTemplate(req),
    caller: caller && describeCaller(caller, state.api),
  };
}

function describeCaller(
  { kind, kindFrom, tenantId, clientId, tokenId, principal }: Caller,
  { objectIdsInEvents }: Api,
): CallerMessage {
  const common = { kind, kindFrom, tenantId, clientId, tokenId };
  return objectIdsInEvents ? { ...common, objectId: principal.objectId } : common;
}
