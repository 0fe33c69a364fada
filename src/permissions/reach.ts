import type { Caller, Principal } from '../caller/index.js';
import type { Granted } from './decide.js';
import type { Grant } from './grant.js';
import type { RecordRule } from './record-rule.js';
import type { AssignedScope, RecordFilter } from './record-scopes.js';

/** Which records a request may touch: for the WHERE of a query. Where `tenantId` is set, records of that tenant only. */
export type Reach =
  | { readonly kind: 'all' }
  | { readonly kind: 'tenant'; readonly tenantId: string }
  | { readonly kind: 'owned'; readonly by: Principal; readonly tenantId?: string }
  /** Those on which the role is granted to the client, record by record. */
  | {
      readonly kind: 'selected';
      /** The name of the kind of record. */
      readonly record: string;
      readonly by: Principal;
      readonly role: string;
      readonly tenantId?: string;
    }
  /** Those that match any of the filters; with no filter, none. */
  | { readonly kind: 'within'; readonly filters: readonly RecordFilter[]; readonly tenantId?: string }
  | { readonly kind: 'any-of'; readonly reaches: readonly Reach[] }
  | { readonly kind: 'all-of'; readonly reaches: readonly Reach[] };

/** What one `allow` opened of a kind of record: the reaches of the grants that matched, added up. */
export function reachOf(
  caller: Caller,
  { grants, loaded }: Granted,
  rule: RecordRule<unknown>,
  severalTenants: boolean,
): Reach {
  const reaches: Reach[] = [];
  for (const grant of grants) {
    const reach = reachOfGrant(caller, grant, rule, severalTenants, loaded);
    if (reach.kind === 'all') return reach;
    if (!reaches.some((other) => isSameReach(other, reach))) reaches.push(reach);
  }
  return joined(
    'any-of',
    reaches.filter((reach) => !reaches.some((other) => other !== reach && isPartOf(reach, other))),
  );
}

/** Every `allow` of a request must pass: what all of them opened. */
export function narrowest(reaches: readonly Reach[]): Reach {
  const limits = reaches.filter(
    (reach, index) => reach.kind !== 'all' && !reaches.slice(0, index).some((other) => isSameReach(other, reach)),
  );
  const needed = limits.filter((reach) => !limits.some((other) => other !== reach && isPartOf(other, reach)));
  return needed.length === 0 ? everything : joined('all-of', needed);
}

const everything: Reach = Object.freeze({ kind: 'all' });

function joined(kind: 'any-of' | 'all-of', reaches: readonly Reach[]): Reach {
  const [only] = reaches;
  return only !== undefined && reaches.length === 1 ? only : Object.freeze({ kind, reaches: Object.freeze(reaches) });
}

/** A grant that is limited to one kind of record is no key to all of another kind: of that, to what the caller owns. */
function reachOfGrant(
  { principal, tenantId }: Caller,
  { narrowing, everyTenant }: Grant,
  rule: RecordRule<unknown>,
  severalTenants: boolean,
  loaded: Granted['loaded'],
): Reach {
  const inTenant = severalTenants && !everyTenant ? { tenantId } : {};
  if (!('records' in narrowing))
    return Object.freeze('tenantId' in inTenant ? { kind: 'tenant', tenantId } : everything);
  if (narrowing.records.includes(rule)) {
    if (narrowing.kind === 'selected' || narrowing.kind === 'selected-only')
      return Object.freeze({ kind: 'selected', record: rule.name, by: principal, role: narrowing.role, ...inTenant });
    if (narrowing.kind === 'within' || narrowing.kind === 'within-only') {
      const assigned = (loaded?.get(narrowing) ?? []) as readonly AssignedScope[];
      return Object.freeze({
        kind: 'within',
        filters: Object.freeze(assigned.map(({ filter }) => filter)),
        ...inTenant,
      });
    }
  }
  return Object.freeze({ kind: 'owned', by: principal, ...inTenant });
}

function isSameReach(one: Reach, other: Reach): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether a reach opens nothing but records of a tenant that another one opens as a whole. */
function isPartOf(reach: Reach, other: Reach): boolean {
  return other.kind === 'tenant' && 'tenantId' in reach && reach.tenantId === other.tenantId;
}
