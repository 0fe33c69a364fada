import { ConfigurationError, Refusal } from '../errors/index.js';
import { audienceRule } from './audience.js';
import { type Authority, type AuthorityOptions, authorityOf, fillTenant, type TokenVersion } from './authority.js';
import { readClaims, type TokenClaims } from './claims.js';
import { isGuid } from './guid.js';
import { hasAmbiguousMembers } from './json-members.js';
import { HeaderReader, hasValidSignature, type ParsedJws, parseJws } from './jws.js';
import { KeyRing, type KeyTiming } from './key-ring.js';
import type { KnownKey } from './key-store.js';
import { isTestTenant, type TenantOptions, type TenantPredicate, tenantRule } from './tenants.js';
import { type Remembered, type TokenCacheOptions, VerifiedTokens } from './verified-tokens.js';

/** What an access token must be, to be one for this API. */
export type TokenOptions = TenantOptions &
  AuthorityOptions & {
    /** The API's own application (client) ID: a GUID, the `aud` of its v2.0 tokens. */
    readonly clientId: string;
    /** Seconds by which clocks may differ when `exp` and `nbf` are checked: 0 to 300. 300 by default. */
    readonly clockTolerance?: number;
    /**
     * Hours for which the keys last fetched serve while the authority cannot be reached: 1 to 168. 24 by default.
     * In that time a key that the authority has withdrawn goes unnoticed.
     */
    readonly staleKeys?: number;
    /**
     * Whether the API has signing keys of its own in Entra (claims mapping, a custom signing key): its metadata is then asked for
     * with `?appid=<client id>`. False by default.
     */
    readonly ownSigningKeys?: boolean;
    /** Bounds of what is remembered of tokens that passed; false: every request verifies its token anew. */
    readonly cache?: TokenCacheOptions | false;
  };

/** Verifies access tokens of one API. */
export interface TokenVerifier<T> {
  /**
   * Checked: form and header, claim types, issuer against `tid` and `ver`, tenant, audience, lifetime, the signature (RS256)
   * with a key of the authority, the key's own issuer, the tenant predicate. Not checked: whether the token was revoked,
   * `acrs`, `groups`. A token that passed is remembered; its lifetime, its key and the predicate are asked every time.
   * Source: https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
   *
   * @returns at once where the key is at hand and no predicate has to be waited for
   * @throws Refusal (also as a rejection) with 400, 401 or 503
   */
  verify(token: string): T | Promise<T>;
  /**
   * For claims whose signature something else has verified, and that are trusted for that: all the rest but the token's header
   * and key is checked, and nothing is remembered.
   *
   * @throws Refusal (also as a rejection) with 401
   */
  trust(claims: object): T | Promise<T>;
  readonly severalTenants: boolean;
  readonly keys: KeyRing;
}

type Lifetime = Pick<TokenClaims, 'notBefore' | 'expiresAt'>;

/** What is remembered of a token that passed. */
interface Passed<T> extends Remembered, Lifetime {
  readonly value: T;
  readonly tenantId: string;
  readonly signing: KnownKey;
  /** The same key, where its issuer is named. */
  readonly naming: KnownKey;
}

/**
 * @param identify what verified claims stand for; it may refuse them, and what it gives must be immutable, for requests share it
 * @throws ConfigurationError where an option is missing, contradictory or not to be trusted
 */
export function tokenVerifier<T>(
  options: TokenOptions,
  identify: (claims: TokenClaims, authority: Authority) => T,
  timing?: KeyTiming,
): TokenVerifier<T> {
  const clientId = apiClientId(options.clientId);
  const clockTolerance = tolerance(options.clockTolerance);
  const authority = authorityOf(options, hasOwnSigningKeys(options.ownSigningKeys) ? clientId : undefined);
  const tenants = tenantRule(options);
  const isForThisApi = audienceRule(clientId, options);
  refuseMismatch(options, authority);
  const keys = new KeyRing(authority, tenants.metadataTenants, staleHours(options.staleKeys), timing);
  const headers = new HeaderReader();
  const passed = options.cache === false ? undefined : new VerifiedTokens<Passed<T>>(options.cache);

  function checkClaims(claims: TokenClaims): void {
    if (claims.issuer !== authority.issuer(claims.version, claims.tid)) throw new Refusal('wrong_issuer');
    if (!tenants.mayBeAdmitted(claims.tenantId)) throw new Refusal('wrong_tenant');
    if (isTestTenant(claims.tenantId) && !authority.test) throw new Refusal('wrong_tenant');
    if (!isForThisApi(claims)) {
      const { audience, version } = claims;
      throw new Refusal(isGraph(audience) ? 'graph_token' : 'wrong_audience', {
        detail: `The token has version ${version}.`,
      });
    }
    if (claims.notBefore > claims.expiresAt) throw new Refusal('invalid_claim', { detail: 'nbf is later than exp.' });
    checkLifetime(claims);
  }

  function checkLifetime({ expiresAt, notBefore }: Lifetime): void {
    const now = Date.now() / 1000;
    if (now >= expiresAt + clockTolerance) throw new Refusal('expired');
    if (now + clockTolerance < notBefore) throw new Refusal('not_yet_valid');
  }

  function find(version: TokenVersion, tenantId: string, kid: string): Pending<KnownKey> {
    return keys.store(version, tenants.metadataTenant(tenantId)).find(kid);
  }

  /** The issuer member stands in v2.0 key sets only; where several tenants may call, a v1.0 token's key must be in that set too. */
  function findKeys({ version, tenantId }: TokenClaims, kid: string): [Pending<KnownKey>, Pending<KnownKey>] {
    const signing = find(version, tenantId, kid);
    return [signing, version === '1.0' && tenants.several ? find('2.0', tenantId, kid) : signing];
  }

  function checkSignature(jws: ParsedJws, claims: TokenClaims, signing: KnownKey, naming: KnownKey): void {
    if (!hasValidSignature(jws, signing.key)) throw new Refusal('bad_signature');
    if (naming !== signing && !naming.key.equals(signing.key)) throw new Refusal('wrong_key_issuer');
    if (naming.issuer === undefined && !tenants.sharedKeys) return;
    const keyIssuer = fillTenant(naming.issuer ?? '', claims.tid);
    if (keyIssuer !== claims.issuer && keyIssuer !== authority.issuer('2.0', claims.tid)) {
      throw new Refusal('wrong_key_issuer');
    }
  }

  /** Asked for every request, before anything is made of the claims. */
  function admit(tenantId: string, give: () => T): Pending<T> {
    if (tenants.predicate === undefined) return give();
    const answer = ask(tenants.predicate, tenantId);
    if (typeof answer === 'boolean') return onlyIf(answer, give);
    return answer.then((admitted) => onlyIf(admitted, give));
  }

  function verifyAnew(token: string, name: string | undefined): Pending<T> {
    const jws = parseJws(token, headers);
    const claims = readClaims(jws.payload);
    checkClaims(claims);
    const { tenantId, notBefore, expiresAt } = claims;
    const finish = (signing: KnownKey, naming: KnownKey): Pending<T> => {
      checkSignature(jws, claims, signing, naming);
      return admit(tenantId, () => {
        const value = identify(claims, authority);
        if (name !== undefined)
          passed?.set(name, { value, tenantId, notBefore, expiresAt, signing, naming, characters: token.length });
        return value;
      });
    };
    const [signing, naming] = findKeys(claims, jws.kid);
    if (!(signing instanceof Promise) && !(naming instanceof Promise)) return finish(signing, naming);
    return Promise.all([signing, naming]).then((found) => finish(...found));
  }

  return {
    severalTenants: tenants.several,
    keys,
    trust(given) {
      const text = JSON.stringify(given);
      const members = JSON.parse(text) as Record<string, unknown>;
      if (hasAmbiguousMembers(text, members)) throw new Refusal('duplicate_member');
      const claims = readClaims({ text, members });
      checkClaims(claims);
      return admit(claims.tenantId, () => identify(claims, authority));
    },
    verify(token) {
      // Every JWT begins so: `{"` in base64url. What does not is garbage, and not worth a digest.
      const name = token.startsWith('eyJ') ? passed?.key(token) : undefined;
      const known = name === undefined ? undefined : passed?.get(name);
      if (known === undefined) return verifyAnew(token, name);
      const { value, tenantId, signing, naming } = known;
      if (!isTrusted(signing) || (naming !== signing && !isTrusted(naming))) {
        if (name !== undefined) passed?.delete(name);
        return verifyAnew(token, name);
      }
      checkLifetime(known);
      return tenants.predicate === undefined ? value : admit(tenantId, () => value);
    },
  };
}

function isTrusted(key: KnownKey): boolean {
  return key.store.isTrusted(key);
}

type Pending<T> = T | Promise<T>;

/** The application's predicate. What it throws is the application's own error: never one that names a status, such as 401. */
function ask(predicate: TenantPredicate, tenantId: string): boolean | Promise<unknown> {
  const failed = (cause: unknown): never => {
    throw new Error('The tenants predicate failed.', { cause });
  };
  try {
    const answer: unknown = predicate(tenantId);
    return typeof answer === 'boolean' ? answer : Promise.resolve(answer).catch(failed);
  } catch (error) {
    return failed(error);
  }
}

function onlyIf<T>(admitted: unknown, give: () => T): T {
  if (admitted !== true) throw new Refusal('wrong_tenant');
  return give();
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

function hasOwnSigningKeys(value: unknown = false): boolean {
  if (typeof value !== 'boolean') throw new ConfigurationError('ownSigningKeys must be true or false.');
  return value;
}

function staleHours(hours: unknown = 24): number {
  if (typeof hours !== 'number' || !(hours >= 1 && hours <= 168)) {
    throw new ConfigurationError('staleKeys must be a number of hours from 1 to 168.');
  }
  return hours;
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
