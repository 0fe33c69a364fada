import type { Caller, KindSource } from '../caller/index.js';
import type { RefusalCode } from '../errors/index.js';
import type { Reason } from '../permissions/index.js';

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

export interface RequestMessage {
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
  /** False: `reportOnly` let the request through, and `status` is what it would have been answered with. */
  readonly enforced: boolean;
  readonly status: number;
  /**
   * `misconfigured`: a mistake in the application's own declarations. `failed`: a function of the application threw while the
   * request was decided; only where that is not enforced, for otherwise the error is the application's to tell.
   */
  readonly code: RefusalCode | 'misconfigured' | 'failed';
  /** What a client is not told: names and constants only. */
  readonly detail: string | undefined;
  /** For each grant why it did not match. */
  readonly grants: readonly { readonly grant: string; readonly outcome: 'matched' | Reason }[];
}

/** Published on `channels.notice` and as a process warning, once for each code, method, route and client. */
export interface NoticeMessage {
  readonly code:
    | 'inferred_application'
    | 'undeclared_route'
    | 'other_operation'
    | 'answered_after_refusal'
    | 'reach_not_read'
    | 'ignored_option'
    | 'report_only'
    | 'report_only_over';
  readonly message: string;
  readonly clientId?: string;
  /** Of the request that it was noticed on. */
  readonly method?: string | undefined;
  readonly route?: string | undefined;
}
