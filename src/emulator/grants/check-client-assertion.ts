import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import {
  assertionAudienceWrong,
  assertionKeyUnknown,
  assertionMalformed,
  assertionOfAnotherClient,
  assertionOutOfTime,
  assertionSignatureWrong,
  assertionTypeUnknown,
  noFederatedIdentity,
} from '../aadsts.js';
import type { Application, FederatedIdentityCredential, KeyCredential } from '../directory/application.js';
import { issuerOf, isTenantIndependent } from '../documents.js';
import { type Assertion, isInTime, isSignedWith, parseAssertion } from './assertion.js';
import type { TokenRequest } from './token-request.js';

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Checks what a client presents instead of a secret: a JWT that it signed with its certificate, or one of an issuer that it
 * trusts. The same assertion may come again until it expires: msal-node sends it so.
 */
export function checkClientAssertion(request: TokenRequest, application: Application, text: string): void {
  if (request.form.get('client_assertion_type') !== JWT_BEARER) {
    throw assertionTypeUnknown();
  }
  const assertion = parseAssertion(text);
  if (!assertion) {
    throw assertionMalformed();
  }
  const { claims } = assertion;
  if (claims.iss === application.clientId) {
    verify(request, assertion, [certificateKey(application, assertion)]);
    checkOwnClaims(request, application, claims);
    return;
  }
  if (application.federatedIdentityCredentials.length === 0) {
    throw assertionOfAnotherClient();
  }
  const credential = federatedIdentity(application, claims);
  verify(request, assertion, federatedKeys(request, credential));
}

/** The registered certificate that the header names by `x5t` or `x5t#S256`. */
function certificateKey(application: Application, { header }: Assertion): KeyObject {
  const { clientId, keyCredentials } = application;
  const { x5t, x5c, 'x5t#S256': x5tS256 } = header;
  const found = keyCredentials.find(
    (key) => (key.x5t !== undefined && key.x5t === x5t) || (key.x5tS256 !== undefined && key.x5tS256 === x5tS256),
  );
  if (!found) {
    const named = x5t ?? x5tS256;
    throw assertionKeyUnknown(
      clientId,
      named === undefined ? 'The header names no certificate: x5t or x5t#S256.' : 'The key was not found.',
    );
  }
  const certificate = found.certificate ?? broughtAlong(found, x5c);
  if (!certificate) {
    throw assertionKeyUnknown(
      clientId,
      'Of the key the thumbprint alone is known: register the certificate, or send x5c.',
    );
  }
  return createPublicKey(certificate);
}

/** The certificate in the header, where it has the thumbprint that is registered. */
function broughtAlong({ x5t, x5tS256 }: KeyCredential, x5c: unknown): string | undefined {
  const [first] = Array.isArray(x5c) ? x5c : [];
  if (typeof first !== 'string') {
    return undefined;
  }
  try {
    const certificate = new X509Certificate(Buffer.from(first, 'base64'));
    const { fingerprint, fingerprint256 } = certificate;
    const fits = x5t === base64url(fingerprint) || x5tS256 === base64url(fingerprint256);
    return fits ? certificate.toString() : undefined;
  } catch {
    return undefined;
  }
}

function base64url(fingerprint: string): string {
  return Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url');
}

/** Entra compares issuer, subject and audience as they are written, and so does this. */
function federatedIdentity({ federatedIdentityCredentials }: Application, { iss, sub, aud }: Assertion['claims']) {
  const ofIssuer = federatedIdentityCredentials.filter(({ issuer }) => issuer === iss);
  if (ofIssuer.length === 0) {
    throw noFederatedIdentity('issuer');
  }
  const credential = ofIssuer.find(({ subject }) => subject === sub);
  if (!credential) {
    throw noFederatedIdentity('subject');
  }
  if (![aud].flat().some((each) => typeof each === 'string' && credential.audiences.includes(each))) {
    throw noFederatedIdentity('audience');
  }
  return credential;
}

/** A managed identity may stand in for a secret: then the issuer is this local Entra itself. */
function federatedKeys(
  { entra }: TokenRequest,
  { issuer, publicKeys }: FederatedIdentityCredential,
): readonly KeyObject[] {
  const isOwn = entra.directory.tenants.some(({ tenantId }) =>
    [1, 2].some((version) => issuerOf(entra.issuerOrigin, tenantId, version as 1 | 2) === issuer),
  );
  return [
    ...publicKeys.map((key) => createPublicKey(key)),
    ...(isOwn ? entra.keys.published.map(({ publicKey }) => publicKey) : []),
  ];
}

/** msal-node rounds `nbf` up: an assertion may be from the near future. */
function verify({ entra }: TokenRequest, assertion: Assertion, keys: readonly KeyObject[]): void {
  if (!keys.some((key) => isSignedWith(assertion, key, ['RS256', 'PS256']))) {
    throw assertionSignatureWrong();
  }
  if (!isInTime(assertion, entra.clock.now(), 300)) {
    throw assertionOutOfTime();
  }
}

function checkOwnClaims(request: TokenRequest, { clientId }: Application, { sub, aud }: Assertion['claims']): void {
  if (sub !== clientId) {
    throw assertionOfAnotherClient();
  }
  if (![aud].flat().some((each) => typeof each === 'string' && isForThisTenant(request, each))) {
    throw assertionAudienceWrong(`${request.entra.origin}/${request.tenantName}/oauth2/v2.0/token`);
  }
}

/**
 * The token endpoint or the issuer, of either version, by any name of the tenant. Clients that were led here from the real
 * authority name that one.
 */
function isForThisTenant({ entra, tenantId, tenantName }: TokenRequest, audience: string): boolean {
  if (!URL.canParse(audience)) {
    return false;
  }
  const { origin, pathname } = new URL(audience);
  const origins = [entra.origin, entra.issuerOrigin, 'https://login.microsoftonline.com', 'https://sts.windows.net'];
  const tenant = /^\/([^/]+)\/?(?:|oauth2(?:\/v2\.0)?\/token|v2\.0)$/.exec(pathname)?.[1]?.toLowerCase();
  return (
    origins.map(byName).includes(byName(origin)) &&
    tenant !== undefined &&
    (tenantId === undefined || isTenantIndependent(tenant)
      ? tenant === tenantName
      : entra.directory.tenant(tenant)?.tenantId === tenantId)
  );
}

/** The two names of this machine are one. */
function byName(origin: string): string {
  return origin.replace('://127.0.0.1:', '://localhost:');
}
