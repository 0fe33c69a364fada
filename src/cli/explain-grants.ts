import type { IncomingMessage } from 'node:http';
import type { Caller } from '../caller/index.js';
import { Refusal } from '../errors/index.js';
import { decide, describeGrant, describeReason, type Grant, grantAsJson, type Reason } from '../permissions/index.js';
import { describeRefusal } from './explain-token.js';

/** Whether a grant admits a caller, as far as the token alone can tell. */
export type Admission = 'yes' | 'depends' | 'no';

export interface GrantExplanation {
  readonly grant: Grant;
  readonly admits: Admission;
  readonly why: string;
}

/** What one `allow` makes of a caller. */
export interface AllowExplanation {
  readonly admits: Admission;
  readonly grants: readonly GrantExplanation[];
  /** What a caller is told whom no grant can admit. */
  readonly refusal: Refusal | undefined;
}

/** Holds a caller against the grants of one `allow`, by the decision that the middleware makes too. No record is looked up. */
export function explainAllow(caller: Caller, allow: readonly Grant[]): AllowExplanation {
  const grants = allow.map((grant) => explainGrant(caller, grant));
  const decision = decideByToken(caller, allow);
  const refusal = decision.outcome === 'refused' ? new Refusal(decision.code) : undefined;
  return {
    grants,
    refusal,
    admits: refusal ? 'no' : grants.some(({ admits }) => admits === 'yes') ? 'yes' : 'depends',
  };
}

function explainGrant(caller: Caller, grant: Grant): GrantExplanation {
  const decision = decideByToken(caller, [grant]);
  if (decision.outcome === 'refused') {
    const reason = decision.explanation[0]?.outcome as Reason;
    return { grant, admits: 'no', why: describeReason(reason) };
  }
  const demands = [...recordDemand(grant), ...grant.conditions.map(({ name }) => `if the condition '${name}' holds`)];
  const isCertain = decision.outcome === 'granted' && grant.conditions.length === 0;
  return { grant, admits: isCertain ? 'yes' : 'depends', why: demands.join(', and ') || 'the token has what it takes' };
}

/** Conditions are the application's own functions of a request, and there is none. */
function decideByToken(caller: Caller, grants: readonly Grant[]) {
  const unconditional = grants.map((grant): Grant => ({ ...grant, catalogue: grant.catalogue, conditions: [] }));
  return decide(caller, unconditional, { req: {} as IncomingMessage, severalTenants: false });
}

function recordDemand({ narrowing }: Grant): readonly string[] {
  const named = 'records' in narrowing ? narrowing.records.map(({ name }) => name).join(' and ') : '';
  switch (narrowing.kind) {
    case 'none':
    case 'any-record':
      return [];
    case 'owned':
      return [`if the caller owns the ${named}`];
    case 'owned-only':
      return [`on each ${named} that the caller owns`];
    case 'creates':
      return [`and the caller owns the ${named} that is made`];
    case 'selected':
      return [`if the client was granted ${narrowing.role} on the ${named}`];
    case 'selected-only':
      return [`on each ${named} that the client was granted ${narrowing.role} on`];
    case 'within':
      return [`if the ${named} is in a scope that the client is assigned to`];
    case 'within-only':
      return [`on each ${named} of the scopes that the client is assigned to`];
  }
}

const signs: Readonly<Record<Admission, string>> = { yes: 'yes    ', depends: 'depends', no: 'no     ' };

export function describeAllow({ grants, refusal }: AllowExplanation): string {
  const lines = grants.map(({ grant, admits, why }) => `  ${signs[admits]}  ${describeGrant(grant)}: ${why}`);
  return [...lines, ...(refusal ? [`  refused: ${describeRefusal(refusal)}`] : [])].join('\n');
}

export function allowAsJson({ admits, grants, refusal }: AllowExplanation): object {
  return {
    admits,
    grants: grants.map((each) => ({ ...each, grant: grantAsJson(each.grant) })),
    refusal: refusal && { status: refusal.status, code: refusal.code, message: refusal.message },
  };
}
