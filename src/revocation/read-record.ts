import { readPrincipal, readSeconds, readSubject, readText } from './read-members.js';
import type { RevocationRecord } from './revocation.js';

/**
 * A record as it was stored or sent by another instance, this library's next release included, checked anew.
 * Undefined where it is not one that this release understands.
 */
export function readRecord(value: unknown): RevocationRecord | undefined {
  try {
    return read(value as Readonly<Record<string, unknown>>);
  } catch {
    return undefined;
  }
}

/** @throws Error of any kind, where it is no record */
function read({ id, by, ...given }: Readonly<Record<string, unknown>>): RevocationRecord {
  const common = {
    id: readText(id, 'id', 200),
    expiresAt: readSeconds(given.expiresAt, 'expiresAt'),
    ...(by === undefined ? {} : { by: readPrincipal(by, 'by') }),
  };
  if (given.restoredAt !== undefined)
    return Object.freeze({ ...common, restoredAt: readSeconds(given.restoredAt, 'restoredAt') });
  const subject = readSubject(given.subject);
  return Object.freeze({
    ...common,
    subject,
    ...(subject.kind === 'token' ? {} : { issuedBefore: readSeconds(given.issuedBefore, 'issuedBefore') }),
    reason: readText(given.reason, 'reason', 500),
    createdAt: readSeconds(given.createdAt, 'createdAt'),
  });
}
