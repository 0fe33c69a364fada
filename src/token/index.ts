export type { Authority, AuthorityOptions, Cloud, Fetch, TestAuthority, TokenVersion } from './authority.js';
export type { TokenClaims } from './claims.js';
export { readCredential } from './credential.js';
export { isGuid } from './guid.js';
export { isTestTenant, personalAccountsTenant, type TenantOptions, type TenantPredicate } from './tenants.js';
export { type TokenOptions, type TokenVerifier, tokenVerifier } from './verify-token.js';
