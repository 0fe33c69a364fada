import { channel } from 'node:diagnostics_channel';
import type { RevokedSubject } from './revocation.js';

/** Name of the channel of `node:diagnostics_channel` that `RevocationMessage` is published on. */
export const revocationsChannel = 'express-app-roles:revocations';

/** What happened to a list of revocations. No object id, no reason, nothing of who did it: those are in the list. */
export interface RevocationMessage {
  /**
   * `revoked`, `restored`: by this instance, and stored. `list-known`: read completely. `list-unknown`: never read completely, or
   * too long ago; `whenUnknown` decides until it is.
   */
  readonly event: 'revoked' | 'restored' | 'list-known' | 'list-unknown';
  readonly id?: string;
  /** A principal without its object id. */
  readonly subject?: Exclude<RevokedSubject, { readonly kind: 'principal' }> | PrincipalSubject;
  /** Unix seconds. */
  readonly issuedBefore?: number | undefined;
  /** Unix seconds. */
  readonly expiresAt?: number;
}

interface PrincipalSubject {
  readonly kind: 'principal';
  readonly tenantId: string;
}

const revocations = channel(revocationsChannel);

export function publishRevocationEvent(message: RevocationMessage): void {
  if (revocations.hasSubscribers) revocations.publish(message);
}

export function withoutPerson(subject: RevokedSubject): NonNullable<RevocationMessage['subject']> {
  return subject.kind === 'principal' ? { kind: subject.kind, tenantId: subject.tenantId } : subject;
}
