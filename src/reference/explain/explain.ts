import type { IncomingMessage } from 'node:http';
import type { Caller } from '../../caller/index.js';
import { Refusal, type RefusalCode } from '../../errors/index.js';
import {
  type Decision,
  decide,
  describeGrant,
  describeReason,
  type Grant,
  type GrantOutcome,
  type Loaded,
} from '../../permissions/index.js';
import type { ApiOperation } from '../api-description.js';
import type { CallerDescription } from './caller-description.js';
import { standInCaller, standInFacts, standInGrants } from './stand-in.js';

/** What becomes of a described caller, and why. */
export interface Explanation {
  readonly outcome: 'admitted' | 'refused';
  /** Of a refusal. */
  readonly status?: number;
  readonly code?: RefusalCode;
  /** The one sentence that a client is told. */
  readonly message?: string;
  /** For each `allow`, for each of its grants: `matched`, or why not. A real request stops at the first `allow` that refuses. */
  readonly allows: readonly (readonly ExplainedGrant[])[];
}

export interface ExplainedGrant {
  readonly grant: string;
  readonly outcome: GrantOutcome['outcome'];
  /** Why it did not match, in words. */
  readonly why?: string;
}

/**
 * Decides for a described caller as the API decides for a real one, by the same `decide`. Nothing is loaded, and no function of
 * the application is called. The caller's tenant is one that is admitted, and a record is of that tenant.
 */
export function explain({ access, allows }: ApiOperation, description: CallerDescription): Explanation {
  if (access === 'public') return { outcome: 'admitted', allows: [] };
  const caller = standInCaller(description);
  if (caller === undefined || access === 'undeclared')
    return refused(caller === undefined ? 'no_credential' : undefined, []);
  const decisions = allows.map((grants) => ruleFor(caller, grants, description));
  const explained = decisions.map((decision, index) =>
    decision.explanation.map(({ outcome }, place) => {
      const grant = allows[index]?.[place];
      return {
        grant: grant === undefined ? '' : describeGrant(grant),
        outcome,
        ...(outcome !== 'matched' && { why: describeReason(outcome) }),
      };
    }),
  );
  const no = decisions.find((decision) => decision.outcome === 'refused');
  return no?.outcome === 'refused' ? refused(no.code, explained) : { outcome: 'admitted', allows: explained };
}

/** Without a code: the route declares nothing, which is the developer's mistake. */
function refused(code: RefusalCode | undefined, allows: Explanation['allows']): Explanation {
  if (code === undefined) {
    return { outcome: 'refused', status: 500, message: 'The route declares nothing, so no one may call it.', allows };
  }
  const { status, message } = new Refusal(code);
  return { outcome: 'refused', status, code, message, allows };
}

function ruleFor(
  caller: Caller,
  grants: readonly Grant[],
  description: CallerDescription,
): Exclude<Decision, { outcome: 'facts-needed' }> {
  const standIns = standInGrants(grants, description);
  // Conditions would be given the request: the ones that stand in read nothing.
  const req = {} as IncomingMessage;
  let loaded: Loaded = new Map();
  for (;;) {
    const decision = decide(caller, standIns, { req, severalTenants: false, loaded });
    if (decision.outcome !== 'facts-needed') return decision;
    loaded = standInFacts(decision.needs, description, loaded);
  }
}
