import type { LocalEntra } from './local-entra.js';
import { at, wrong } from './wrong.js';

/** The environment variables by which Microsoft's clients find a managed identity: those of one of the two places, not both. */
export interface ManagedIdentityEnvironment {
  readonly appService: { readonly IDENTITY_ENDPOINT: string; readonly IDENTITY_HEADER: string };
  /** A virtual machine's metadata service. */
  readonly imds: { readonly AZURE_POD_IDENTITY_AUTHORITY_HOST: string };
}

export function managedIdentityEnvironment(
  { directory, identityHeader }: LocalEntra,
  httpOrigin: string,
  displayName: string,
): ManagedIdentityEnvironment {
  const { tenants, servicePrincipals } = directory;
  const tenant = tenants.find(({ tenantId }) =>
    servicePrincipals.all().some((each) => each.displayName === displayName && each.tenantId === tenantId),
  );
  const identity = at('managed identity', () =>
    servicePrincipals.named(displayName, tenant?.tenantId ?? directory.tenantCalled(undefined).tenantId),
  );
  if (identity.servicePrincipalType !== 'ManagedIdentity') {
    throw wrong('managed identity', `${displayName} is an application; describe managedIdentities`);
  }
  const machine = `${httpOrigin}/managed-identity/${identity.objectId}`;
  return {
    appService: { IDENTITY_ENDPOINT: `${machine}/msi/token`, IDENTITY_HEADER: identityHeader },
    imds: { AZURE_POD_IDENTITY_AUTHORITY_HOST: machine },
  };
}
