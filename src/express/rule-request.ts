import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../caller/index.js';
import { ConfigurationError, Refusal } from '../errors/index.js';
import {
  decide,
  type Facts,
  type FactsNeeded,
  type Grant,
  type Granted,
  isList,
  type RecordRule,
  type Refused,
} from '../permissions/index.js';
import { declareFor } from './declare-for.js';
import { publishGranted } from './events.js';
import type { IdOf } from './find-record.js';
import { lookUp } from './look-up.js';
import { type Middleware, type Next, settle } from './middleware.js';
import { refuse } from './refuse.js';
import { findState, type RequestState, unauthenticated } from './request-state.js';

/** What is demanded of a request: that one of the grants holds. */
export interface Demand {
  readonly grants: readonly Grant[];
  /** The records of which the handler must read the reach. */
  readonly lists: readonly RecordRule<unknown>[];
  /** How a request names the records that are looked for. */
  readonly idOf: IdOf;
}

export function demandOf(grants: readonly Grant[], idOf: IdOf): Demand {
  return {
    grants: [...grants],
    lists: grants.flatMap(({ narrowing }) => (isList(narrowing) ? narrowing.records : [])),
    idOf,
  };
}

/**
 * Decides a request, and lets it go on or refuses it: for everything that declares who may call.
 *
 * @param by the middleware that demands it: in a route it speaks for that route alone
 */
export function ruleRequest(
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
  by: Middleware,
  demand: Demand,
): void {
  const state = findState(req);
  if (state === undefined) {
    refuse(req, res, next, unauthenticated());
    return;
  }
  const conclude = (decision: Granted | Refused) => {
    declareFor(req, state, by);
    if (decision.outcome === 'refused') {
      refuse(req, res, next, new Refusal(decision.code), decision.explanation);
      return;
    }
    state.decisions = [...state.decisions, decision];
    for (const rule of demand.lists) state.reachToRead.add(rule);
    publishGranted(req, state, decision);
    next();
  };
  settle(
    () => rule(req, state, demand),
    conclude,
    (error) => refuse(req, res, next, error),
  );
}

const anonymous: Refused = Object.freeze({ outcome: 'refused', code: 'no_credential', explanation: Object.freeze([]) });

/** Decides, with whatever the decision asks for looked up: the one place that loads facts. */
function rule(
  req: IncomingMessage,
  state: RequestState,
  demand: Demand,
): Granted | Refused | Promise<Granted | Refused> {
  const { caller, api } = state;
  if (caller === undefined) return anonymous;
  if (demand.grants[0]?.catalogue !== api.catalogue) {
    throw new ConfigurationError(
      'allow: the grants are of another catalogue than the permissions that authenticate (or BearerStrategy, or adopt) was given.',
    );
  }
  const facts: Facts = { req, severalTenants: api.severalTenants };
  const decision = decide(caller, demand.grants, facts);
  return decision.outcome === 'facts-needed' ? ruleOnFacts(decision, caller, demand, facts, state) : decision;
}

/** What a decision asks for may show that it needs to know more: what is stored of a client is asked for after the records. */
async function ruleOnFacts(
  { needs }: FactsNeeded,
  caller: Caller,
  demand: Demand,
  facts: Facts,
  state: RequestState,
): Promise<Granted | Refused> {
  const asking = { caller, state, idOf: demand.idOf };
  const found = needs.map(async (need) => [need, await lookUp(need, facts, asking)] as const);
  const loaded = new Map([...(facts.loaded ?? []), ...(await Promise.all(found))]);
  const decision = decide(caller, demand.grants, { ...facts, loaded });
  return decision.outcome === 'facts-needed'
    ? ruleOnFacts(decision, caller, demand, { ...facts, loaded }, state)
    : decision;
}
