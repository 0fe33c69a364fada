import type { AppRole } from './application.js';

/** What acts and is granted in one tenant: an application that was provisioned there, or a managed identity. Immutable; the store replaces it. */
export interface ServicePrincipal {
  readonly objectId: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly displayName: string;
  /** A managed identity has no application object. */
  readonly servicePrincipalType: 'Application' | 'ManagedIdentity';
  /** Whether a client or user without an assignment gets no token for it. */
  readonly appRoleAssignmentRequired: boolean;
  /** User roles that the tenant's administrator added to those of the application. */
  readonly appRoles: readonly AppRole[];
  /** The Azure resource of a managed identity: `xms_mirid` of its tokens. */
  readonly azureResourceId: string | undefined;
  /** Object ids of users and service principals. Not those of the application object. */
  readonly owners: readonly string[];
}
