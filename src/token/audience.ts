import { ConfigurationError } from '../errors/index.js';
import type { TokenClaims } from './claims.js';
import { type TenantOptions, tenantGuid } from './tenants.js';

/** Whether a token is for this API. */
export type AudienceRule = (claims: Pick<TokenClaims, 'version' | 'audience' | 'tenantId'>) => boolean;

/**
 * v2.0: the client id and nothing else. v1.0: the client id, `api://<client id>` and the App ID URIs of the `audience`
 * option, compared character by character but for one trailing slash.
 *
 * @throws ConfigurationError where `audience` is not what the tenant option asks for
 */
export function audienceRule(clientId: string, options: TenantOptions): AudienceRule {
  const everyTenant = [clientId, `api://${clientId}`];
  const added = options.tenants === undefined ? singleTenant(options.audience) : severalTenants(options.audience);
  return ({ version, audience, tenantId }) => {
    if (version === '2.0') return audience === clientId;
    const wanted = withoutSlash(audience);
    return (
      everyTenant.includes(wanted) ||
      added.some(({ uri, tenants }) => uri === wanted && (tenants?.has(tenantId) ?? true))
    );
  };
}

interface AddedUri {
  readonly uri: string;
  /** Lower-case GUIDs; undefined: the one tenant there is. */
  readonly tenants?: ReadonlySet<string>;
}

function singleTenant(audience: string | readonly string[] | undefined): AddedUri[] {
  if (audience === undefined) return [];
  const uris: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  if (uris.length === 0) throw new ConfigurationError('audience is empty: leave it out, or name an App ID URI.');
  return uris.map((uri) => ({ uri: appIdUri(uri) }));
}

function severalTenants(audience: readonly { uri: string; tenants: readonly string[] }[] | undefined): AddedUri[] {
  if (audience === undefined) return [];
  const shape = "audience: [{ uri: 'api://…', tenants: ['<GUID>'] }]";
  if (!Array.isArray(audience) || audience.length === 0) {
    throw new ConfigurationError(
      `With several tenants each App ID URI names its tenants: ${shape}. A URI is unique within one tenant only.`,
    );
  }
  return audience.map((entry: { uri?: unknown; tenants?: unknown } | undefined) => {
    if (!Array.isArray(entry?.tenants) || entry.tenants.length === 0) {
      throw new ConfigurationError(
        `With several tenants each App ID URI names its tenants: ${shape}. A URI is unique within one tenant only.`,
      );
    }
    return {
      uri: appIdUri(entry.uri),
      tenants: new Set(entry.tenants.map((tenant) => tenantGuid(tenant, 'audience.tenants'))),
    };
  });
}

function appIdUri(uri: unknown): string {
  if (typeof uri !== 'string' || !/^[a-z][a-z0-9+.-]*:\S+$/i.test(uri)) {
    throw new ConfigurationError("audience takes App ID URIs such as 'api://orders' or 'https://contoso.com/orders'.");
  }
  if (uri.startsWith('https://graph.microsoft.com')) {
    throw new ConfigurationError(
      'audience: tokens for Microsoft Graph are not for this API and cannot be verified by it.',
    );
  }
  return withoutSlash(uri);
}

function withoutSlash(uri: string): string {
  return uri.endsWith('/') ? uri.slice(0, -1) : uri;
}
