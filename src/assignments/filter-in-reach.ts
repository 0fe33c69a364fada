import { ConfigurationError } from '../errors/index.js';
import {
  isOfCallersTenant,
  isOwner,
  matchesFilter,
  type Reach,
  type RecordRule,
  type RecordScopes,
} from '../permissions/index.js';

/** What a reach is about. */
export interface ReachOf<T> {
  readonly record: RecordRule<T>;
  /** For reaches that scopes limit. */
  readonly scopes?: RecordScopes<T>;
}

/**
 * Those of some records that are in reach: for an API that keeps its records in memory. A database does it better; see
 * `reachCondition`. Grants of single records are asked for one by one.
 *
 * ```ts
 * const found = await filterInReach(mailbox.reach(req), [...mailboxes.values()], { record: mailbox });
 * ```
 *
 * @returns in their order
 * @throws ConfigurationError where the reach cannot be told, such as one within scopes where none are given: never everything
 */
export async function filterInReach<T>(reach: Reach, items: readonly T[], of: ReachOf<T>): Promise<T[]> {
  const open = await Promise.all(items.map((item) => isInReach(reach, item, of)));
  return items.filter((_, index) => open[index] === true);
}

async function isInReach<T>(reach: Reach, item: T, of: ReachOf<T>): Promise<boolean> {
  const { record, scopes } = of;
  switch (reach.kind) {
    case 'all':
      return true;
    case 'tenant':
      return isOfTenant(reach.tenantId, item, record);
    case 'owned':
      return isInTenantOf(reach, item, record) && isOwner({ principal: reach.by }, item, record);
    case 'selected': {
      const { selections, name } = record;
      if (selections === undefined || reach.record !== name)
        throw new ConfigurationError(
          `filterInReach: the reach is of selected records of '${reach.record}', not of '${name}'.`,
        );
      if (!isInTenantOf(reach, item, record)) return false;
      return (await selections.rolesOf(reach.by, selections.key(item), name)).includes(reach.role);
    }
    case 'within':
      if (scopes === undefined)
        throw new ConfigurationError(
          `filterInReach: the reach of '${record.name}' is within scopes. Give them as scopes.`,
        );
      return (
        isInTenantOf(reach, item, record) &&
        reach.filters.some((filter) => matchesFilter(scopes.attributes(item), filter))
      );
    case 'any-of':
      return (await each(reach.reaches, item, of)).includes(true);
    case 'all-of':
      return !(await each(reach.reaches, item, of)).includes(false);
    default:
      throw new ConfigurationError(`filterInReach: there is no reach of kind '${String((reach as Reach).kind)}'.`);
  }
}

function each<T>(reaches: readonly Reach[], item: T, of: ReachOf<T>): Promise<boolean[]> {
  if (reaches.length === 0) throw new ConfigurationError('filterInReach: a reach of several has none.');
  return Promise.all(reaches.map((reach) => isInReach(reach, item, of)));
}

function isInTenantOf<T>({ tenantId }: { readonly tenantId?: string }, item: T, record: RecordRule<T>): boolean {
  return tenantId === undefined || isOfTenant(tenantId, item, record);
}

/** A tenant is compared as part of a principal: any will do. */
function isOfTenant<T>(tenantId: string, item: T, record: RecordRule<T>): boolean {
  return isOfCallersTenant({ principal: { tenantId, objectId: tenantId } }, item, record);
}
