import type { IncomingMessage } from 'node:http';
import type { Caller } from '../caller/index.js';
import { ConfigurationError, Refusal } from '../errors/index.js';
import {
  checkGrants,
  decide,
  type Facts,
  type Grant,
  type Granted,
  type RecordsNeeded,
  type Refused,
} from '../permissions/index.js';
import { declare } from './declaration.js';
import { publishGranted } from './events.js';
import { findRecord } from './find-record.js';
import { type Middleware, settle } from './middleware.js';
import { refuse } from './refuse.js';
import { type RequestState, stateOf } from './request-state.js';
import { standsInRoute } from './routes.js';

/**
 * Declares who may call a route: a caller for whom any one of the grants holds. List the least privileged first; the order
 * never changes an outcome. Several `allow` on one request must all pass.
 *
 * An anonymous request is 401; a caller without any of the permissions 403, before anything is looked up; then the records
 * that the grants name are loaded, each once, and an absent one is 404.
 *
 * @throws ConfigurationError where there is no grant, one repeats or swallows another, or they are of two catalogues
 */
export function allow(...grants: readonly [Grant, ...Grant[]]): Middleware {
  const checked = checkGrants(grants);
  const lists = checked.flatMap(({ narrowing }) => (narrowing.kind === 'owned-only' ? narrowing.records : []));

  return declare(
    function allow(req, res, next) {
      const conclude = (decision: Granted | Refused) => {
        const state = stateOf(req);
        if (decision.outcome === 'refused') {
          refuse(req, res, next, new Refusal(decision.code), decision.explanation);
          return;
        }
        state.decisions.push(decision);
        if (!standsInRoute(req, allow)) state.isCovered = true;
        for (const rule of lists) state.reachToRead.add(rule);
        publishGranted(req, state, decision);
        next();
      };
      settle(
        () => rule(req, checked),
        conclude,
        (error) => refuse(req, res, next, error),
      );
    },
    { kind: 'allow', grants: checked },
  );
}

/** Decides, with whatever the decision asks for looked up: the one place that loads facts. */
function rule(req: IncomingMessage, grants: readonly Grant[]): Granted | Refused | Promise<Granted | Refused> {
  const state = stateOf(req);
  const { caller, api } = state;
  if (caller === undefined) throw new Refusal('no_credential');
  if (grants[0]?.catalogue !== api.catalogue) {
    throw new ConfigurationError(
      'allow: the grants are of another catalogue than the permissions that authenticate was given.',
    );
  }
  const facts: Facts = { req, severalTenants: api.severalTenants };
  const decision = decide(caller, grants, facts);
  return decision.outcome === 'records-needed' ? ruleOnRecords(decision, caller, grants, facts, state) : decision;
}

async function ruleOnRecords(
  { records: rules }: RecordsNeeded,
  caller: Caller,
  grants: readonly Grant[],
  facts: Facts,
  state: RequestState,
): Promise<Granted | Refused> {
  const found = rules.map(async (each) => [each, await findRecord(facts.req, state, each)] as const);
  const decision = decide(caller, grants, { ...facts, records: new Map(await Promise.all(found)) });
  if (decision.outcome === 'records-needed') throw new Error('A decision asked for records that it was given.');
  return decision;
}
