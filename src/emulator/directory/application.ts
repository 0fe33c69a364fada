/** An app role, as the manifest has it. */
export interface AppRole {
  readonly id: string;
  /** What stands in `roles`. */
  readonly value: string;
  readonly allowedMemberTypes: readonly MemberType[];
  readonly isEnabled: boolean;
  readonly displayName: string;
  readonly description: string;
}

export type MemberType = 'User' | 'Application';

/** A delegated permission, as the manifest has it. */
export interface OAuth2PermissionScope {
  readonly id: string;
  /** What stands in `scp`. */
  readonly value: string;
  /** Who may consent: the user alone, or an administrator only. */
  readonly type: 'User' | 'Admin';
  readonly isEnabled: boolean;
  readonly adminConsentDisplayName: string;
  readonly adminConsentDescription: string;
  readonly userConsentDisplayName: string | null;
  readonly userConsentDescription: string | null;
}

export const optionalClaimNames = ['idtyp', 'acct', 'aud', 'email', 'upn'] as const;

/** An optional claim of access tokens, as the manifest has it. */
export interface OptionalClaim {
  readonly name: (typeof optionalClaimNames)[number];
  /** `include_user_token` (idtyp: users' tokens too), `use_guid` (aud of v1.0 tokens: the client id). */
  readonly additionalProperties: readonly string[];
}

export interface PasswordCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  /** The secret itself. Entra shows it once; here it never leaves the process. */
  readonly secretText: string;
  /** ISO 8601. */
  readonly endDateTime: string;
}

export interface KeyCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  /** SHA-1 thumbprint, base64url: the header `x5t` of an assertion. Undefined where only the other is known. */
  readonly x5t: string | undefined;
  /** SHA-256 thumbprint, base64url: the header `x5t#S256`. */
  readonly x5tS256: string | undefined;
  /** PEM. Without it an assertion has to bring its certificate (`x5c`). */
  readonly certificate: string | undefined;
}

/** Whose tokens prove the application, instead of a secret. */
export interface FederatedIdentityCredential {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  /** The issuer's public keys, PEM: Entra would fetch them. */
  readonly publicKeys: readonly string[];
}

export const signInAudiences = [
  'AzureADMyOrg',
  'AzureADMultipleOrgs',
  'AzureADandPersonalMicrosoftAccount',
  'PersonalMicrosoftAccount',
] as const;

export type SignInAudience = (typeof signInAudiences)[number];

export interface RedirectUris {
  readonly web: readonly string[];
  readonly spa: readonly string[];
  readonly publicClient: readonly string[];
}

/** An app registration: what is true of the application in every tenant. A client, an API, or both. Immutable; the store replaces it. */
export interface Application {
  readonly objectId: string;
  /** The tenant that registered it. */
  readonly tenantId: string;
  readonly clientId: string;
  readonly displayName: string;
  readonly signInAudience: SignInAudience;
  readonly identifierUris: readonly string[];
  /** Which tokens the application wants as a resource; the client and the endpoint have no say. `null` means 1. */
  readonly requestedAccessTokenVersion: 1 | 2 | null;
  readonly appRoles: readonly AppRole[];
  readonly oauth2PermissionScopes: readonly OAuth2PermissionScope[];
  /** Of access tokens for this application. */
  readonly optionalClaims: readonly OptionalClaim[];
  readonly redirectUris: RedirectUris;
  readonly isFallbackPublicClient: boolean;
  readonly implicitGrantSettings: {
    readonly enableAccessTokenIssuance: boolean;
    readonly enableIdTokenIssuance: boolean;
  };
  readonly passwordCredentials: readonly PasswordCredential[];
  readonly keyCredentials: readonly KeyCredential[];
  readonly federatedIdentityCredentials: readonly FederatedIdentityCredential[];
  /** Object ids of users and service principals. */
  readonly owners: readonly string[];
}

export function admitsPersonalAccounts({ signInAudience }: Pick<Application, 'signInAudience'>): boolean {
  return signInAudience === 'AzureADandPersonalMicrosoftAccount' || signInAudience === 'PersonalMicrosoftAccount';
}

export function accessTokenVersion({ requestedAccessTokenVersion }: Application): 1 | 2 {
  return requestedAccessTokenVersion ?? 1;
}
