import { ConfigurationError } from '../errors/index.js';
import type { AuthenticateOptions } from '../express/index.js';
import { type AuthorityOptions, isGuid, type TenantOptions } from '../token/index.js';
import { b2c, readIdentityMetadata } from './identity-metadata.js';
import { type NamedIssuer, readIssuers } from './read-issuers.js';
import type { StrategyOptions } from './strategy-options.js';

/** What the options of a strategy come to. */
export interface ReadOptions {
  /** For `authenticate`. */
  readonly options: AuthenticateOptions;
  /** Undefined: both issuers of every admitted tenant. */
  readonly issuers: readonly NamedIssuer[] | undefined;
}

/** Where an API declares no permissions, no grant is of its catalogue. */
const noPermissions = { catalogue: Object.freeze({}) } as AuthenticateOptions['permissions'];

/**
 * Reads the options that `BearerStrategy` and an adopted strategy have in common.
 *
 * @throws ConfigurationError that says what to write instead
 */
export function readOptions(given: StrategyOptions): ReadOptions {
  if (given.isB2C !== undefined && given.isB2C !== false) throw b2c('isB2C');
  const { clientID, clockSkew, permissions = noPermissions, authority, testAuthority } = given;
  if (!isGuid(clientID)) {
    throw new ConfigurationError(
      "BearerStrategy: clientID must be the API's own application (client) ID, a GUID, as the Overview of its app registration shows it.",
    );
  }
  if (clockSkew !== undefined && !(typeof clockSkew === 'number' && clockSkew >= 0 && clockSkew <= 300)) {
    throw new ConfigurationError('BearerStrategy: clockSkew must be a number of seconds from 0 to 300.');
  }
  const { tenant, source, ownSigningKeys } = readIdentityMetadata(given.identityMetadata, clientID, authority);
  const issuers = readIssuers(given.issuer, testAuthority === undefined ? [source] : [source, { testAuthority }]);
  const tenants = tenantsOf(tenant, issuers, given);
  const options = {
    clientId: clientID,
    ...tenants,
    ...audienceOf(given.audience, clientID, tenants),
    ...((testAuthority === undefined ? source : { testAuthority }) satisfies AuthorityOptions),
    ...(clockSkew !== undefined && { clockTolerance: clockSkew }),
    ...(ownSigningKeys && { ownSigningKeys }),
    ...pick(given, ['deny', 'reportOnly', 'applicationsMustProve', 'objectIdsInEvents', 'tokenHeader']),
    ...pick(given, ['fetch', 'staleKeys', 'cache']),
    permissions,
    undeclared: given.undeclared ?? (given.permissions === undefined ? 'report' : 'refuse'),
  };
  return { options: options as AuthenticateOptions, issuers };
}

function tenantsOf(
  tenant: string | undefined,
  issuers: readonly NamedIssuer[] | undefined,
  { tenants, personalAccounts }: StrategyOptions,
): TenantOptions {
  const personal = personalAccounts === undefined ? {} : { personalAccounts };
  const named = issuers && [...new Set(issuers.map((issuer) => issuer.tenant))];
  if (tenants !== undefined) {
    if (tenant === undefined && named === undefined) return { tenants, ...personal };
    throw new ConfigurationError(
      `BearerStrategy: tenants, and ${tenant === undefined ? 'issuer' : `identityMetadata with the tenant ${tenant}`}: both say who may call. Keep one; tenants goes with /organizations/ in identityMetadata.`,
    );
  }
  if (named === undefined) {
    if (tenant !== undefined) return { tenant, ...personal } as TenantOptions;
    throw new ConfigurationError(
      "BearerStrategy: identityMetadata is that of every tenant, and nothing says who may call. Add tenants: ['<GUID>', …], a predicate, or tenants: 'any'; or put the GUID of your tenant into identityMetadata.",
    );
  }
  if (tenant !== undefined && !named.includes(tenant)) {
    throw new ConfigurationError(
      `BearerStrategy: identityMetadata names the tenant ${tenant}, and issuer others (${named.join(', ')}). Write one tenant into both, or leave issuer out.`,
    );
  }
  const [only, ...others] = named;
  return (
    only !== undefined && others.length === 0 ? { tenant: only, ...personal } : { tenants: named, ...personal }
  ) as TenantOptions;
}

/** App ID URIs beside those that are accepted anyway. */
function audienceOf(given: unknown, clientId: string, { tenant }: TenantOptions): Pick<TenantOptions, 'audience'> {
  if (given === undefined) return {};
  const list: unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0 || list.some((each) => each === '')) {
    throw new ConfigurationError(
      "BearerStrategy: audience is empty. Leave it out, or name an App ID URI: 'api://orders'.",
    );
  }
  const own = [clientId, `api://${clientId}`];
  const added = list.filter((each) => {
    if (isGuid(each) && each.toLowerCase() !== clientId.toLowerCase()) {
      throw new ConfigurationError(
        `BearerStrategy: audience is the id of another application than clientID. clientID must be the API's own: write ${each} there, if that is the API.`,
      );
    }
    return typeof each !== 'string' || !own.some((name) => name.toLowerCase() === each.toLowerCase());
  });
  if (added.length === 0) return {};
  // One's own client id belongs to every tenant, and `spn:` before it is a way to write it that newer tokens do not have.
  const isNewer = (each: unknown) => each !== `spn:${clientId}`;
  const kept = tenant === undefined ? added.filter(isNewer) : added;
  return kept.length === 0 ? {} : { audience: kept as string[] };
}

function pick<K extends keyof StrategyOptions>(given: StrategyOptions, names: readonly K[]): Pick<StrategyOptions, K> {
  return Object.fromEntries(
    names.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  ) as Pick<StrategyOptions, K>;
}
