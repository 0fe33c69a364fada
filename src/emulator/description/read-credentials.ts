import { createPublicKey, X509Certificate } from 'node:crypto';
import type {
  Application,
  FederatedIdentityCredential,
  KeyCredential,
  PasswordCredential,
} from '../directory/application.js';
import { wrong } from '../wrong.js';
import type { ApplicationDescription, FederatedIdentityCredentialDescription } from './directory-description.js';
import { each, onlyKnownFields, text, texts } from './fields.js';
import { stableGuid } from './stable-guid.js';

/** By what an application proves itself. */
export function readCredentials(
  field: string,
  { secrets, certificates, federatedIdentityCredentials }: ApplicationDescription,
  clientId: string,
): Pick<Application, 'passwordCredentials' | 'keyCredentials' | 'federatedIdentityCredentials'> {
  return {
    passwordCredentials: each(`${field}.secrets`, secrets, (at, secret) => readSecret(text(at, secret), clientId)),
    keyCredentials: each(`${field}.certificates`, certificates, (at, certificate) =>
      readCertificate(at, text(at, certificate), clientId),
    ),
    federatedIdentityCredentials: each(
      `${field}.federatedIdentityCredentials`,
      federatedIdentityCredentials,
      (at, credential) => readFederatedIdentityCredential(at, credential, clientId),
    ),
  };
}

function readSecret(secretText: string, clientId: string): PasswordCredential {
  return {
    keyId: stableGuid('secret', clientId, secretText),
    displayName: null,
    secretText,
    endDateTime: '2299-12-31T00:00:00Z',
  };
}

function readCertificate(field: string, given: string, clientId: string): KeyCredential {
  const key = { keyId: stableGuid('certificate', clientId, given), displayName: null };
  const thumbprint = given.replaceAll(':', '');
  if (/^[0-9a-f]+$/i.test(thumbprint) && (thumbprint.length === 40 || thumbprint.length === 64)) {
    const encoded = base64url(thumbprint);
    return thumbprint.length === 40
      ? { ...key, x5t: encoded, x5tS256: undefined, certificate: undefined }
      : { ...key, x5t: undefined, x5tS256: encoded, certificate: undefined };
  }
  try {
    const { fingerprint, fingerprint256 } = new X509Certificate(given);
    return { ...key, x5t: base64url(fingerprint), x5tS256: base64url(fingerprint256), certificate: given };
  } catch {
    throw wrong(field, 'must be a certificate in PEM, or a thumbprint of 40 or 64 hexadecimal digits');
  }
}

function readFederatedIdentityCredential(
  field: string,
  description: FederatedIdentityCredentialDescription,
  clientId: string,
): FederatedIdentityCredential {
  onlyKnownFields(field, description, ['issuer', 'subject', 'name', 'audiences', 'publicKeys']);
  const issuer = text(`${field}.issuer`, description.issuer);
  const subject = text(`${field}.subject`, description.subject);
  return {
    id: stableGuid('federated identity credential', clientId, issuer, subject),
    name: text(`${field}.name`, description.name ?? subject),
    issuer,
    subject,
    audiences: texts(`${field}.audiences`, description.audiences ?? ['api://AzureADTokenExchange']),
    publicKeys: each(`${field}.publicKeys`, description.publicKeys, publicKey),
  };
}

function publicKey(field: string, value: string): string {
  try {
    createPublicKey(text(field, value));
    return value;
  } catch {
    throw wrong(field, 'must be a public key in PEM');
  }
}

function base64url(hexadecimal: string): string {
  return Buffer.from(hexadecimal.replaceAll(':', ''), 'hex').toString('base64url');
}
