import { randomUUID } from 'node:crypto';
import { Problem } from '../express/index.js';
import { readMembers, readPrincipal, readSeconds, readSubject, readText } from './read-members.js';
import type { NewRevocation, Revocation } from './revocation.js';

/** Longer than any token lives: an hour or so, 24 hours for a managed identity, 28 at most. */
export const longestLife = 28 * 3_600;

/** What a client may send; `by` is told by the API itself. */
export const sentMembers = ['subject', 'reason', 'issuedBefore', 'expiresAt'] as const;

/**
 * The entry that comes of what `revoke` is told.
 *
 * @param now Unix seconds
 * @throws Problem that says what is wrong with it
 */
export function newRevocation(told: NewRevocation, now: number): Revocation {
  const { by, ...given } = readMembers(told, 'A revocation', [...sentMembers, 'by']);
  const subject = readSubject(given.subject);
  const isToken = subject.kind === 'token';
  if (isToken && given.issuedBefore !== undefined)
    throw new Problem(400, '"issuedBefore" is not for a single token: that is refused whenever it was issued.');
  const issuedBefore = given.issuedBefore === undefined ? now : readSeconds(given.issuedBefore, 'issuedBefore');
  const earliest = Math.max(issuedBefore, now) + longestLife;
  const expiresAt = given.expiresAt === undefined ? earliest : readSeconds(given.expiresAt, 'expiresAt');
  if (expiresAt < earliest)
    throw new Problem(
      400,
      '"expiresAt" must be at least 28 hours after "issuedBefore" and from now: tokens live that long.',
    );
  return Object.freeze({
    id: randomUUID(),
    subject,
    ...(isToken ? {} : { issuedBefore }),
    reason: readText(given.reason, 'reason', 500),
    createdAt: now,
    expiresAt,
    ...(by === undefined ? {} : { by: readPrincipal(by, 'by') }),
  });
}
