import type { Principal } from '../caller/index.js';
import { stableGuid } from '../emulator/description/stable-guid.js';
import { personalAccounts } from '../emulator/directory/tenant.js';
import type { User } from '../emulator/directory/user.js';
import { checkMembers, guidOption } from './check-options.js';

/** What can be said of a user. At most one of `tenant`, `guestOf` and `personal` is needed: they say which account signs in. */
export interface TestUserOptions {
  /** The `oid`: that of a user in your fixtures, for example. Default: derived from the name, the same in every run. */
  readonly objectId?: string;
  /** The tenant whose member the user is. Default: that of the API. */
  readonly tenant?: string;
  /** Makes the user a guest of the API's tenant: the tenant that signs them in. */
  readonly guestOf?: string;
  /** Makes it a personal Microsoft account, whose tokens come from the tenant of all of them. */
  readonly personal?: boolean;
}

/** A user of a test Entra. */
export interface TestUser {
  readonly kind: 'user';
  readonly name: string;
  /** What the API sees as `callerOf(req).principal`: put it into `owners` of a fixture. */
  readonly principal: Principal;
}

export function readTestUser(name: string, options: TestUserOptions, apiTenant: string): User {
  checkMembers(`user('${name}')`, options, ['objectId', 'tenant', 'guestOf', 'personal']);
  const { objectId, tenant, guestOf, personal = false } = options;
  const where = `user('${name}')`;
  const tenantId = personal ? personalAccounts.tenantId : guidOption(`${where}.tenant`, tenant ?? apiTenant);
  const address = `${name.toLowerCase().replace(/[^a-z0-9]+/g, '.')}@example.test`;
  return Object.freeze({
    name,
    tenantId,
    objectId: guidOption(`${where}.objectId`, objectId ?? stableGuid('user', tenantId, name)),
    homeTenantId: guestOf === undefined ? undefined : guidOption(`${where}.guestOf`, guestOf),
    userPrincipalName: address,
    mail: address,
    directoryRoles: [],
  });
}
