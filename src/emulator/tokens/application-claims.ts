import type { ServicePrincipal } from '../directory/service-principal.js';
import { type AccessTokenClaims, asks, commonClaims, type Issuance } from './issuance.js';

/** An app-only token: `oid` and `sub` are the client's service principal; no `roles` at all where none were granted, and never `scp`. */
export function applicationClaims(
  issuance: Issuance,
  { objectId, azureResourceId }: ServicePrincipal,
  roles: readonly string[],
): AccessTokenClaims {
  return {
    ...commonClaims(issuance),
    ...(asks(issuance.resource, 'idtyp') && { idtyp: 'app' }),
    oid: objectId,
    sub: objectId,
    ...(roles.length > 0 && { roles }),
    ...(azureResourceId !== undefined && { xms_mirid: azureResourceId }),
  };
}
