import type { Caller, Principal } from '../caller/index.js';
import type { Grant } from './grant.js';

/** Which records a request may touch: for the WHERE of a query. */
export type Reach =
  | { readonly kind: 'all' }
  | { readonly kind: 'tenant'; readonly tenantId: string }
  | { readonly kind: 'owned'; readonly by: Principal };

/** The widest reach among the grants that matched. */
export function reachOf(caller: Caller, grants: readonly Grant[], rule: object, severalTenants: boolean): Reach {
  const unlimited = grants.filter(
    ({ narrowing }) => !('records' in narrowing && narrowing.records.some((each) => each === rule)),
  );
  if (unlimited.length === 0) return Object.freeze({ kind: 'owned', by: caller.principal });
  if (!severalTenants || unlimited.some(({ everyTenant }) => everyTenant)) return Object.freeze({ kind: 'all' });
  return Object.freeze({ kind: 'tenant', tenantId: caller.tenantId });
}
