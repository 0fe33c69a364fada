import { randomUUID } from 'node:crypto';
import { type Application, type AppRole, admitsPersonalAccounts } from './application.js';
import { checkPermissions } from './check-permissions.js';
import type { Directory } from './directory.js';
import { DirectoryError } from './directory-error.js';
import { named } from './named.js';
import { withOwner, withoutOwner } from './owners.js';
import type { ServicePrincipal } from './service-principal.js';
import { personalAccounts } from './tenant.js';

/** An application's service principal is named by the client id; a managed identity brings a name of its own. */
export type NewServicePrincipal = Pick<ServicePrincipal, 'tenantId'> & Partial<ServicePrincipal>;

export type ServicePrincipalChange = Partial<Pick<ServicePrincipal, 'appRoleAssignmentRequired' | 'appRoles'>>;

/** The service principals of every tenant. State: one immutable `ServicePrincipal` per object id, replaced at every change. */
export class ServicePrincipals {
  readonly #byObjectId = new Map<string, ServicePrincipal>();
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  all(): readonly ServicePrincipal[] {
    return [...this.#byObjectId.values()];
  }

  /** By object id. */
  find(objectId: string): ServicePrincipal | undefined {
    return this.#byObjectId.get(objectId.toLowerCase());
  }

  /** By client id, in one tenant. */
  ofClient(clientId: string, tenantId: string): ServicePrincipal | undefined {
    const wanted = clientId.toLowerCase();
    return this.#in(tenantId).find((each) => each.clientId === wanted);
  }

  /** By client id or App ID URI as a client writes it, one trailing slash forgiven, in one tenant. Managed identities are no resources. */
  ofResource(identifier: string, tenantId: string): ServicePrincipal | undefined {
    const bare = identifier.endsWith('/') ? identifier.slice(0, -1) : identifier;
    return this.#in(tenantId).find((each) => {
      const application = this.#directory.applications.find(each.clientId);
      return application && (each.clientId === bare.toLowerCase() || application.identifierUris.includes(bare));
    });
  }

  /** By display name, client id or object id, in one tenant; throws where there is none. */
  named(name: string, tenantId: string): ServicePrincipal {
    return named(
      'service principal',
      name,
      this.#in(tenantId),
      ({ displayName, clientId, objectId }) =>
        displayName === name || clientId === name.toLowerCase() || objectId === name.toLowerCase(),
    );
  }

  /** The registration behind it; throws for a managed identity, which has none. */
  applicationOf({ clientId, displayName }: ServicePrincipal): Application {
    const application = this.#directory.applications.find(clientId);
    if (!application) {
      throw new DirectoryError('Request_ResourceNotFound', `${displayName} is no registered application`);
    }
    return application;
  }

  /** The app roles that may be assigned on it: those of the application, then those that its tenant added. */
  appRolesOf(servicePrincipal: ServicePrincipal): readonly AppRole[] {
    return [
      ...(this.#directory.applications.find(servicePrincipal.clientId)?.appRoles ?? []),
      ...servicePrincipal.appRoles,
    ];
  }

  create(given: NewServicePrincipal): ServicePrincipal {
    const application = given.servicePrincipalType === 'ManagedIdentity' ? undefined : this.#registration(given);
    const servicePrincipal: ServicePrincipal = {
      displayName: application?.displayName ?? 'Managed identity',
      servicePrincipalType: 'Application',
      appRoleAssignmentRequired: false,
      appRoles: [],
      azureResourceId: undefined,
      owners: [],
      ...given,
      objectId: (given.objectId ?? randomUUID()).toLowerCase(),
      clientId: (given.clientId ?? randomUUID()).toLowerCase(),
    };
    if (this.ofClient(servicePrincipal.clientId, servicePrincipal.tenantId)) {
      throw new DirectoryError(
        'Request_MultipleObjectsWithSameKeyValue',
        'The service principal cannot be created, updated, or restored because the service principal name is already in use',
        'clientId',
      );
    }
    this.#directory.mustBeFree(servicePrincipal.objectId, 'servicePrincipalId');
    return this.#put(servicePrincipal);
  }

  update(objectId: string, change: ServicePrincipalChange): ServicePrincipal {
    return this.#put({ ...this.#get(objectId), ...change });
  }

  /** Deletes it, with everything that was granted to it and on it. */
  delete(objectId: string): void {
    const { objectId: id } = this.#get(objectId);
    this.#byObjectId.delete(id);
    this.#directory.forget(id);
  }

  addOwner(objectId: string, ownerId: string): void {
    const servicePrincipal = this.#get(objectId);
    const { tenantId, owners } = servicePrincipal;
    this.#put({ ...servicePrincipal, owners: withOwner(this.#directory, tenantId, owners, ownerId) });
  }

  removeOwner(objectId: string, ownerId: string): void {
    const servicePrincipal = this.#get(objectId);
    this.#put({ ...servicePrincipal, owners: withoutOwner(servicePrincipal.owners, ownerId) });
  }

  #in(tenantId: string): readonly ServicePrincipal[] {
    return this.all().filter((each) => each.tenantId === tenantId);
  }

  #get(objectId: string): ServicePrincipal {
    const found = this.find(objectId);
    if (!found) {
      throw new DirectoryError('Request_ResourceNotFound', `Resource '${objectId}' does not exist`);
    }
    return found;
  }

  #put(servicePrincipal: ServicePrincipal): ServicePrincipal {
    checkPermissions(servicePrincipal.appRoles, []);
    const forApplications = servicePrincipal.appRoles.findIndex((role) =>
      role.allowedMemberTypes.includes('Application'),
    );
    if (forApplications !== -1) {
      throw new DirectoryError(
        'Request_BadRequest',
        "roles for 'Application' are defined on the application, not on its service principal",
        `appRoles[${forApplications}].allowedMemberTypes`,
      );
    }
    const kept = Object.freeze(servicePrincipal);
    this.#byObjectId.set(kept.objectId, kept);
    return kept;
  }

  /** The registration of a new service principal, which has to admit the tenant. */
  #registration({ clientId = '', tenantId }: NewServicePrincipal): Application {
    const application = this.#directory.applications.find(clientId);
    if (!application) {
      throw new DirectoryError(
        'Request_BadRequest',
        `no application has the client id ${JSON.stringify(clientId)}`,
        'clientId',
      );
    }
    const { signInAudience } = application;
    const isHome = application.tenantId === tenantId;
    const admitted =
      tenantId === personalAccounts.tenantId
        ? admitsPersonalAccounts(application)
        : isHome || (signInAudience !== 'AzureADMyOrg' && signInAudience !== 'PersonalMicrosoftAccount');
    if (!admitted) {
      throw new DirectoryError(
        'Request_BadRequest',
        `${application.displayName} has signInAudience ${signInAudience}, which does not admit the tenant ${tenantId}`,
        'tenant',
      );
    }
    return application;
  }
}
