import type { Caller, Principal } from '../caller/index.js';
import type { Grant } from './grant.js';

/** Which records a request may touch: for the WHERE of a query. */
export type Reach =
  | { readonly kind: 'all' }
  | { readonly kind: 'tenant'; readonly tenantId: string }
  | { readonly kind: 'owned'; readonly by: Principal };

/** The widest reach among the grants that matched. One that is narrowed to a kind of record is no key to all of another kind. */
export function reachOf(caller: Caller, grants: readonly Grant[], severalTenants: boolean): Reach {
  const unlimited = grants.filter(({ narrowing }) => !('records' in narrowing));
  if (unlimited.length === 0) return Object.freeze({ kind: 'owned', by: caller.principal });
  if (!severalTenants || unlimited.some(({ everyTenant }) => everyTenant)) return Object.freeze({ kind: 'all' });
  return Object.freeze({ kind: 'tenant', tenantId: caller.tenantId });
}
