import { createPublicKey, verify } from 'node:crypto';

/** One raw RS256 verification: the bytes are ready, and nothing is decoded, parsed or checked. */
export async function create({ jwk: { kty, n, e } }) {
  const key = createPublicKey({ key: { kty, n, e }, format: 'jwk' });
  return {
    prepare(token) {
      const end = token.lastIndexOf('.');
      return { input: Buffer.from(token.slice(0, end)), signature: Buffer.from(token.slice(end + 1), 'base64url') };
    },
    verify({ input, signature }) {
      if (!verify('sha256', input, key, signature)) throw new Error('bad signature');
    },
  };
}
