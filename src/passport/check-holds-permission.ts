import type { Caller } from '../caller/index.js';
import { Refusal } from '../errors/index.js';

/**
 * Entra gives any client of the tenant a token for an API, with no role in it, unless assignment is required. Behind a
 * strategy routes may be open to whoever passes it, so that such a token must not pass.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#application-permissions
 *
 * @throws Refusal `no_permission`
 */
export function checkHoldsPermission(caller: Caller): void {
  if (caller.kind === 'application' && caller.appRoles.length === 0) throw new Refusal('no_permission');
}
