import type { IncomingMessage } from 'node:http';
import type { Caller } from '../caller/index.js';
import { findState, isDecided, routeTemplate } from '../express/index.js';
import { describeGrant, type Reason } from '../permissions/index.js';

/** What the library decided about one request, and why. `String(decision)` is what a failing test shows. */
export interface TestDecision {
  /** `undeclared`: no `allow` and no `publicRoute` was reached, so nothing was decided. */
  readonly outcome: 'let-in' | 'refused' | 'undeclared';
  readonly method: string;
  /** The route's template, where one was reached. */
  readonly route: string | undefined;
  /** Of a refusal. */
  readonly status: number | undefined;
  /** Of a refusal: one of the codes in the README, or `misconfigured`. */
  readonly code: string | undefined;
  /** What a client is not told. */
  readonly detail: string | undefined;
  /** For each grant of the route whether it matched, or why it did not. */
  readonly grants: readonly { readonly grant: string; readonly outcome: 'matched' | Reason }[];
  toString(): string;
}

/** Reads what is kept on the request, as the server has it. */
export function readDecision(req: IncomingMessage): TestDecision {
  const state = findState(req);
  const refusal = state?.lastRefusal;
  const isLetIn = state !== undefined && isDecided(state);
  const granted = state?.decisions.at(-1)?.explanation ?? [];
  const decision = {
    outcome: refusal !== undefined ? 'refused' : isLetIn ? 'let-in' : 'undeclared',
    method: req.method ?? '',
    route: routeTemplate(req),
    status: refusal?.status,
    code: refusal?.code,
    detail: refusal?.detail,
    grants: refusal?.grants ?? granted.map(({ grant, outcome }) => ({ grant: describeGrant(grant), outcome })),
  } as const;
  const text = describe(decision, state);
  return Object.freeze({ ...decision, toString: () => text });
}

const results = { 'let-in': 'let in', undeclared: 'no allow and no publicRoute was reached: is the path right?' };
const unseen = 'no authenticate has seen the request: app.use(authenticate({ … })) goes before the routes';

function describe(decision: Omit<TestDecision, 'toString'>, state: ReturnType<typeof findState>): string {
  const { outcome, method, route, status, code, detail, grants } = decision;
  const { caller } = state ?? {};
  const decided = outcome === 'refused' ? `refused, ${status} ${code}` : results[outcome];
  const result = state === undefined ? unseen : decided;
  const width = Math.max(0, ...grants.map(({ grant }) => grant.length));
  return [
    `${method} ${route ?? '(no route)'}: ${result}`,
    ...(detail === undefined ? [] : [`  ${detail}`]),
    ...(caller === undefined ? [] : [`  caller: ${describeCaller(caller)}`]),
    ...grants.map((each) => `  ${each.grant.padEnd(width)}  ${each.outcome}`),
  ].join('\n');
}

function describeCaller(caller: Caller): string {
  const list = (names: readonly string[]) => names.join(', ') || 'none';
  const { objectId } = caller.principal;
  return caller.kind === 'application'
    ? `application ${objectId}, app roles: ${list(caller.appRoles)}`
    : `user ${objectId}, scopes: ${list(caller.scopes)}, user roles: ${list(caller.userRoles)}`;
}
