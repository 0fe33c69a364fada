import type { ServicePrincipal } from './service-principal.js';

/** The directory roles that may consent for the whole tenant and grant app roles. */
export const adminRoles = [
  'Global Administrator',
  'Privileged Role Administrator',
  'Cloud Application Administrator',
  'Application Administrator',
] as const;

export type AdminRole = (typeof adminRoles)[number];

/** A user object: a member or a guest of its tenant, or a personal account where that is the tenant of personal accounts. */
export interface User {
  readonly objectId: string;
  readonly tenantId: string;
  readonly name: string;
  readonly userPrincipalName: string;
  readonly mail: string;
  /** The tenant in which a guest signs in; undefined for a member. */
  readonly homeTenantId: string | undefined;
  readonly directoryRoles: readonly AdminRole[];
}

export function isUser(principal: User | ServicePrincipal): principal is User {
  return 'userPrincipalName' in principal;
}
