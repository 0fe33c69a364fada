import { ConfigurationError } from '../errors/index.js';

/** `fetch` as Node has it: pass your own to go through a proxy. */
export type Fetch = typeof globalThis.fetch;

/** A local Entra: its origin, and how to reach it where that is not over the network. */
export interface TestAuthority {
  /** For example `http://127.0.0.1:8990`. */
  readonly origin: string;
  readonly fetch?: Fetch;
}

/** Where tokens come from. At most one of `cloud`, `authority` and `testAuthority`. */
export type AuthorityOptions = (
  | {
      /** The Microsoft cloud of the tenants. `'global'` by default. */
      readonly cloud?: Cloud;
      readonly authority?: never;
      readonly testAuthority?: never;
    }
  | {
      /** Microsoft Entra External ID: `https://<name>.ciamlogin.com`, or its custom domain. Goes with one `tenant`. */
      readonly authority: string;
      readonly cloud?: never;
      readonly testAuthority?: never;
    }
  | {
      /** A local Entra on loopback; undefined for the real one. Refused unless `NODE_ENV` is `test` or `development`. */
      readonly testAuthority?: string | TestAuthority | undefined;
      readonly cloud?: never;
      readonly authority?: never;
    }
) & {
  /** Fetches metadata and keys: for proxies. `globalThis.fetch` by default. It decides what is trusted: give it nothing a caller can influence. */
  readonly fetch?: Fetch;
};

export type Cloud = 'global' | 'usGovernment' | 'china';
export type TokenVersion = '1.0' | '2.0';

/**
 * Who issues tokens, what the issuers are called, and where their metadata is.
 * Source: https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud and access-tokens#validate-the-issuer
 */
export interface Authority {
  /** Issuer of a tenant's tokens of one version; undefined where this authority issues none of that version. */
  issuer(version: TokenVersion, tenant: string): string | undefined;
  /** Address of a metadata document, and the issuer that must stand in it. */
  metadata(version: TokenVersion, tenant: string): { readonly url: URL; readonly issuer: string };
  /** Hosts, with port, that may serve the key set of a tenant. */
  keyHosts(tenant: string): readonly string[];
  readonly fetch: Fetch;
  /** Customers of External ID are neither work nor personal accounts. */
  readonly accounts: 'work' | 'external';
  readonly test: boolean;
}

const clouds: Readonly<Record<Cloud, { readonly login: string; readonly sts: string }>> = {
  global: { login: 'https://login.microsoftonline.com', sts: 'https://sts.windows.net' },
  usGovernment: { login: 'https://login.microsoftonline.us', sts: 'https://sts.windows.net' },
  china: { login: 'https://login.partner.microsoftonline.cn', sts: 'https://sts.chinacloudapi.cn' },
};
const cloudHosts = [
  'login.microsoftonline.com',
  'login.windows.net',
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
  'login.chinacloudapi.cn',
  'sts.windows.net',
];

/**
 * @param appId the API whose own signing keys are asked for; undefined: those of the tenant
 * @throws ConfigurationError where the options name no authority that this library can trust
 */
export function authorityOf(options: AuthorityOptions, appId?: string): Authority {
  const found = readAuthority(options);
  if (appId === undefined) return found;
  return {
    ...found,
    metadata(version, tenant) {
      const { url, issuer } = found.metadata(version, tenant);
      url.searchParams.set('appid', appId);
      return { url, issuer };
    },
  };
}

function readAuthority(options: AuthorityOptions): Authority {
  const given = (['cloud', 'authority', 'testAuthority'] as const).filter((name) => options[name] !== undefined);
  if (given.length > 1) throw new ConfigurationError(`${given.join(' and ')} exclude each other: keep one.`);
  const fetch = options.fetch ?? globalThis.fetch;
  if (typeof fetch !== 'function') throw new ConfigurationError('fetch must be a function like globalThis.fetch.');
  if (options.testAuthority !== undefined) return localEntra(options.testAuthority, fetch);
  if (options.authority !== undefined) return externalId(options.authority, fetch);
  const cloud = options.cloud ?? 'global';
  if (!Object.hasOwn(clouds, cloud))
    throw new ConfigurationError(`cloud must be one of ${Object.keys(clouds).join(', ')}.`);
  const { login, sts } = clouds[cloud];
  return authority({ login, v1Issuer: `${sts}/{tenantid}/`, v2Issuer: `${login}/{tenantid}/v2.0`, fetch });
}

/** Puts a tenant into an issuer template, wherever the placeholder stands. */
export function fillTenant(template: string, tenant: string): string {
  return template.includes('{') ? template.replaceAll(/\{tenantid\}/gi, tenant) : template;
}

interface AuthorityParts {
  readonly login: string;
  readonly v1Issuer?: string;
  readonly v2Issuer: string;
  readonly fetch: Fetch;
  readonly accounts?: 'work' | 'external';
  readonly test?: boolean;
}

function authority({ login, v1Issuer, v2Issuer, fetch, accounts = 'work', test = false }: AuthorityParts): Authority {
  const templates = { '1.0': v1Issuer?.split('{tenantid}'), '2.0': v2Issuer.split('{tenantid}') };
  const issuer = (version: TokenVersion, tenant: string) => templates[version]?.join(tenant);
  return {
    issuer,
    metadata(version, tenant) {
      const everyTenant = tenant === 'organizations' || tenant === 'common';
      const segment = version === '1.0' && everyTenant ? 'common' : tenant;
      return {
        url: new URL(`${login}/${segment}${version === '2.0' ? '/v2.0' : ''}/.well-known/openid-configuration`),
        issuer: issuer(version, everyTenant ? '{tenantid}' : tenant) ?? '',
      };
    },
    keyHosts: (tenant) => [new URL(login).host, new URL(fillTenant(v2Issuer, tenant)).host],
    fetch,
    accounts,
    test,
  };
}

function externalId(address: string, fetch: Fetch): Authority {
  const url = parseUrl(address, 'authority');
  const hostname = url.hostname.replace(/\.$/, '');
  if (hostname.endsWith('.b2clogin.com') || /\/(?:tfp\/|[^/]+\/b2c_1)/i.test(url.pathname)) {
    throw new ConfigurationError(
      'authority: Azure AD B2C is not supported. Its tokens carry no app roles and no tenant; use Microsoft Entra External ID (https://<name>.ciamlogin.com).',
    );
  }
  if (cloudHosts.includes(hostname)) {
    throw new ConfigurationError(
      "authority is for External ID. For a Microsoft cloud write cloud: 'global' (the default), 'usGovernment' or 'china'.",
    );
  }
  if (url.protocol !== 'https:' || isLoopback(hostname)) {
    throw new ConfigurationError(
      'authority must be https and not on this machine. A local Entra is given as testAuthority.',
    );
  }
  if (url.href !== `${url.origin}/`) {
    throw new ConfigurationError(
      `authority takes the origin alone: ${url.origin}. The tenant is given as tenant: '<GUID>'.`,
    );
  }
  return authority({
    login: url.origin,
    v2Issuer: 'https://{tenantid}.ciamlogin.com/{tenantid}/v2.0',
    fetch,
    accounts: 'external',
  });
}

function localEntra(given: string | TestAuthority, fetch: Fetch): Authority {
  const environment = process.env.NODE_ENV;
  if (environment !== 'test' && environment !== 'development') {
    throw new ConfigurationError(
      `testAuthority accepts tokens that anyone on this machine can make. It works only where NODE_ENV is 'test' or 'development'; it is ${environment === undefined ? 'not set' : `'${environment}'`}.`,
    );
  }
  const { origin: address, fetch: reach = fetch } =
    typeof given === 'object' && given !== null ? given : { origin: given };
  const url = parseUrl(address, 'testAuthority');
  if (!isLoopback(url.hostname))
    throw new ConfigurationError('testAuthority must be on this machine: http://127.0.0.1:<port>.');
  const { origin } = url;
  return authority({
    login: origin,
    v1Issuer: `${origin}/{tenantid}/`,
    v2Issuer: `${origin}/{tenantid}/v2.0`,
    fetch: reach,
    test: true,
  });
}

function parseUrl(address: unknown, option: string): URL {
  const url = typeof address === 'string' && URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new ConfigurationError(
      `${option} must be an address such as https://contoso.ciamlogin.com or http://127.0.0.1:8990.`,
    );
  }
  return url;
}

/** Whether a host is this machine, whoever answers for names. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(?:\.\d+){3}$/.test(hostname)
  );
}
