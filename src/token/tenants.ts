import { ConfigurationError } from '../errors/index.js';
import { isGuid } from './guid.js';

/** The tenant that issues the tokens of personal Microsoft accounts. */
export const personalAccountsTenant = '9188040d-6c67-4c5b-b112-36a304b66dad';

const testTenantPrefix = '7e570000-0000-4000-8000-';

/** Whether a tenant id is of the range that is kept for local Entras. No real tenant has one, and none is admitted outside tests. */
export function isTestTenant(tenantId: string): boolean {
  return tenantId.toLowerCase().startsWith(testTenantPrefix);
}

/**
 * Asked for every request of a tenant, after the signature has been verified. Only `true` admits.
 *
 * @param tenantId lower-case GUID
 */
export type TenantPredicate = (tenantId: string) => boolean | Promise<boolean>;

/** Exactly one of `tenant` and `tenants`. */
export type TenantOptions =
  | {
      /** The one tenant whose tokens are accepted: its directory (tenant) ID, a GUID. Its own key set is used. */
      readonly tenant: string;
      readonly tenants?: never;
      readonly personalAccounts?: never;
      /**
       * App ID URIs beside the client id and `api://<client id>` under which clients ask for v1.0 tokens.
       * One trailing slash is forgiven. v2.0 tokens always carry the client id.
       */
      readonly audience?: string | readonly string[];
    }
  | {
      /**
       * The tenants whose tokens are accepted: their GUIDs (each tenant's own key set is used); or a predicate, asked for every
       * request after the signature (only exactly `true` admits); or `'any'` work or school tenant. The latter two use the key
       * set that is common to all tenants, so that no caller can make this API fetch for a tenant it names.
       */
      readonly tenants: readonly string[] | TenantPredicate | 'any';
      readonly tenant?: never;
      /** Whether a predicate or `'any'` covers the tenant of personal Microsoft accounts too. False by default. */
      readonly personalAccounts?: boolean;
      /** App ID URIs for v1.0 tokens, each with the tenants it belongs to: a URI is unique within one tenant only. */
      readonly audience?: readonly { readonly uri: string; readonly tenants: readonly string[] }[];
    };

/** Which tenants an API admits, and whose keys prove their tokens. */
export interface TenantRule {
  /** More than one tenant may call: records must then name theirs. */
  readonly several: boolean;
  /** Decided before the signature, from the API's own settings alone. */
  mayBeAdmitted(tenantId: string): boolean;
  /** The tenant in the address of the metadata: the token's own where it is in a fixed list, else one for all. */
  metadataTenant(tenantId: string): string | 'organizations' | 'common';
  /** Every value that `metadataTenant` can have. */
  readonly metadataTenants: readonly string[];
  /** One key set for every tenant: then each key must say whose it is. */
  readonly sharedKeys: boolean;
  /** Asked after the signature, where the application decides itself. */
  readonly predicate: TenantPredicate | undefined;
}

/** @throws ConfigurationError where the option is anything but GUIDs, a function or `'any'` */
export function tenantRule({ tenant, tenants, personalAccounts }: TenantOptions): TenantRule {
  if ((tenant === undefined) === (tenants === undefined)) {
    throw new ConfigurationError(
      "authenticate needs exactly one of tenant: '<GUID>' and tenants: ['<GUID>', …] | (tenantId) => boolean | 'any'.",
    );
  }
  if (personalAccounts !== undefined && (tenant !== undefined || Array.isArray(tenants))) {
    throw new ConfigurationError(
      `personalAccounts goes with a predicate or 'any'. In a list, name the tenant of personal accounts: ${personalAccountsTenant}.`,
    );
  }
  if (personalAccounts !== undefined && typeof personalAccounts !== 'boolean') {
    throw new ConfigurationError('personalAccounts must be true or false.');
  }
  if (tenant !== undefined) return listed([tenant], false);
  if (Array.isArray(tenants)) {
    if (tenants.length === 0)
      throw new ConfigurationError('tenants is empty: no one could call. Name at least one tenant GUID.');
    return listed(tenants, true);
  }
  if (tenants !== 'any' && typeof tenants !== 'function') {
    throw new ConfigurationError(`tenants must be a list of GUIDs, a function or 'any', not ${describe(tenants)}.`);
  }
  const admitsPersonal = personalAccounts === true;
  const everyTenant = admitsPersonal ? 'common' : 'organizations';
  return {
    several: true,
    mayBeAdmitted: (tenantId) => admitsPersonal || tenantId !== personalAccountsTenant,
    metadataTenant: () => everyTenant,
    metadataTenants: [everyTenant],
    sharedKeys: true,
    predicate: tenants === 'any' ? undefined : tenants,
  };
}

function listed(tenants: readonly string[], several: boolean): TenantRule {
  const admitted = new Set(tenants.map((tenant) => tenantGuid(tenant, several ? 'tenants' : 'tenant')));
  return {
    several,
    mayBeAdmitted: (tenantId) => admitted.has(tenantId),
    metadataTenant: (tenantId) => tenantId,
    metadataTenants: [...admitted],
    sharedKeys: false,
    predicate: undefined,
  };
}

/** @throws ConfigurationError that says how to get the GUID */
export function tenantGuid(value: unknown, option: string): string {
  if (isGuid(value)) return value.toLowerCase();
  if (value === 'common' || value === 'organizations' || value === 'consumers') {
    throw new ConfigurationError(
      `${option}: '${value}' is not a tenant. Say who may call: tenant: '<GUID>', tenants: ['<GUID>', …], a predicate, or tenants: 'any'.`,
    );
  }
  if (typeof value === 'string' && value.includes('.')) {
    throw new ConfigurationError(
      `${option}: '${value}' is a domain name; tokens name the tenant by its GUID, which never changes. ` +
        'Get it with: az account show --query tenantId, or from the issuer in ' +
        `https://login.microsoftonline.com/${value}/v2.0/.well-known/openid-configuration.`,
    );
  }
  throw new ConfigurationError(`${option} must be the directory (tenant) ID, a GUID, not ${describe(value)}.`);
}

function describe(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : value === null ? 'null' : typeof value;
}
