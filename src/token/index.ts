export {
  type Authority,
  type AuthorityOptions,
  authorityOf,
  type Cloud,
  type Fetch,
  isLoopback,
  type TestAuthority,
  type TokenVersion,
} from './authority.js';
export type { TokenClaims } from './claims.js';
export { credentialReader, maxCredentialLength } from './credential.js';
export { isGuid } from './guid.js';
export { type KeyMessage, keysChannel } from './key-events.js';
export type { KeyHealth } from './key-ring.js';
export type { KeySetHealth } from './key-store.js';
export { isTestTenant, personalAccountsTenant, type TenantOptions, type TenantPredicate } from './tenants.js';
export { unverifiedClaims } from './unverified-claims.js';
export type { TokenCacheOptions } from './verified-tokens.js';
export { type TokenOptions, type TokenVerifier, tokenVerifier } from './verify-token.js';
