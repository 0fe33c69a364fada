import type { Clock } from '../clock.js';
import { AppRoleAssignments } from './app-role-assignments.js';
import { Applications } from './applications.js';
import { DirectoryError } from './directory-error.js';
import { named } from './named.js';
import { OAuth2PermissionGrants } from './oauth2-permission-grants.js';
import type { ServicePrincipal } from './service-principal.js';
import { ServicePrincipals } from './service-principals.js';
import { personalAccounts, type Tenant } from './tenant.js';
import { isUser, type User } from './user.js';
import { Users } from './users.js';

/**
 * What a local Entra knows, in memory. The token endpoints read it at every request, so that a change here changes the next
 * token. State: that of its five collections, which keep Entra's rules and throw a `DirectoryError`; the tenants are fixed.
 */
export class Directory {
  /** Those described, in order. The tenant of personal accounts is there besides. */
  readonly tenants: readonly Tenant[];
  readonly clock: Clock;
  readonly applications = new Applications(this);
  readonly servicePrincipals = new ServicePrincipals(this);
  readonly users = new Users(this);
  readonly appRoleAssignments = new AppRoleAssignments(this);
  readonly oauth2PermissionGrants = new OAuth2PermissionGrants(this);

  constructor(tenants: readonly Tenant[], clock: Clock) {
    this.tenants = tenants;
    this.clock = clock;
  }

  /** By id or domain, as a path segment names it; `consumers` is the tenant of personal accounts. */
  tenant(name: string): Tenant | undefined {
    const wanted = name.toLowerCase();
    return wanted === 'consumers'
      ? personalAccounts
      : [...this.tenants, personalAccounts].find(({ tenantId, domain }) => tenantId === wanted || domain === wanted);
  }

  /** As `tenant`, and the first where no name is given; throws where there is none. */
  tenantCalled(name: string | undefined): Tenant {
    const found = name === undefined ? this.tenants[0] : this.tenant(name);
    if (!found) {
      throw new DirectoryError('Request_ResourceNotFound', `no tenant has the id or domain ${JSON.stringify(name)}`);
    }
    return found;
  }

  /** The user or service principal with an object id. */
  principal(objectId: string): User | ServicePrincipal | undefined {
    return this.users.find(objectId) ?? this.servicePrincipals.find(objectId);
  }

  /** A user or service principal of a tenant by name or id; throws where there is none, or both. */
  principalCalled(name: string, tenantId: string): User | ServicePrincipal {
    const wanted = name.toLowerCase();
    const principals = [...this.users.all(), ...this.servicePrincipals.all()].filter(
      (each) => each.tenantId === tenantId,
    );
    return named('user or application', name, principals, (each) =>
      isUser(each)
        ? each.objectId === wanted || each.name === name || each.userPrincipalName === name
        : each.objectId === wanted || each.displayName === name || each.clientId === wanted,
    );
  }

  /** Throws where an object has the id already: object ids are unique among all kinds. */
  mustBeFree(objectId: string, field: string): void {
    if (this.principal(objectId) ?? this.applications.all().find((each) => each.objectId === objectId)) {
      throw new DirectoryError('Request_MultipleObjectsWithSameKeyValue', `${objectId} is there twice`, field);
    }
  }

  /** What remains of a deleted user or service principal: assignments, grants and ownerships. */
  forget(objectId: string): void {
    this.appRoleAssignments.forget(objectId);
    this.oauth2PermissionGrants.forget(objectId);
    for (const owned of [this.applications, this.servicePrincipals]) {
      for (const { objectId: id, owners } of owned.all()) {
        if (owners.includes(objectId)) {
          owned.removeOwner(id, objectId);
        }
      }
    }
  }
}
