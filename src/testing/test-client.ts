import type { Principal } from '../caller/index.js';
import { stableGuid } from '../emulator/description/stable-guid.js';
import type { ServicePrincipal } from '../emulator/directory/service-principal.js';
import { ConfigurationError } from '../errors/index.js';
import { checkMembers, guidOption } from './check-options.js';

/** What can be said of a client. */
export interface TestClientOptions {
  /** `azp` or `appid`. Default: derived from the name, the same in every run. */
  readonly clientId?: string;
  /** The object id of its service principal: `oid` of its own tokens. Default: derived from the client id and the tenant. */
  readonly objectId?: string;
  /** The tenant in which it acts. Default: that of the API. */
  readonly tenant?: string;
  /** How it proves itself: `azpacr` of its tokens. Default `'secret'`; `'none'` is a public client, which has no tokens of its own. */
  readonly authenticatedBy?: 'secret' | 'certificate' | 'none';
  /** Makes it a managed identity: a certificate, an Azure resource, tokens of a day. */
  readonly managedIdentity?: boolean;
}

/** A client of a test Entra, with its service principal. */
export interface TestClient {
  readonly kind: 'client';
  readonly name: string;
  readonly clientId: string;
  /** What the API sees as `callerOf(req).principal` when the client acts as itself: put it into `owners` of a fixture. */
  readonly principal: Principal;
}

/** What the claims of a client's tokens are made from. */
export interface ClientAccount {
  readonly servicePrincipal: ServicePrincipal;
  readonly authenticatedBy: 'secret' | 'certificate' | 'none';
}

export function readTestClient(name: string, options: TestClientOptions, apiTenant: string): ClientAccount {
  const where = `client('${name}')`;
  checkMembers(where, options, ['clientId', 'objectId', 'tenant', 'authenticatedBy', 'managedIdentity']);
  const { managedIdentity = false, authenticatedBy = managedIdentity ? 'certificate' : 'secret' } = options;
  if (!['secret', 'certificate', 'none'].includes(authenticatedBy)) {
    throw new ConfigurationError(`${where}.authenticatedBy must be 'secret', 'certificate' or 'none'.`);
  }
  const tenantId = guidOption(`${where}.tenant`, options.tenant ?? apiTenant);
  const clientId = guidOption(`${where}.clientId`, options.clientId ?? stableGuid('client', name));
  const objectId = options.objectId ?? stableGuid('service principal', clientId, tenantId);
  const servicePrincipal: ServicePrincipal = Object.freeze({
    displayName: name,
    clientId,
    tenantId,
    objectId: guidOption(`${where}.objectId`, objectId),
    servicePrincipalType: managedIdentity ? 'ManagedIdentity' : 'Application',
    appRoleAssignmentRequired: false,
    appRoles: [],
    azureResourceId: managedIdentity ? `/subscriptions/${stableGuid('subscription', tenantId)}/${name}` : undefined,
    owners: [],
  });
  return { servicePrincipal, authenticatedBy };
}
