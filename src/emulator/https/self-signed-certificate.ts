import { generateKeyPairSync, type KeyPairKeyObjectResult, randomBytes, sign } from 'node:crypto';
import {
  bitString,
  boolean,
  der,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  utcTime,
  utf8String,
} from './der.js';

export interface ServerCertificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM. It never leaves the process. */
  readonly privateKey: string;
}

const WEEK = 7 * 24 * 3_600_000;
const signatureAlgorithms = {
  ec: sequence(objectIdentifier('1.2.840.10045.4.3.2')),
  rsa: sequence(objectIdentifier('1.2.840.113549.1.1.11'), der(0x05)),
};

/**
 * RFC 5280: a certificate for this machine's two names, signed by itself, good for a week. Elliptic unless told, because an RSA
 * key takes longer to make than everything else at start.
 */
export function selfSignedCertificate(
  { privateKey, publicKey }: KeyPairKeyObjectResult = generateKeyPairSync('ec', { namedCurve: 'P-256' }),
): ServerCertificate {
  const algorithm = signatureAlgorithms[privateKey.asymmetricKeyType === 'rsa' ? 'rsa' : 'ec'];
  const now = Date.now();
  const name = sequence(setOf(sequence(objectIdentifier('2.5.4.3'), utf8String('Local Entra'))));
  const signed = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(randomBytes(16)),
    algorithm,
    name,
    sequence(utcTime(new Date(now - 3_600_000)), utcTime(new Date(now + WEEK))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions())),
  );
  const certificate = sequence(signed, algorithm, bitString(sign('sha256', signed, privateKey)));
  return {
    certificate: pem(certificate),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function extensions(): readonly Buffer[] {
  const dnsName = der(0x82, Buffer.from('localhost'));
  const ipAddress = der(0x87, Buffer.from([127, 0, 0, 1]));
  const serverAuthentication = objectIdentifier('1.3.6.1.5.5.7.3.1');
  const digitalSignature = bitString(Buffer.from([0x80]), 7);
  return [
    extension('2.5.29.17', sequence(dnsName, ipAddress)),
    // Not an authority: whoever trusts it trusts this server and nothing else.
    extension('2.5.29.19', sequence(), true),
    extension('2.5.29.15', digitalSignature, true),
    extension('2.5.29.37', sequence(serverAuthentication)),
  ];
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(objectIdentifier(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
