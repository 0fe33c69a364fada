import type { IncomingMessage } from 'node:http';
import type { Caller } from '../caller/index.js';
import type { RefusalCode } from '../errors/index.js';
import type { CatalogueEntry } from './catalogue.js';
import { disregard } from './disregard.js';
import type { Grant } from './grant.js';
import { isOfCallersTenant, isOwner, type RecordRule } from './record-rule.js';

/** What a decision may need to know beside the caller. */
export interface Facts {
  readonly req: IncomingMessage;
  /** More than one tenant may call: records of another tenant do not exist for the caller. */
  readonly severalTenants: boolean;
  /** The records that the grants name, once they have been looked for; null is one that is not there. */
  readonly records?: ReadonlyMap<RecordRule<unknown>, unknown>;
}

/** Why one grant did or did not match. */
export interface GrantOutcome {
  readonly grant: Grant;
  readonly outcome: 'matched' | Reason;
}

/** Why a grant did not match. */
export type Reason =
  | 'other-kind'
  | 'missing-permission'
  | 'permission-disabled'
  | 'personal-account'
  | 'missing-user-role'
  | 'other-tenant'
  | 'not-owner'
  | 'condition-failed';

export interface Granted {
  readonly outcome: 'granted';
  /** The one that opens most among those that matched. */
  readonly grant: Grant;
  /** Every grant that matched. */
  readonly grants: readonly Grant[];
  readonly explanation: readonly GrantOutcome[];
}

export interface Refused {
  readonly outcome: 'refused';
  readonly code: RefusalCode;
  readonly explanation: readonly GrantOutcome[];
}

/** The caller holds a permission of the route: the records must be looked for before more can be said. */
export interface RecordsNeeded {
  readonly outcome: 'records-needed';
  readonly records: readonly RecordRule<unknown>[];
}

export type Decision = Granted | Refused | RecordsNeeded;

/**
 * Whether a caller may do what the grants allow. Any one grant is enough; everything inside a grant must hold; the order of
 * the grants never changes the outcome. Pure: the same arguments give the same answer. What it cannot know yet it asks for.
 *
 * 1. Grants whose permissions the caller does not hold fall away. With none left it is 403, and nothing was looked up.
 * 2. The records that the grants name are asked for. An absent one, or one of another tenant, is 404.
 * 3. What is left is asked its rule and its conditions.
 */
export function decide(caller: Caller, grants: readonly Grant[], facts: Facts): Decision {
  const held = grants.map((grant): GrantOutcome => ({ grant, outcome: whetherHeld(caller, grant) }));
  if (!held.some(isMatch)) return { outcome: 'refused', code: whyNothingHeld(caller, held), explanation: held };

  const named = namedRecords(grants);
  if (named.length > 0 && facts.records === undefined) return { outcome: 'records-needed', records: named };
  if (named.some((rule) => facts.records?.get(rule) == null)) {
    return { outcome: 'refused', code: 'not_found', explanation: held };
  }

  const explanation = held.map((each): GrantOutcome => {
    const outcome = isMatch(each) ? whetherRulesHold(caller, each.grant, named, facts) : each.outcome;
    return outcome === each.outcome ? each : { grant: each.grant, outcome };
  });
  const matched = explanation.filter(isMatch).map(({ grant }) => grant);
  const [first] = matched;
  if (first === undefined) return { outcome: 'refused', code: whyNoRuleHolds(explanation, named), explanation };
  return { outcome: 'granted', grant: matched.reduce(wider, first), grants: matched, explanation };
}

/** The records that a route loads: those that any of its grants names, each once. */
export function namedRecords(grants: readonly Grant[]): readonly RecordRule<unknown>[] {
  const named: RecordRule<unknown>[] = [];
  for (const { narrowing } of grants) {
    if (narrowing.kind !== 'owned') continue;
    for (const rule of narrowing.records) if (!named.includes(rule)) named.push(rule);
  }
  return named;
}

const isMatch = ({ outcome }: GrantOutcome) => outcome === 'matched';

/** What the token alone can answer. */
function whetherHeld(caller: Caller, grant: Grant): GrantOutcome['outcome'] {
  if (caller.kind !== grant.kind) return 'other-kind';
  const held = caller.kind === 'delegated' ? caller.scopes : caller.appRoles;
  if (!grant.permissions.every((name) => held.includes(name))) return 'missing-permission';
  const declared = (name: string) => grant.catalogue[name]?.[grant.kind];
  if (grant.permissions.some((name) => declared(name)?.enabled === false)) return 'permission-disabled';
  if (caller.kind === 'application') return 'matched';
  if (caller.account === 'personal' && !grant.permissions.every((name) => allowsPersonal(grant.catalogue[name])))
    return 'personal-account';
  if (grant.userRole === undefined) return 'matched';
  if (!caller.userRoles.includes(grant.userRole)) return 'missing-user-role';
  return grant.catalogue[grant.userRole]?.userRole?.enabled === false ? 'permission-disabled' : 'matched';
}

function allowsPersonal(entry: CatalogueEntry | undefined): boolean {
  return entry?.delegated?.personal === true;
}

/** What only the records and the application can answer. */
function whetherRulesHold(
  caller: Caller,
  grant: Grant,
  named: readonly RecordRule<unknown>[],
  facts: Facts,
): GrantOutcome['outcome'] {
  const record = (rule: RecordRule<unknown>) => facts.records?.get(rule);
  if (
    facts.severalTenants &&
    !grant.everyTenant &&
    !named.every((rule) => isOfCallersTenant(caller, record(rule), rule))
  )
    return 'other-tenant';
  const { narrowing } = grant;
  const owned = narrowing.kind === 'owned' ? narrowing.records : [];
  if (!owned.every((rule) => isOwner(caller, record(rule), rule))) return 'not-owner';
  const [only] = owned.length === 1 ? owned : [];
  const given = { caller: caller as never, record: (only && record(only)) as never, req: facts.req };
  return grant.conditions.every(({ test }) => isTrue(test(given))) ? 'matched' : 'condition-failed';
}

function isTrue(answer: unknown): boolean {
  disregard(answer);
  return answer === true;
}

function whyNothingHeld(caller: Caller, held: readonly GrantOutcome[]): RefusalCode {
  const reasons = new Set(held.map(({ outcome }) => outcome));
  if (reasons.has('missing-user-role')) return 'missing_user_role';
  if (reasons.has('personal-account')) return 'personal_account';
  if (reasons.has('permission-disabled')) return 'permission_disabled';
  if (reasons.has('missing-permission')) return caller.kind === 'delegated' ? 'missing_scope' : 'missing_app_role';
  return caller.kind === 'delegated' ? 'kind_not_accepted_delegated' : 'kind_not_accepted_application';
}

/** A record whose existence is confidential stays so, whatever else failed, unless the caller has been found to own it. */
function whyNoRuleHolds(explanation: readonly GrantOutcome[], named: readonly RecordRule<unknown>[]): RefusalCode {
  const failed = (reason: Reason) => explanation.filter(({ outcome }) => outcome === reason);
  // Conditions are asked last, so the records of a grant that failed one are the caller's own.
  const own = failed('condition-failed').flatMap(({ grant }) => namedRecords([grant]));
  if (named.some((rule) => rule.notOwner === 'not-found' && !own.includes(rule))) return 'not_found';
  if (failed('not-owner').length > 0) return 'not_owner';
  return failed('condition-failed').length > 0 ? 'condition_failed' : 'not_found';
}

/** Which of two grants opens more, so that the order of a route's grants never matters. */
function wider(one: Grant, other: Grant): Grant {
  const weight = ({ narrowing, everyTenant }: Grant) => ('records' in narrowing ? 0 : 2) + (everyTenant ? 1 : 0);
  return weight(other) > weight(one) ? other : one;
}
