import { randomUUID } from 'node:crypto';
import type { Application } from './application.js';
import type { Directory } from './directory.js';
import { DirectoryError } from './directory-error.js';
import type { ServicePrincipal } from './service-principal.js';
import { personalAccounts } from './tenant.js';
import { isUser, type User } from './user.js';

/** The id of the assignment that assigns no role: it lets a client or user in where assignment is required, and no more. */
export const DEFAULT_APP_ROLE_ID = '00000000-0000-0000-0000-000000000000';

/** That a client or a user has an app role of a resource. All ids are object ids and role ids, none is a client id. */
export interface AppRoleAssignment {
  readonly id: string;
  readonly tenantId: string;
  readonly principalId: string;
  readonly principalType: 'User' | 'ServicePrincipal';
  /** The service principal of the API. */
  readonly resourceId: string;
  readonly appRoleId: string;
  readonly createdDateTime: string;
}

/** Who has which app role. State: one immutable assignment per id. */
export class AppRoleAssignments {
  readonly #byId = new Map<string, AppRoleAssignment>();
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  all(): readonly AppRoleAssignment[] {
    return [...this.#byId.values()];
  }

  find(id: string): AppRoleAssignment | undefined {
    return this.#byId.get(id);
  }

  /**
   * The values of the roles that a principal has on a resource: empty when it is assigned without a role, `undefined` when it
   * is not assigned. A role that was disabled stays with those who have it.
   */
  rolesOf(principalId: string, resource: ServicePrincipal): readonly string[] | undefined {
    const assignments = this.all().filter(
      (each) => each.principalId === principalId && each.resourceId === resource.objectId,
    );
    if (assignments.length === 0) {
      return undefined;
    }
    const appRoles = this.#directory.servicePrincipals.appRolesOf(resource);
    const values = assignments.flatMap(({ appRoleId }) => appRoles.find((role) => role.id === appRoleId)?.value ?? []);
    return [...new Set(values)];
  }

  /** Grants an application permission to a client, or a user role to a user. The next token has it. */
  create(given: Pick<AppRoleAssignment, 'principalId' | 'resourceId' | 'appRoleId'>): AppRoleAssignment {
    const appRoleId = given.appRoleId.toLowerCase();
    const resource = this.#directory.servicePrincipals.find(given.resourceId);
    if (!resource) {
      throw new DirectoryError(
        'Request_ResourceNotFound',
        `Resource '${given.resourceId}' does not exist`,
        'resourceId',
      );
    }
    const principal = this.#directory.principal(given.principalId);
    if (principal?.tenantId !== resource.tenantId) {
      throw new DirectoryError(
        'Request_ResourceNotFound',
        `Resource '${given.principalId}' does not exist`,
        'principalId',
      );
    }
    if (resource.tenantId === personalAccounts.tenantId) {
      throw new DirectoryError('Request_BadRequest', 'The tenant of personal accounts grants no app role', 'appRoleId');
    }
    this.#checkRole(resource, appRoleId, principal);
    const twin = this.all().some(
      (each) =>
        each.principalId === principal.objectId &&
        each.resourceId === resource.objectId &&
        each.appRoleId === appRoleId,
    );
    if (twin) {
      throw new DirectoryError(
        'Request_BadRequest',
        'Permission being assigned already exists on the object',
        'appRoleId',
      );
    }
    const assignment: AppRoleAssignment = Object.freeze({
      id: randomUUID(),
      tenantId: resource.tenantId,
      principalId: principal.objectId,
      principalType: isUser(principal) ? 'User' : 'ServicePrincipal',
      resourceId: resource.objectId,
      appRoleId,
      createdDateTime: new Date(this.#directory.clock.now()).toISOString(),
    });
    this.#byId.set(assignment.id, assignment);
    return assignment;
  }

  delete(id: string): void {
    if (!this.#byId.delete(id)) {
      throw new DirectoryError('Request_ResourceNotFound', `Resource '${id}' does not exist`);
    }
  }

  /** Everything that a deleted object had, or that others had on it. */
  forget(objectId: string): void {
    this.#drop((each) => each.principalId === objectId || each.resourceId === objectId);
  }

  /** The assignments of roles that an application no longer defines. */
  dropRoles({ clientId }: Application): void {
    for (const resource of this.#directory.servicePrincipals.all().filter((each) => each.clientId === clientId)) {
      const ids = this.#directory.servicePrincipals.appRolesOf(resource).map(({ id }) => id);
      this.#drop(
        ({ resourceId, appRoleId }) =>
          resourceId === resource.objectId && appRoleId !== DEFAULT_APP_ROLE_ID && !ids.includes(appRoleId),
      );
    }
  }

  #checkRole(resource: ServicePrincipal, appRoleId: string, principal: User | ServicePrincipal): void {
    if (appRoleId === DEFAULT_APP_ROLE_ID) {
      return;
    }
    const role = this.#directory.servicePrincipals.appRolesOf(resource).find(({ id }) => id === appRoleId);
    if (!role?.isEnabled) {
      throw new DirectoryError(
        'Request_BadRequest',
        `Permission being assigned was not found on application '${resource.displayName}', or is disabled`,
        'appRoleId',
      );
    }
    const memberType = isUser(principal) ? 'User' : 'Application';
    if (!role.allowedMemberTypes.includes(memberType)) {
      throw new DirectoryError(
        'Request_BadRequest',
        `${role.value} of ${resource.displayName} is for ${role.allowedMemberTypes.join(' and ')}; ${isUser(principal) ? 'a user' : 'a client'} cannot have it`,
        'appRoleId',
      );
    }
  }

  #drop(which: (assignment: AppRoleAssignment) => boolean): void {
    for (const assignment of this.all().filter(which)) {
      this.#byId.delete(assignment.id);
    }
  }
}
