import { describeGrant, type Grant } from '../permissions/index.js';
import { limitsOf } from './limits.js';

/** A grant as JSON: for `x-permissions` and for the page. */
export interface GrantData {
  /** One line. */
  readonly grant: string;
  readonly kind: Grant['kind'];
  /** All of these must be held. */
  readonly permissions: readonly string[];
  readonly userRole?: string;
  readonly records?: { readonly rule: string; readonly names: readonly string[] };
  readonly conditions?: readonly string[];
  /** What it demands or leaves closed beside its permissions, in words. */
  readonly limits?: readonly string[];
}

export function grantData(grant: Grant): GrantData {
  const { kind, permissions, userRole, narrowing, conditions } = grant;
  const limits = limitsOf(grant);
  return {
    grant: describeGrant(grant),
    kind,
    permissions,
    ...(userRole !== undefined && { userRole }),
    ...('records' in narrowing && {
      records: { rule: narrowing.kind, names: narrowing.records.map(({ name }) => name) },
    }),
    ...(conditions.length > 0 && { conditions: conditions.map(({ name }) => name) }),
    ...(limits.length > 0 && { limits }),
  };
}
