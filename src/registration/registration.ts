/** An app role in the form of Microsoft Graph (resource type `appRole`), without the read-only `origin`. */
export interface AppRole {
  readonly id: string;
  /** What stands in `roles`. `null`: the role is in no token. */
  readonly value: string | null;
  readonly allowedMemberTypes: readonly string[];
  readonly isEnabled: boolean;
  readonly displayName: string;
  readonly description: string | null;
}

/** A delegated permission in the form of Microsoft Graph (resource type `permissionScope`). */
export interface PermissionScope {
  readonly id: string;
  /** What stands in `scp`. */
  readonly value: string | null;
  /** Who may consent: users for themselves, or admins only. */
  readonly type: string;
  readonly isEnabled: boolean;
  readonly adminConsentDisplayName: string;
  readonly adminConsentDescription: string;
  readonly userConsentDisplayName: string | null;
  readonly userConsentDescription: string | null;
}

export interface OptionalClaim {
  readonly name: string;
  readonly source: string | null;
  readonly essential: boolean;
  readonly additionalProperties: readonly string[];
}

export interface OptionalClaims {
  readonly accessToken: readonly OptionalClaim[];
  readonly idToken?: readonly OptionalClaim[];
  readonly saml2Token?: readonly OptionalClaim[];
}

/** What of an app registration declares permissions, in the form of Microsoft Graph (resource type `application`). */
export interface Manifest {
  readonly appRoles: readonly AppRole[];
  readonly api: { readonly oauth2PermissionScopes: readonly PermissionScope[] };
  readonly optionalClaims: OptionalClaims;
}

/** An app registration as it was read: what declares permissions, and which one it is. */
export interface Registration extends Manifest {
  /** The client id. */
  readonly appId: string;
  /** The object id of the registration, by which Microsoft Graph updates it. Not in every file. */
  readonly id?: string;
  readonly displayName?: string;
}
