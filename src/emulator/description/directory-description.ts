import type { Catalogue } from '../../permissions/index.js';
import type { MemberType, OptionalClaim, RedirectUris, SignInAudience } from '../directory/application.js';
import type { AdminRole } from '../directory/user.js';

/**
 * What a local Entra knows: one value, TypeScript or JSON. An application with its permissions and a client with what it was
 * granted are enough. Other places name a tenant by id or domain (`consumers`: the tenant of personal accounts), an
 * application by display name or client id, a user by name or object id.
 */
export interface DirectoryDescription {
  /** Default: one. The first is meant wherever no tenant is named. */
  readonly tenants?: readonly TenantDescription[];
  readonly applications: readonly ApplicationDescription[];
  /** Applications in tenants other than their own. In its own tenant every application has a service principal already. */
  readonly servicePrincipals?: readonly ServicePrincipalDescription[];
  readonly managedIdentities?: readonly ManagedIdentityDescription[];
  readonly users?: readonly UserDescription[];
}

export interface TenantDescription {
  /** A GUID of the range reserved for test tenants, `7e570000-0000-4000-8000-…`. Default: derived from the display name. */
  readonly tenantId?: string;
  readonly displayName?: string;
  /** What user principal names end with. Default: derived from the display name, under `.test`. */
  readonly domain?: string;
}

/** An application: a client, an API, or both. */
export interface ApplicationDescription {
  /** Unique in the description. */
  readonly displayName: string;
  /** A GUID. Default: derived from the display name, the same at every start. */
  readonly clientId?: string;
  /** The object id of the registration, not of its service principal. Default: derived from the client id. */
  readonly objectId?: string;
  /** The tenant that registers it. */
  readonly tenant?: string;
  /** Default `AzureADMyOrg`, as in Entra: that tenant only. */
  readonly signInAudience?: SignInAudience;
  /** App ID URIs under which clients may ask for it. Default: `api://<client id>`. */
  readonly identifierUris?: readonly string[];
  /** Which tokens the application wants as a resource; the client and the endpoint have no say. Default `null`, as in Entra: v1.0. */
  readonly requestedAccessTokenVersion?: 1 | 2 | null;
  /** What the API offers: what `definePermissions` returned, or its catalogue. */
  readonly permissions?: { readonly catalogue: Catalogue } | Catalogue;
  /** App roles as in a manifest, beside those of `permissions`. */
  readonly appRoles?: readonly AppRoleDescription[];
  /** Delegated permissions as in a manifest, beside those of `permissions`. */
  readonly oauth2PermissionScopes?: readonly OAuth2PermissionScopeDescription[];
  /** Of access tokens for this application. Default `['idtyp']`: app-only tokens say so; users' tokens do not. */
  readonly optionalClaims?: readonly (OptionalClaim['name'] | OptionalClaimDescription)[];
  /** By platform. */
  readonly redirectUris?: Partial<RedirectUris>;
  /** Whether it may sign users in without proving itself where the redirect URI does not tell (device code). Default false. */
  readonly isFallbackPublicClient?: boolean;
  /** Default: neither, as in Entra. */
  readonly implicitGrantSettings?: {
    readonly enableAccessTokenIssuance?: boolean;
    readonly enableIdTokenIssuance?: boolean;
  };
  /** Client secrets. */
  readonly secrets?: readonly string[];
  /** Certificates by which the client proves itself: PEM, or the thumbprint alone (SHA-1 or SHA-256, hexadecimal). */
  readonly certificates?: readonly string[];
  readonly federatedIdentityCredentials?: readonly FederatedIdentityCredentialDescription[];
  /** Owners of the registration: users or applications. */
  readonly owners?: readonly string[];
  /** Its service principal in its own tenant. */
  readonly servicePrincipal?: ServicePrincipalSettings;
  /** Application permissions granted to it by an administrator: values by API. An empty list assigns it without a role. */
  readonly appRoleAssignments?: AppRoleAssignmentDescription;
  /** Delegated permissions granted to it. */
  readonly oauth2PermissionGrants?: readonly OAuth2PermissionGrantDescription[];
}

export interface AppRoleDescription {
  readonly value: string;
  readonly allowedMemberTypes: readonly MemberType[];
  /** Default: derived. */
  readonly id?: string;
  /** Default true. */
  readonly isEnabled?: boolean;
  /** Default: the value. */
  readonly displayName?: string;
  /** Default: the display name. */
  readonly description?: string;
}

export interface OAuth2PermissionScopeDescription {
  readonly value: string;
  /** Who may consent. Default `User`. */
  readonly type?: 'User' | 'Admin';
  /** Default: derived. */
  readonly id?: string;
  /** Default true. */
  readonly isEnabled?: boolean;
  /** Default: the value. */
  readonly adminConsentDisplayName?: string;
  /** Default: the display name. */
  readonly adminConsentDescription?: string;
  readonly userConsentDisplayName?: string | null;
  readonly userConsentDescription?: string | null;
}

export interface OptionalClaimDescription {
  readonly name: OptionalClaim['name'];
  readonly additionalProperties?: readonly string[];
}

export interface FederatedIdentityCredentialDescription {
  readonly issuer: string;
  readonly subject: string;
  /** Default: the subject. */
  readonly name?: string;
  /** Default `['api://AzureADTokenExchange']`, as in Entra. */
  readonly audiences?: readonly string[];
  /** The issuer's public keys, PEM: Entra would fetch them. */
  readonly publicKeys?: readonly string[];
}

/** Values of app roles by the API that defines them. */
export type AppRoleAssignmentDescription = Readonly<Record<string, readonly string[]>>;

export interface OAuth2PermissionGrantDescription {
  /** The API. */
  readonly resource: string;
  readonly scopes: readonly string[];
  /** Who consented, for themselves. Left out: an administrator, for every user of the tenant. */
  readonly user?: string;
}

export interface ServicePrincipalSettings {
  /** `oid` and `sub` of its app-only tokens. Default: derived from the client id. */
  readonly objectId?: string;
  /** Whether a client or user without an assignment gets no token for it. Default false, as in Entra. */
  readonly appRoleAssignmentRequired?: boolean;
  /** User roles that the tenant's administrator added to those of the application. */
  readonly appRoles?: readonly AppRoleDescription[];
  /** Owners of the service principal: users or applications. */
  readonly owners?: readonly string[];
}

export interface ServicePrincipalDescription extends ServicePrincipalSettings {
  readonly application: string;
  readonly tenant: string;
  readonly appRoleAssignments?: AppRoleAssignmentDescription;
  readonly oauth2PermissionGrants?: readonly OAuth2PermissionGrantDescription[];
}

/** A service principal without an application, whose token an Azure resource gets for the asking. */
export interface ManagedIdentityDescription {
  /** Unique in the description. */
  readonly displayName: string;
  /** Default: derived from the display name. */
  readonly clientId?: string;
  /** `oid` and `sub` of its tokens. Default: derived from the display name. */
  readonly objectId?: string;
  readonly tenant?: string;
  /** The Azure resource, `/subscriptions/…`: `xms_mirid` of its tokens. Default: made up. */
  readonly azureResourceId?: string;
  readonly appRoleAssignments?: AppRoleAssignmentDescription;
}

export interface UserDescription {
  /** Unique in its tenant. */
  readonly name: string;
  /** A GUID. Default: derived from the name, the same at every start. */
  readonly objectId?: string;
  /** `consumers` for a personal account. */
  readonly tenant?: string;
  /** Makes the user a guest: the tenant that signs them in. One of `tenants`, any other GUID, or `consumers`. */
  readonly homeTenant?: string;
  /** Default: derived from the name and the domain of the tenant. */
  readonly userPrincipalName?: string;
  /** Default: the user principal name; a guest's: at home. */
  readonly mail?: string;
  /** An administrator may consent for everyone and grant app roles. */
  readonly directoryRoles?: readonly AdminRole[];
  /** User roles assigned to the user: values by API. An empty list assigns the user without a role. */
  readonly appRoleAssignments?: AppRoleAssignmentDescription;
}
