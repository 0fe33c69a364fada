import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { selfSignedCertificate } from '../../../src/emulator/https/self-signed-certificate.js';

/** A certificate by which a client proves itself, made for this run. */
export function clientCertificate() {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { certificate, privateKey } = selfSignedCertificate(keys);
  const { fingerprint, fingerprint256, raw } = new X509Certificate(certificate);
  const hexadecimal = (value: string) => value.replaceAll(':', '');
  return {
    certificate,
    privateKey,
    key: keys.privateKey,
    publicKey: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sha1: hexadecimal(fingerprint),
    sha256: hexadecimal(fingerprint256),
    x5tS256: Buffer.from(hexadecimal(fingerprint256), 'hex').toString('base64url'),
    x5c: raw.toString('base64'),
  };
}
