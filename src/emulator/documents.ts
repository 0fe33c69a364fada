import type { SigningKey } from './signing-key.js';

export type Version = 1 | 2;

/** The literal that tenant-independent documents hold where a tenant's own say its id. */
const ANY_TENANT = '{tenantid}';

export function issuerOf(origin: string, tenantId: string, version: Version): string {
  return version === 2 ? `${origin}/${tenantId}/v2.0` : `${origin}/${tenantId}/`;
}

/** The discovery document of a tenant, or of `common` and `organizations`, whose issuer is a template. */
export function discoveryDocument(origin: string, tenant: string, version: Version) {
  const base = `${origin}/${tenant}`;
  const infix = version === 2 ? '/v2.0' : '';
  return {
    issuer: issuerOf(origin, isTenantIndependent(tenant) ? ANY_TENANT : tenant, version),
    jwks_uri: `${base}/discovery${infix}/keys`,
    authorization_endpoint: `${base}/oauth2${infix}/authorize`,
    token_endpoint: `${base}/oauth2${infix}/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nbf', 'oid', 'tid', 'ver'],
  };
}

/** The key set. Only v2.0 entries name the issuer that may use the key. */
export function keySet(origin: string, key: SigningKey, version: Version) {
  const issuer = version === 2 ? { issuer: issuerOf(origin, ANY_TENANT, 2) } : {};
  return { keys: [{ ...key.publicJwk, ...issuer }] };
}

export function isTenantIndependent(tenant: string): boolean {
  return tenant === 'common' || tenant === 'organizations';
}
