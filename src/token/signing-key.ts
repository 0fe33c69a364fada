import type { KeyObject } from 'node:crypto';
import { importKey } from './jws.js';

/** A key that an authority has published. */
export interface SigningKey {
  readonly kid: string;
  readonly key: KeyObject;
  /** The issuer it signs for, with `{tenantid}` for every tenant; undefined where the key set does not say. */
  readonly issuer: string | undefined;
  /** What the authority published, to tell whether it is still the same key. */
  readonly fingerprint: string;
}

/** The usable keys of a key set (RFC 7517 section 5), by `kid`; of two with one name, the last. What cannot be used is left out. */
export function readKeySet({ keys }: Readonly<Record<string, unknown>>): ReadonlyMap<string, SigningKey> {
  const found = new Map<string, SigningKey>();
  if (!Array.isArray(keys)) return found;
  for (const jwk of keys as readonly unknown[]) {
    if (typeof jwk !== 'object' || jwk === null) continue;
    const { kid, issuer: named, n, e } = jwk as Record<string, unknown>;
    const key = importKey(jwk as Record<string, unknown>);
    if (key === undefined || typeof kid !== 'string' || kid === '') continue;
    const issuer = typeof named === 'string' ? named : undefined;
    found.set(kid, { kid, key, issuer, fingerprint: JSON.stringify([n, e, issuer]) });
  }
  return found;
}
