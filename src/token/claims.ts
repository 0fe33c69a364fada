import { Refusal } from '../errors/index.js';
import { isGuid } from './guid.js';
import type { JsonObject } from './jws.js';

/**
 * The claims that this library reads, of one type each, v1.0 and v2.0 alike.
 * Source: Access token claims reference, https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export interface TokenClaims {
  readonly version: '1.0' | '2.0';
  readonly issuer: string;
  readonly audience: string;
  /** `tid` as the issuer spells it; compare `tenantId`. */
  readonly tid: string;
  /** `tid`, lower case. */
  readonly tenantId: string;
  /** `oid`, lower case: the user, or the client's service principal. */
  readonly objectId: string;
  readonly subject: string;
  /** `azp` (v2.0) or `appid` (v1.0), lower case. */
  readonly clientId: string;
  /** `azpacr` or `appidacr`. */
  readonly clientAuthentication: string | undefined;
  /** Unix seconds. */
  readonly issuedAt: number;
  /** Unix seconds. */
  readonly notBefore: number;
  /** Unix seconds. */
  readonly expiresAt: number;
  /** `scp` without the empty and `/` values of agents' tokens. */
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly idtyp: string | undefined;
  readonly acct: 0 | 1 | undefined;
  readonly identityProvider: string | undefined;
  /** `uti`: the id of this token, case-sensitive. */
  readonly tokenId: string | undefined;
  readonly actorFacets: readonly string[];
  readonly subjectFacets: readonly string[];
  readonly relations: readonly string[];
  /** `xms_par_app_azp`, lower case: the blueprint of an agent. */
  readonly agentBlueprintId: string | undefined;
  /** Whether a claim names the signed-in user (`upn`, `unique_name`, `preferred_username`): no application has one. */
  readonly namesAUser: boolean;
  /** The payload with every claim, as JSON. */
  readonly json: string;
}

/**
 * Reads and types the claims of a payload that has not been verified yet. Nothing is compared with the API's settings here.
 *
 * @throws Refusal `invalid_claim`, `id_token` or `bound_token`
 */
export function readClaims({ text, members }: JsonObject): TokenClaims {
  const claims = new ClaimReader(members);
  if (claims.has('cnf')) throw new Refusal('bound_token');
  if (claims.has('nonce') || claims.has('at_hash') || claims.has('c_hash')) throw new Refusal('id_token');

  const version = claims.string('ver');
  if (version !== '1.0' && version !== '2.0') throw invalid('ver', '"1.0" or "2.0"');
  const client = version === '2.0' ? 'azp' : 'appid';
  const otherClient = version === '2.0' ? 'appid' : 'azp';
  if (claims.has(otherClient)) throw invalid(otherClient, `absent from a token of version ${version}`);
  if (!claims.has(client) && !claims.has('scp') && !claims.has('idtyp')) throw new Refusal('id_token');

  const tid = claims.guid('tid');
  return {
    version,
    issuer: claims.string('iss'),
    audience: claims.string('aud'),
    tid,
    tenantId: tid.toLowerCase(),
    objectId: claims.guid('oid').toLowerCase(),
    subject: claims.string('sub'),
    clientId: claims.guid(client).toLowerCase(),
    clientAuthentication: claims.optionalString(version === '2.0' ? 'azpacr' : 'appidacr'),
    issuedAt: claims.time('iat'),
    notBefore: claims.time('nbf'),
    expiresAt: claims.time('exp'),
    scopes: claims.words('scp').filter((scope) => scope !== '/'),
    roles: claims.strings('roles'),
    idtyp: claims.optionalString('idtyp'),
    acct: claims.acct(),
    identityProvider: claims.optionalString('idp'),
    tokenId: claims.optionalString('uti'),
    actorFacets: claims.words('xms_act_fct'),
    subjectFacets: claims.words('xms_sub_fct'),
    relations: claims.words('xms_idrel'),
    agentBlueprintId: claims.has('xms_par_app_azp') ? claims.guid('xms_par_app_azp').toLowerCase() : undefined,
    namesAUser: claims.has('upn') || claims.has('unique_name') || claims.has('preferred_username'),
    json: text,
  };
}

/** Typed reading of one payload. State: the payload. */
class ClaimReader {
  constructor(private readonly payload: Readonly<Record<string, unknown>>) {}

  has(name: string): boolean {
    return Object.hasOwn(this.payload, name);
  }

  string(name: string): string {
    const value = this.payload[name];
    if (typeof value !== 'string' || value === '') throw invalid(name, 'a string that is not empty');
    return value;
  }

  optionalString(name: string): string | undefined {
    if (!this.has(name)) return undefined;
    const value = this.payload[name];
    if (typeof value !== 'string') throw invalid(name, 'a string');
    return value;
  }

  guid(name: string): string {
    const value = this.payload[name];
    if (!isGuid(value)) throw invalid(name, 'a GUID');
    return value;
  }

  time(name: string): number {
    const value = this.payload[name];
    if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(name, 'a number of seconds');
    return value;
  }

  strings(name: string): readonly string[] {
    if (!this.has(name)) return [];
    const value = this.payload[name];
    if (!Array.isArray(value) || !value.every((each) => typeof each === 'string'))
      throw invalid(name, 'an array of strings');
    return value;
  }

  /** Space-separated values in one string. */
  words(name: string): string[] {
    return this.optionalString(name)?.split(' ').filter(Boolean) ?? [];
  }

  /** Documented as 0 or 1; seen both as a number and as a string. */
  acct(): 0 | 1 | undefined {
    if (!this.has('acct')) return undefined;
    const value = this.payload.acct;
    if (value === 0 || value === '0') return 0;
    if (value === 1 || value === '1') return 1;
    throw invalid('acct', '0 or 1');
  }
}

/** @param name always one of the literals in this file, so that it may be shown */
function invalid(name: string, wanted: string): Refusal {
  return new Refusal('invalid_claim', { detail: `The claim ${name} must be ${wanted}.` });
}
