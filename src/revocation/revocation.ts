import type { Principal } from '../caller/index.js';

/** Whose tokens are revoked: exactly one of these. GUIDs are compared without regard to case, token ids exactly. */
export type RevokedSubject =
  /** Every token that a client obtained, for itself or for users, in every tenant. */
  | { readonly kind: 'client'; readonly clientId: string }
  /** Every token of a user, or of the service principal of a client in one tenant. */
  | { readonly kind: 'principal'; readonly tenantId: string; readonly objectId: string }
  | { readonly kind: 'tenant'; readonly tenantId: string }
  /** One token, by its `uti`. */
  | { readonly kind: 'token'; readonly tokenId: string }
  /** The tokens of every agent of a blueprint (`xms_par_app_azp`), where the token names it. */
  | { readonly kind: 'agent-blueprint'; readonly blueprintId: string };

/** What `revoke` is told. */
export interface NewRevocation {
  readonly subject: RevokedSubject;
  /** Why, in a few words for whoever reads the list later: 1 to 500 characters. It is in no event. */
  readonly reason: string;
  /**
   * Unix seconds: tokens issued (`iat`) up to and including this second are refused. Now by default. A later time refuses tokens
   * as they are issued, until it comes. Not for a single token, which is refused whenever it was issued.
   */
  readonly issuedBefore?: number;
  /** Unix seconds. At least, and by default, 28 hours after `issuedBefore` and from now: no token lives longer. */
  readonly expiresAt?: number;
  /** Who revokes: for the list, not checked. */
  readonly by?: Principal;
}

/** One entry of the list. Immutable. */
export interface Revocation {
  readonly id: string;
  readonly subject: RevokedSubject;
  /** Unix seconds; absent for a single token. */
  readonly issuedBefore?: number;
  readonly reason: string;
  /** Unix seconds. */
  readonly createdAt: number;
  /** Unix seconds. */
  readonly expiresAt: number;
  readonly by?: Principal;
}

/** That a revocation was taken back. It is kept as long as the revocation would have been, so that no instance brings that back. */
export interface Restoration {
  /** The id of the revocation. */
  readonly id: string;
  /** Unix seconds. */
  readonly restoredAt: number;
  /** Unix seconds. */
  readonly expiresAt: number;
  readonly by?: Principal;
}

/** What stores keep. */
export type RevocationRecord = Revocation | Restoration;

export function isRestoration(record: RevocationRecord): record is Restoration {
  return 'restoredAt' in record;
}
