import { describeGrant, type Grant } from './grant.js';
import { limitsOf } from './limits.js';

/** A grant as JSON: records and conditions by their names, and no member for what it does not say. */
export interface GrantAsJson {
  /** One line. */
  readonly grant: string;
  readonly kind: Grant['kind'];
  /** All of these must be held. */
  readonly permissions: readonly string[];
  readonly userRole?: string;
  readonly account?: 'work' | 'personal';
  readonly records?: { readonly rule: string; readonly names: readonly string[]; readonly role?: string };
  readonly conditions?: readonly string[];
  readonly everyTenant?: true;
  /** What it demands or leaves closed beside its permissions, in words. */
  readonly limits?: readonly string[];
}

export function grantAsJson(grant: Grant): GrantAsJson {
  const { kind, permissions, userRole, account, narrowing, conditions, everyTenant } = grant;
  const limits = limitsOf(grant);
  return {
    grant: describeGrant(grant),
    kind,
    permissions,
    ...(userRole !== undefined && { userRole }),
    ...(account !== undefined && { account }),
    ...('records' in narrowing && {
      records: {
        rule: narrowing.kind,
        names: narrowing.records.map(({ name }) => name),
        ...('role' in narrowing && { role: narrowing.role }),
      },
    }),
    ...(conditions.length > 0 && { conditions: conditions.map(({ name }) => name) }),
    ...(everyTenant && { everyTenant }),
    ...(limits.length > 0 && { limits }),
  };
}
