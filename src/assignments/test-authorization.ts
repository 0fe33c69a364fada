import type { Principal } from '../caller/index.js';
import { ConfigurationError } from '../errors/index.js';
import {
  type AssignedScope,
  askStore,
  checkGrants,
  describeGrant,
  type Grant,
  isOfCallersTenant,
  isStored,
  type Loaded,
  matchesFilter,
  type Need,
  type Reason,
  type RecordRule,
  whetherOpened,
} from '../permissions/index.js';

/** One question: what of a route would be open to a client, on one record. */
export interface AuthorizationQuestion<T> {
  /** The service principal of the client. */
  readonly client: Principal;
  /** The grants that the route gives to `allow`. Those for users say nothing of a client, and are passed over. */
  readonly grants: readonly [Grant, ...Grant[]];
  readonly record: RecordRule<T>;
  readonly item: T;
}

/** The answer. */
export interface Authorization {
  /**
   * Whether a grant that is limited to records opens this one to the client, if its token carries the permission; conditions
   * aside. A grant of all records is listed, and does not count: only Entra knows who holds its permission.
   */
  readonly isAuthorized: boolean;
  readonly grants: readonly TestedGrant[];
}

/** What one grant opens to the client. */
export interface TestedGrant {
  /** As one line: `application Mail.Send, within mailbox`. */
  readonly grant: string;
  /** What the token of the client has to carry, all of it. */
  readonly permissions: readonly string[];
  readonly outcome: 'matched' | Reason;
  /** It is a grant of all records: nothing is stored about who may use it. */
  readonly isUnlimited: boolean;
  /** Names of conditions that are asked with each request, and were not asked here. */
  readonly conditions: readonly string[];
  /** Of a grant within scopes: every assignment of the client for the permission, and whether its scope has the record. */
  readonly assignments?: readonly (AssignedScope & { readonly isInScope: boolean })[];
}

/**
 * May this client do this to that record, and through which assignment? As `Test-ServicePrincipalAuthorization` of Exchange, it
 * answers from what is stored here. What it does NOT know is which permissions Entra grants to the client: those are in its
 * tokens alone. The same rules decide as for requests.
 * Source: https://learn.microsoft.com/powershell/module/exchange/test-serviceprincipalauthorization
 *
 * @throws ConfigurationError where a grant is of a list, of another kind of record, or there is none for applications
 */
export async function testAuthorization<T>(question: AuthorizationQuestion<T>): Promise<Authorization> {
  const grants = await Promise.all(
    testedGrants(question.grants, question.record).map((grant) => testGrant(grant, question)),
  );
  return { isAuthorized: grants.some(({ outcome, isUnlimited }) => outcome === 'matched' && !isUnlimited), grants };
}

/** @throws ConfigurationError where the grants cannot be tested on a record of this kind */
export function testedGrants<T>(grants: readonly Grant[], record: RecordRule<T>): readonly Grant[] {
  const tested = checkGrants(grants).filter(({ kind }) => kind === 'application');
  if (tested.length === 0)
    throw new ConfigurationError(
      'testAuthorization: none of the grants is for applications; users have no assignments.',
    );
  for (const grant of tested) {
    const { narrowing } = grant;
    const isOfRecord =
      narrowing.kind === 'none' ||
      ((narrowing.kind === 'owned' || narrowing.kind === 'selected' || narrowing.kind === 'within') &&
        narrowing.records.every((rule) => rule === record));
    if (!isOfRecord)
      throw new ConfigurationError(
        `testAuthorization: "${describeGrant(grant)}" is not about one ${record.name}. Give the grants of a route that touches one.`,
      );
  }
  return tested;
}

async function testGrant<T>(grant: Grant, { client, record, item }: AuthorizationQuestion<T>): Promise<TestedGrant> {
  const { narrowing, permissions, conditions } = grant;
  const loaded = new Map<Need, unknown>([[record as RecordRule<unknown>, item]]);
  if (isStored(narrowing)) loaded.set(narrowing, await askStore(narrowing, client, loaded));
  const tested = {
    grant: describeGrant(grant),
    permissions,
    outcome: outcomeOf(grant, client, record, item, loaded),
    isUnlimited: narrowing.kind === 'none',
    conditions: conditions.map(({ name }) => name),
  };
  if (narrowing.kind !== 'within') return tested;
  const attributes = narrowing.scopes.attributes(item);
  const assignments = (loaded.get(narrowing) as readonly AssignedScope[]).map((each) => ({
    ...each,
    isInScope: matchesFilter(attributes, each.filter),
  }));
  return { ...tested, assignments };
}

/** An API with one tenant needs no `tenant` in its records; where there is one, it is asked. */
function outcomeOf<T>(
  { catalogue, permissions, narrowing, everyTenant }: Grant,
  client: Principal,
  record: RecordRule<T>,
  item: T,
  loaded: Loaded,
): TestedGrant['outcome'] {
  if (permissions.some((name) => catalogue[name]?.application?.enabled === false)) return 'permission-disabled';
  const caller = { principal: client };
  if (!everyTenant && record.tenant !== undefined && !isOfCallersTenant(caller, item, record)) return 'other-tenant';
  return whetherOpened(caller, narrowing, loaded);
}
