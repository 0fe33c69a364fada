import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** As a key set shows it (RFC 7517). */
export interface PublicJwk {
  readonly kty: 'RSA';
  readonly use: 'sig';
  readonly kid: string;
  readonly x5t: string;
  readonly n: string;
  readonly e: string;
}

/** An RSA key that lives as long as the process, with its public half as a key set shows it. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly publicJwk: PublicJwk;
}

/** A fresh RSA-2048 key. There is no way to bring one along: a key that is written down could sign tokens elsewhere. */
export function createSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n, e } = publicKey.export({ format: 'jwk' }) as { n: string; e: string };
  const jwk = { e, kty: 'RSA' as const, n };
  const kid = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url');
  return { kid, privateKey, publicKey, publicJwk: { ...jwk, use: 'sig', kid, x5t: kid } };
}
