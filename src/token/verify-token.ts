import { ConfigurationError, Refusal } from '../errors/index.js';
import { audienceRule } from './audience.js';
import { type Authority, type AuthorityOptions, authorityOf, fillTenant, type TokenVersion } from './authority.js';
import { readClaims, type TokenClaims } from './claims.js';
import { isGuid } from './guid.js';
import { hasValidSignature, type ParsedJws, parseJws } from './jws.js';
import { KeyStore, type SigningKey } from './key-store.js';
import { isTestTenant, type TenantOptions, tenantRule } from './tenants.js';

/** What an access token must be, to be one for this API. */
export type TokenOptions = TenantOptions &
  AuthorityOptions & {
    /** The API's own application (client) ID: a GUID, the `aud` of its v2.0 tokens. */
    readonly clientId: string;
    /** Seconds by which clocks may differ when `exp` and `nbf` are checked: 0 to 300. 300 by default. */
    readonly clockTolerance?: number;
  };

/** Verifies access tokens of one API. */
export interface TokenVerifier {
  /**
   * Checked: form and header, claim types, issuer against `tid` and `ver`, tenant, audience, lifetime, the signature (RS256)
   * with a key of the authority, the key's own issuer, the tenant predicate. Not checked: whether the token was revoked,
   * `acrs`, `groups`, and who is calling (see `identifyCaller`).
   * Source: https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
   *
   * @returns at once where the key is at hand and no predicate has to be waited for
   * @throws Refusal (also as a rejection) with 400, 401 or 503
   */
  verify(token: string): TokenClaims | Promise<TokenClaims>;
  readonly severalTenants: boolean;
  readonly authority: Authority;
}

/** @throws ConfigurationError where an option is missing, contradictory or not to be trusted */
export function tokenVerifier(options: TokenOptions): TokenVerifier {
  const clientId = apiClientId(options.clientId);
  const clockTolerance = tolerance(options.clockTolerance);
  const authority = authorityOf(options);
  const tenants = tenantRule(options);
  const isForThisApi = audienceRule(clientId, options);
  refuseMismatch(options, authority);

  const stores = new Map<string, KeyStore>();
  const keyStore = (version: TokenVersion, tenantId: string): KeyStore => {
    const tenant = tenants.metadataTenant(tenantId);
    const name = `${version} ${tenant}`;
    const store = stores.get(name) ?? new KeyStore(authority, version, tenant);
    stores.set(name, store);
    return store;
  };

  function checkClaims(claims: TokenClaims): void {
    if (claims.issuer !== authority.issuer(claims.version, claims.tid)) throw new Refusal('wrong_issuer');
    if (!tenants.mayBeAdmitted(claims.tenantId)) throw new Refusal('wrong_tenant');
    if (isTestTenant(claims.tenantId) && !authority.test) throw new Refusal('wrong_tenant');
    if (isGraph(claims.audience)) throw new Refusal('graph_token');
    if (!isForThisApi(claims))
      throw new Refusal('wrong_audience', { detail: `The token has version ${claims.version}.` });
    const now = Date.now() / 1000;
    if (claims.notBefore > claims.expiresAt) throw new Refusal('invalid_claim', { detail: 'nbf is later than exp.' });
    if (now >= claims.expiresAt + clockTolerance) throw new Refusal('expired');
    if (now + clockTolerance < claims.notBefore) throw new Refusal('not_yet_valid');
  }

  /** The issuer member stands in v2.0 key sets only; where several tenants may call, a v1.0 token's key must be in that set too. */
  function findKeys(
    { version, tenantId }: TokenClaims,
    kid: string,
  ): [signing: Pending<SigningKey>, naming: Pending<SigningKey>] {
    const signing = keyStore(version, tenantId).find(kid);
    return [signing, version === '1.0' && tenants.several ? keyStore('2.0', tenantId).find(kid) : signing];
  }

  function checkSignature(jws: ParsedJws, claims: TokenClaims, signing: SigningKey, naming: SigningKey): void {
    if (!hasValidSignature(jws, signing.key)) throw new Refusal('bad_signature');
    if (naming.issuer === undefined && !tenants.sharedKeys) return;
    const keyIssuer = fillTenant(naming.issuer ?? '', claims.tid);
    if (keyIssuer !== claims.issuer && keyIssuer !== authority.issuer('2.0', claims.tid))
      throw new Refusal('wrong_key_issuer');
  }

  function admit(claims: TokenClaims): Pending<TokenClaims> {
    if (tenants.predicate === undefined) return claims;
    const answer = tenants.predicate(claims.tenantId);
    if (typeof answer === 'boolean') return onlyIf(answer, claims);
    return Promise.resolve(answer).then((admitted) => onlyIf(admitted, claims));
  }

  return {
    severalTenants: tenants.several,
    authority,
    verify(token) {
      const jws = parseJws(token);
      const claims = readClaims(jws.payload);
      checkClaims(claims);
      const [signing, naming] = findKeys(claims, jws.kid);
      if (signing instanceof Promise || naming instanceof Promise) {
        return Promise.all([signing, naming]).then(([signingKey, namingKey]) => {
          checkSignature(jws, claims, signingKey, namingKey);
          return admit(claims);
        });
      }
      checkSignature(jws, claims, signing, naming);
      return admit(claims);
    },
  };
}

type Pending<T> = T | Promise<T>;

function onlyIf(admitted: unknown, claims: TokenClaims): TokenClaims {
  if (admitted !== true) throw new Refusal('wrong_tenant');
  return claims;
}

function isGraph(audience: string): boolean {
  return audience.startsWith('https://graph.microsoft.com') || audience === '00000003-0000-0000-c000-000000000000';
}

function apiClientId(clientId: unknown): string {
  if (!isGuid(clientId)) {
    throw new ConfigurationError(
      "clientId must be the API's application (client) ID, a GUID, as the Overview of its app registration shows it.",
    );
  }
  return clientId.toLowerCase();
}

function tolerance(seconds: unknown = 300): number {
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= 300)) {
    throw new ConfigurationError('clockTolerance must be a number of seconds from 0 to 300.');
  }
  return seconds;
}

function refuseMismatch({ tenant, tenants }: TokenOptions, authority: Authority): void {
  if (authority.accounts === 'external' && tenant === undefined) {
    throw new ConfigurationError("An External ID authority has one tenant: give it as tenant: '<GUID>'.");
  }
  const named = tenant !== undefined ? [tenant] : Array.isArray(tenants) ? (tenants as readonly string[]) : [];
  if (!authority.test && named.some(isTestTenant)) {
    throw new ConfigurationError(`${named.find(isTestTenant)} is a tenant of a local Entra: it needs testAuthority.`);
  }
}
