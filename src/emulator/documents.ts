import { unknownTenant } from './aadsts.js';
import type { Directory } from './directory/directory.js';
import type { KeyRing } from './keys/key-ring.js';

export type Version = 1 | 2;

/** What the documents are made of. */
export interface Publisher {
  /** Where clients reach it: the addresses in the documents. */
  readonly origin: string;
  /** What `iss` begins with. The same as `origin`, but for a second listener. */
  readonly issuerOrigin: string;
  readonly directory: Directory;
  readonly keys: KeyRing;
}

/** The literal that tenant-independent documents hold where a tenant's own say its id. */
const ANY_TENANT = '{tenantid}';

export function issuerOf(issuerOrigin: string, tenantId: string, version: Version): string {
  return version === 2 ? `${issuerOrigin}/${tenantId}/v2.0` : `${issuerOrigin}/${tenantId}/`;
}

/** The discovery document or key set at a path; `undefined` where there is none. Throws for an unknown tenant. */
export function documentAt(publisher: Publisher, path: string): object | undefined {
  const discovery = /^\/([^/]+)(\/v2\.0)?\/\.well-known\/openid-configuration$/.exec(path);
  if (discovery) {
    return discoveryDocument(publisher, tenantSegment(publisher.directory, discovery[1]), discovery[2] ? 2 : 1);
  }
  const keys = /^\/([^/]+)\/discovery(\/v2\.0)?\/keys$/.exec(path);
  if (keys) {
    tenantSegment(publisher.directory, keys[1]);
    return keySet(publisher, keys[2] ? 2 : 1);
  }
  return undefined;
}

/** The discovery document of a tenant, or of `common` and `organizations`, whose issuer is a template. */
function discoveryDocument({ origin, issuerOrigin }: Publisher, tenant: string, version: Version) {
  const base = `${origin}/${tenant}`;
  const infix = version === 2 ? '/v2.0' : '';
  return {
    issuer: issuerOf(issuerOrigin, isTenantIndependent(tenant) ? ANY_TENANT : tenant, version),
    jwks_uri: `${base}/discovery${infix}/keys`,
    authorization_endpoint: `${base}/oauth2${infix}/authorize`,
    token_endpoint: `${base}/oauth2${infix}/token`,
    device_authorization_endpoint: `${base}/oauth2${infix}/devicecode`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nbf', 'oid', 'tid', 'ver'],
  };
}

/** The key set. Only v2.0 entries name the issuer that may use the key. */
function keySet({ issuerOrigin, keys }: Publisher, version: Version) {
  const issuer = version === 2 ? { issuer: issuerOf(issuerOrigin, ANY_TENANT, 2) } : {};
  return { keys: keys.published.map(({ publicJwk }) => ({ ...publicJwk, ...issuer })) };
}

/** `common` and `organizations` as they are, every other name as the id of its tenant. */
function tenantSegment(directory: Directory, segment = ''): string {
  const name = segment.toLowerCase();
  const tenant = isTenantIndependent(name) ? name : directory.tenant(name)?.tenantId;
  if (tenant === undefined) {
    throw unknownTenant(name, 'invalid_tenant');
  }
  return tenant;
}

export function isTenantIndependent(tenant: string): boolean {
  return tenant === 'common' || tenant === 'organizations';
}
