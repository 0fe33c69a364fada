import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Caller, KindSource } from '../caller/index.js';
import { isRefusal, type RefusalCode } from '../errors/index.js';
import { describeGrant, type Granted, type GrantOutcome, type Reason } from '../permissions/index.js';
import { keysChannel } from '../token/index.js';
import { keepRefusal } from './last-refusal.js';
import type { Api, RequestState } from './request-state.js';
import { routeTemplate } from './routes.js';

/**
 * Names of the channels of `node:diagnostics_channel`. Messages hold no token and no claim of a person.
 *
 * - `express-app-roles:decision`: a request was admitted (`DecisionMessage`)
 * - `express-app-roles:refusal`: a request was refused (`RefusalMessage`)
 * - `express-app-roles:notice`: something a developer should act on (`NoticeMessage`)
 * - `express-app-roles:keys`: what happens to the authority's signing keys (`KeyMessage`)
 */
export const channels = {
  decision: 'express-app-roles:decision',
  refusal: 'express-app-roles:refusal',
  notice: 'express-app-roles:notice',
  keys: keysChannel,
} as const;

/** The caller as events know it. */
export interface CallerMessage {
  readonly kind: Caller['kind'];
  readonly kindFrom: KindSource;
  readonly tenantId: string;
  readonly clientId: string;
  /** `uti`. */
  readonly tokenId: string | undefined;
  /** The principal's object id, only where `objectIdsInEvents` asks for it. */
  readonly objectId?: string;
}

interface RequestMessage {
  readonly method: string | undefined;
  /** The route's template, such as `/mailboxes/:id`; undefined before a route was chosen. Never the URL. */
  readonly route: string | undefined;
  /** Undefined: anonymous, or refused before the caller was known. */
  readonly caller: CallerMessage | undefined;
}

/** Published on `channels.decision`. */
export interface DecisionMessage extends RequestMessage {
  readonly outcome: 'granted';
  /** The grant that matched, for example `application Mail.Send`. */
  readonly grant: string;
}

/** Published on `channels.refusal`. */
export interface RefusalMessage extends RequestMessage {
  readonly outcome: 'refused';
  readonly status: number;
  /** `misconfigured`: a mistake in the application's own declarations. */
  readonly code: RefusalCode | 'misconfigured';
  /** What a client is not told: names and constants only. */
  readonly detail: string | undefined;
  /** For each grant why it did not match. */
  readonly grants: readonly { readonly grant: string; readonly outcome: 'matched' | Reason }[];
}

/** Published on `channels.notice` and as a process warning, once for each code, route and client. */
export interface NoticeMessage {
  readonly code: 'inferred_application' | 'undeclared_route' | 'answered_after_refusal' | 'reach_not_read';
  readonly message: string;
  readonly clientId?: string;
  readonly route?: string | undefined;
}

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

/** @param error a refusal; anything else is told as `misconfigured` */
export function publishRefused(
  req: IncomingMessage,
  state: RequestState | undefined,
  error: Error,
  explanation: readonly GrantOutcome[] = [],
): void {
  if (!refusal.hasSubscribers) return;
  const message: RefusalMessage = {
    ...about(req, state),
    outcome: 'refused',
    status: isRefusal(error) ? error.status : 500,
    code: isRefusal(error) ? error.code : 'misconfigured',
    detail: isRefusal(error) ? error.detail : error.message,
    grants: explanation.map(({ grant, outcome }) => ({ grant: describeGrant(grant), outcome })),
  };
  keepRefusal(req, message);
  refusal.publish(message);
}

/** How many different notices an instance remembers before it may repeat itself. */
const maxNotices = 1_000;

export function publishNotice({ notices }: Api, message: NoticeMessage): void {
  const name = `${message.code} ${message.clientId ?? ''} ${message.route ?? ''}`;
  if (notices.has(name)) return;
  if (notices.size >= maxNotices) notices.clear();
  notices.add(name);
  notice.publish(message);
  process.emitWarning(message.message, { type: 'ExpressAppRolesWarning', code: message.code });
}

function about(req: IncomingMessage, state: RequestState | undefined): RequestMessage {
  const caller = state?.caller;
  return { method: req.method, route: routeTemplate(req), caller: caller && describeCaller(caller, state.api) };
}

function describeCaller(
  { kind, kindFrom, tenantId, clientId, tokenId, principal }: Caller,
  { objectIdsInEvents }: Api,
): CallerMessage {
  const common = { kind, kindFrom, tenantId, clientId, tokenId };
  return objectIdsInEvents ? { ...common, objectId: principal.objectId } : common;
}
