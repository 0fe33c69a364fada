import type { IncomingMessage } from 'node:http';
import type { Caller } from '../caller/index.js';
import type { RefusalCode } from '../errors/index.js';
import type { CatalogueEntry } from './catalogue.js';
import { disregard } from './disregard.js';
import { type Grant, isItem, type Narrowing } from './grant.js';
import { checkRoles, isOfCallersTenant, isOwner, type RecordRule } from './record-rule.js';
import { checkAssigned, matchesFilter } from './record-scopes.js';

/** What a decision may need to know beside the caller. */
export interface Facts {
  readonly req: IncomingMessage;
  /** More than one tenant may call: records of another tenant do not exist for the caller. */
  readonly severalTenants: boolean;
  /** What has been looked up: records by their rule (null is one that is not there), what is stored of a client by its need. */
  readonly loaded?: Loaded;
}

/** What was looked up for a decision, by what needed it. */
export type Loaded = ReadonlyMap<Need, unknown>;

/** What a decision must know first: a record; or what is stored of the client, which a grant's narrowing asks for. */
export type Need = RecordRule<unknown> | StoredNarrowing;

/** The narrowings that depend on what an administrator has stored about the client. */
export type StoredNarrowing = Extract<Narrowing, { readonly kind: 'selected' | 'within' | 'within-only' }>;

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
  | 'work-account'
  | 'missing-user-role'
  | 'other-tenant'
  | 'not-owner'
  | 'not-selected'
  | 'out-of-scope'
  | 'condition-failed';

export interface Granted {
  readonly outcome: 'granted';
  /** The one that opens most among those that matched. */
  readonly grant: Grant;
  /** Every grant that matched. */
  readonly grants: readonly Grant[];
  readonly explanation: readonly GrantOutcome[];
  readonly loaded: Loaded | undefined;
}

export interface Refused {
  readonly outcome: 'refused';
  readonly code: RefusalCode;
  readonly explanation: readonly GrantOutcome[];
}

/** The caller holds a permission of the route: something must be looked up before more can be said. */
export interface FactsNeeded {
  readonly outcome: 'facts-needed';
  readonly needs: readonly Need[];
}

export type Decision = Granted | Refused | FactsNeeded;

/**
 * Whether a caller may do what the grants allow. Any one grant is enough; everything inside a grant must hold; the order of
 * the grants never changes the outcome. Pure: the same arguments give the same answer. What it cannot know yet it asks for.
 *
 * 1. Grants whose permissions the caller does not hold fall away. With none left it is 403, and nothing was looked up.
 * 2. The records that the grants name are asked for. An absent one, or one of another tenant, is 404.
 * 3. What is stored of the client is asked for, where a grant that is left depends on it.
 * 4. What is left is asked its rule and its conditions.
 */
export function decide(caller: Caller, grants: readonly Grant[], facts: Facts): Decision {
  const { loaded } = facts;
  const explanation = grants.map((grant) => ({ grant, outcome: whetherHeld(caller, grant) }));
  if (!explanation.some(isMatched)) {
    return { outcome: 'refused', code: whyNothingHeld(caller, explanation), explanation };
  }

  const named = namedRecords(grants);
  const needs = missing(named, explanation, loaded);
  if (needs.length > 0) return { outcome: 'facts-needed', needs };
  if (!areThere(named, loaded)) return { outcome: 'refused', code: 'not_found', explanation };

  for (const each of explanation) {
    if (isMatched(each)) each.outcome = whetherRulesHold(caller, each.grant, named, facts);
  }
  const matched = explanation.filter(isMatched).map(({ grant }) => grant);
  const [first] = matched;
  if (first === undefined) return { outcome: 'refused', code: whyNoRuleHolds(explanation, named), explanation };
  return { outcome: 'granted', grant: matched.reduce(wider), grants: matched, explanation, loaded };
}

function isMatched({ outcome }: GrantOutcome): boolean {
  return outcome === 'matched';
}

const none: readonly never[] = Object.freeze([]);

/** The records that a route loads: those that any of its grants names, each once. */
export function namedRecords(grants: readonly Grant[]): readonly RecordRule<unknown>[] {
  let named: RecordRule<unknown>[] | undefined;
  for (const { narrowing } of grants) {
    if (!isItem(narrowing)) continue;
    named ??= [];
    for (const rule of narrowing.records) if (!named.includes(rule)) named.push(rule);
  }
  return named ?? none;
}

/** Records first: what is stored of a client is nobody's business where there is no record. */
function missing(
  named: readonly RecordRule<unknown>[],
  held: readonly GrantOutcome[],
  loaded: Loaded | undefined,
): readonly Need[] {
  const records = named.length === 0 ? none : named.filter((rule) => !loaded?.has(rule));
  if (records.length > 0) return records;
  const isAsked = held.some((each) => isMatched(each) && isStored(each.grant.narrowing));
  if (!isAsked || !areThere(named, loaded)) return none;
  const stored = held.filter(isMatched).map(({ grant }) => grant.narrowing);
  return stored.filter(isStored).filter((narrowing) => !loaded?.has(narrowing));
}

function areThere(named: readonly RecordRule<unknown>[], loaded: Loaded | undefined): boolean {
  return named.length === 0 || named.every((rule) => loaded?.get(rule) != null);
}

/** Whether a narrowing cannot be judged before the store was asked. */
export function isStored(narrowing: Narrowing): narrowing is StoredNarrowing {
  return narrowing.kind === 'selected' || narrowing.kind === 'within' || narrowing.kind === 'within-only';
}

/** What the token alone can answer. */
function whetherHeld(caller: Caller, grant: Grant): GrantOutcome['outcome'] {
  if (caller.kind !== grant.kind) return 'other-kind';
  const held = caller.kind === 'delegated' ? caller.scopes : caller.appRoles;
  for (const name of grant.permissions) if (!held.includes(name)) return 'missing-permission';
  for (const name of grant.permissions)
    if (grant.catalogue[name]?.[grant.kind]?.enabled === false) return 'permission-disabled';
  if (caller.kind === 'application') return 'matched';
  if (caller.account === 'personal' && !grant.permissions.every((name) => allowsPersonal(grant.catalogue[name])))
    return 'personal-account';
  if (grant.account !== undefined && (grant.account === 'personal') !== (caller.account === 'personal'))
    return grant.account === 'personal' ? 'work-account' : 'personal-account';
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
  { narrowing, everyTenant, conditions }: Grant,
  named: readonly RecordRule<unknown>[],
  { severalTenants, loaded, req }: Facts,
): GrantOutcome['outcome'] {
  if (severalTenants && !everyTenant && !named.every((rule) => isOfCallersTenant(caller, loaded?.get(rule), rule)))
    return 'other-tenant';
  const outcome = whetherOpened(caller, narrowing, loaded);
  if (outcome !== 'matched' || conditions.length === 0) return outcome;
  const [only, ...others] = isItem(narrowing) ? narrowing.records : [];
  const record = only === undefined || others.length > 0 ? undefined : loaded?.get(only);
  const given = { caller: caller as never, record: record as never, req };
  return conditions.every(({ test }) => isTrue(test(given))) ? 'matched' : 'condition-failed';
}

/** Whether the narrowing of a grant opens the records that were loaded. Lists are the handler's: see `reachOf`. */
export function whetherOpened(
  caller: Pick<Caller, 'principal'>,
  narrowing: Narrowing,
  loaded: Loaded | undefined,
): GrantOutcome['outcome'] {
  switch (narrowing.kind) {
    case 'owned':
      return narrowing.records.every((rule) => isOwner(caller, loaded?.get(rule), rule)) ? 'matched' : 'not-owner';
    case 'selected':
      return checkRoles(loaded?.get(narrowing), narrowing.records[0]).includes(narrowing.role)
        ? 'matched'
        : 'not-selected';
    case 'within': {
      const { scopes, records } = narrowing;
      const assigned = checkAssigned(loaded?.get(narrowing), scopes);
      const attributes = scopes.attributes(loaded?.get(records[0]));
      disregard(attributes);
      return assigned.some(({ filter }) => matchesFilter(attributes, filter)) ? 'matched' : 'out-of-scope';
    }
    case 'within-only':
      checkAssigned(loaded?.get(narrowing), narrowing.scopes);
      return 'matched';
    default:
      return 'matched';
  }
}

function isTrue(answer: unknown): boolean {
  disregard(answer);
  return answer === true;
}

function whyNothingHeld(caller: Caller, held: readonly GrantOutcome[]): RefusalCode {
  const reasons = new Set(held.map(({ outcome }) => outcome));
  if (reasons.has('missing-user-role')) return 'missing_user_role';
  if (reasons.has('personal-account')) return 'personal_account';
  if (reasons.has('work-account')) return 'work_account';
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
  if (failed('not-selected').length > 0) return 'not_selected';
  if (failed('out-of-scope').length > 0) return 'out_of_scope';
  return failed('condition-failed').length > 0 ? 'condition_failed' : 'not_found';
}

/** Which of two grants opens more, so that the order of a route's grants never matters. */
function wider(one: Grant, other: Grant): Grant {
  const weight = ({ narrowing, everyTenant }: Grant) => ('records' in narrowing ? 0 : 2) + (everyTenant ? 1 : 0);
  return weight(other) > weight(one) ? other : one;
}
