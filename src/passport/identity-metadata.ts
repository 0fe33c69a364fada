import { ConfigurationError } from '../errors/index.js';
import { type Cloud, isGuid } from '../token/index.js';

/** What the address of a metadata document says. */
export interface IdentityMetadata {
  /** A GUID in lower case; undefined for an address that is the same for every tenant. */
  readonly tenant: string | undefined;
  /** Where tokens come from, as `authenticate` is told. */
  readonly source: { readonly cloud: Cloud } | { readonly authority: string };
  readonly ownSigningKeys: boolean;
}

const clouds: Readonly<Record<string, Cloud>> = {
  'login.microsoftonline.com': 'global',
  'login.windows.net': 'global',
  'sts.windows.net': 'global',
  'login.microsoftonline.us': 'usGovernment',
  'login.partner.microsoftonline.cn': 'china',
  'login.chinacloudapi.cn': 'china',
};
const everyTenant = ['common', 'organizations'];
const form = 'https://login.microsoftonline.com/<tenant GUID>/v2.0/.well-known/openid-configuration';

/**
 * Reads `identityMetadata`. The address is not fetched: what is fetched follows from the cloud and the tenant.
 *
 * @param authority External ID on a domain of one's own
 * @throws ConfigurationError where it is not https, not of Microsoft, or names the tenant by a domain name
 */
export function readIdentityMetadata(address: unknown, clientId: unknown, authority?: string): IdentityMetadata {
  const url = typeof address === 'string' && URL.canParse(address) ? new URL(address) : undefined;
  const [, name] = /^\/([^/]+)(?:\/v2\.0)?\/\.well-known\/openid-configuration\/?$/.exec(url?.pathname ?? '') ?? [];
  if (url?.protocol !== 'https:' || name === undefined) {
    throw new ConfigurationError(`BearerStrategy: identityMetadata must be an address such as ${form}.`);
  }
  return { tenant: tenantOf(name), source: sourceOf(url, authority), ownSigningKeys: asksForOwnKeys(url, clientId) };
}

function tenantOf(name: string): string | undefined {
  if (isGuid(name)) return name.toLowerCase();
  if (everyTenant.includes(name)) return undefined;
  throw new ConfigurationError(
    `BearerStrategy: identityMetadata must name the tenant by its GUID, which never changes, not as '${name}': ${form}. Get it with: az account show --query tenantId.`,
  );
}

function sourceOf({ hostname, origin }: URL, authority: string | undefined): IdentityMetadata['source'] {
  if (authority !== undefined) {
    if (authority === origin) return { authority };
    throw new ConfigurationError(
      `BearerStrategy: authority and identityMetadata are of different hosts. Write authority: '${origin}', or leave it out.`,
    );
  }
  const cloud = Object.hasOwn(clouds, hostname) ? clouds[hostname] : undefined;
  if (cloud !== undefined) return { cloud };
  if (hostname.endsWith('.b2clogin.com')) throw b2c('identityMetadata');
  if (hostname.endsWith('.ciamlogin.com')) return { authority: origin };
  throw new ConfigurationError(
    `BearerStrategy: identityMetadata is on ${hostname}, which is no host of a Microsoft cloud. If External ID has that domain, say so: authority: '${origin}'.`,
  );
}

function asksForOwnKeys({ searchParams }: URL, clientId: unknown): boolean {
  for (const name of searchParams.keys()) {
    if (name === 'p') throw b2c('?p= in identityMetadata');
    if (name !== 'appid' || searchParams.get(name) !== clientId) {
      throw new ConfigurationError(
        `BearerStrategy: ?${name}= in identityMetadata is not understood. Only ?appid=<clientID> is, for signing keys of the API's own.`,
      );
    }
  }
  return searchParams.has('appid');
}

export function b2c(option: string): ConfigurationError {
  return new ConfigurationError(
    `BearerStrategy: ${option} is for Azure AD B2C, whose tokens carry no app roles and no tenant. Stay on passport-azure-ad for it, or use Microsoft Entra External ID.`,
  );
}
