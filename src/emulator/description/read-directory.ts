import type { Clock } from '../clock.js';
import { type Application, admitsPersonalAccounts } from '../directory/application.js';
import { assignAppRole } from '../directory/assign-app-role.js';
import { Directory } from '../directory/directory.js';
import { grantScopes } from '../directory/grant-scopes.js';
import type { ServicePrincipal } from '../directory/service-principal.js';
import { personalAccounts, type Tenant } from '../directory/tenant.js';
import { at, wrong } from '../wrong.js';
import type {
  ApplicationDescription,
  AppRoleAssignmentDescription,
  DirectoryDescription,
  ManagedIdentityDescription,
  OAuth2PermissionGrantDescription,
  ServicePrincipalDescription,
  ServicePrincipalSettings,
  UserDescription,
} from './directory-description.js';
import { each, guid, list, onlyKnownFields, text, texts, yesOrNo } from './fields.js';
import { addMicrosoftGraph } from './microsoft-graph.js';
import { readApplication } from './read-application.js';
import { readAppRoles } from './read-permissions.js';
import { readTenants } from './read-tenants.js';
import { readUser } from './read-user.js';
import { stableGuid } from './stable-guid.js';

/**
 * Builds the directory that a description describes. What is disabled is assigned first and disabled then, as it would be in
 * Entra.
 *
 * @throws ConfigurationError that names the field and says what it should be
 */
export function readDirectory(description: DirectoryDescription, clock: Clock): Directory {
  onlyKnownFields('', description, ['tenants', 'applications', 'servicePrincipals', 'managedIdentities', 'users']);
  const directory = new Directory(readTenants(description.tenants), clock);
  addMicrosoftGraph(directory);
  // Each step leaves behind what can be done only once everything is there.
  const later = [
    ...each('applications', list('applications', description.applications), (field, value) =>
      addApplication(directory, field, value),
    ),
    ...each('servicePrincipals', description.servicePrincipals, (field, value) =>
      addServicePrincipal(directory, field, value),
    ),
    ...each('managedIdentities', description.managedIdentities, (field, value) =>
      addManagedIdentity(directory, field, value),
    ),
    ...each('users', description.users, (field, value) => addUser(directory, field, value)),
  ];
  for (const step of ['own', 'grant', 'disable'] as const) {
    for (const each of later) {
      each[step]?.();
    }
  }
  return directory;
}

interface Later {
  readonly own?: () => void;
  readonly grant?: () => void;
  readonly disable?: () => void;
}

function addApplication(directory: Directory, field: string, description: ApplicationDescription): Later {
  const tenant = tenantAt(directory, `${field}.tenant`, description?.tenant);
  const given = readApplication(field, description, tenant.tenantId);
  if (directory.applications.all().some(({ displayName }) => displayName === given.displayName)) {
    throw wrong(`${field}.displayName`, `${JSON.stringify(given.displayName)} is there twice`);
  }
  const { appRoles = [] } = given;
  const application = at(field, () => directory.applications.create({ ...given, appRoles: appRoles.map(enabled) }));
  const settings = description.servicePrincipal ?? {};
  const where = `${field}.servicePrincipal`;
  onlyKnownFields(where, settings, ['objectId', 'appRoleAssignmentRequired', 'appRoles', 'owners']);
  const home = provision(directory, where, application, tenant, settings);
  if (admitsPersonalAccounts(application)) {
    provision(directory, where, application, personalAccounts, {});
  }
  return {
    own() {
      addOwners(directory, `${field}.owners`, directory.applications, application, description.owners);
      home.own?.();
    },
    grant() {
      assign(directory, field, application.clientId, tenant, description.appRoleAssignments);
      consent(directory, field, application.clientId, tenant, description.oauth2PermissionGrants);
    },
    disable() {
      directory.applications.update(application.objectId, { appRoles });
      home.disable?.();
    },
  };
}

function addServicePrincipal(directory: Directory, field: string, description: ServicePrincipalDescription): Later {
  onlyKnownFields(field, description, [
    'application',
    'tenant',
    'objectId',
    'appRoleAssignmentRequired',
    'appRoles',
    'owners',
    'appRoleAssignments',
    'oauth2PermissionGrants',
  ]);
  const name = text(`${field}.application`, description.application);
  const application = at(`${field}.application`, () => directory.applications.named(name));
  const tenant = tenantAt(directory, `${field}.tenant`, text(`${field}.tenant`, description.tenant));
  return {
    ...provision(directory, field, application, tenant, description),
    grant() {
      assign(directory, field, application.clientId, tenant, description.appRoleAssignments);
      consent(directory, field, application.clientId, tenant, description.oauth2PermissionGrants);
    },
  };
}

function addManagedIdentity(directory: Directory, field: string, description: ManagedIdentityDescription): Later {
  onlyKnownFields(field, description, [
    'displayName',
    'clientId',
    'objectId',
    'tenant',
    'azureResourceId',
    'appRoleAssignments',
  ]);
  const displayName = text(`${field}.displayName`, description.displayName);
  const tenant = tenantAt(directory, `${field}.tenant`, description.tenant);
  const azureResourceId =
    description.azureResourceId ??
    `/subscriptions/${stableGuid('subscription', tenant.tenantId)}/resourcegroups/local/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${encodeURIComponent(displayName)}`;
  const { objectId } = at(field, () =>
    directory.servicePrincipals.create({
      servicePrincipalType: 'ManagedIdentity',
      tenantId: tenant.tenantId,
      displayName,
      clientId: guid(`${field}.clientId`, description.clientId ?? stableGuid('managed identity', displayName)),
      objectId: guid(`${field}.objectId`, description.objectId ?? stableGuid('managed identity object', displayName)),
      azureResourceId: text(`${field}.azureResourceId`, azureResourceId),
    }),
  );
  return { grant: () => assign(directory, field, objectId, tenant, description.appRoleAssignments) };
}

function addUser(directory: Directory, field: string, description: UserDescription): Later {
  const tenant = tenantAt(directory, `${field}.tenant`, description?.tenant);
  const given = readUser(field, description, tenant, directory);
  if (directory.users.all().some(({ name, tenantId }) => name === given.name && tenantId === tenant.tenantId)) {
    throw wrong(`${field}.name`, `${JSON.stringify(given.name)} is there twice`);
  }
  const { objectId } = at(field, () => directory.users.create(given));
  return { grant: () => assign(directory, field, objectId, tenant, description.appRoleAssignments) };
}

/** The service principal of an application in one tenant. */
function provision(
  directory: Directory,
  field: string,
  { clientId }: Application,
  { tenantId }: Tenant,
  settings: ServicePrincipalSettings,
): Later {
  const objectId = settings.objectId ?? stableGuid('service principal', clientId, tenantId);
  const appRoles = readAppRoles(`${field}.appRoles`, settings.appRoles, objectId);
  const servicePrincipal = at(field, () =>
    directory.servicePrincipals.create({
      clientId,
      tenantId,
      objectId: guid(`${field}.objectId`, objectId),
      appRoleAssignmentRequired: yesOrNo(
        `${field}.appRoleAssignmentRequired`,
        settings.appRoleAssignmentRequired,
        false,
      ),
      appRoles: appRoles.map(enabled),
    }),
  );
  return {
    own: () => addOwners(directory, `${field}.owners`, directory.servicePrincipals, servicePrincipal, settings.owners),
    disable: () => void directory.servicePrincipals.update(servicePrincipal.objectId, { appRoles }),
  };
}

function enabled<T extends { readonly isEnabled: boolean }>(permission: T): T {
  return { ...permission, isEnabled: true };
}

function addOwners(
  directory: Directory,
  field: string,
  store: Directory['applications'] | Directory['servicePrincipals'],
  owned: Application | ServicePrincipal,
  owners: readonly string[] | undefined,
): void {
  for (const [index, name] of texts(field, owners).entries()) {
    at(`${field}[${index}]`, () => {
      const ownerId = directory.principalCalled(name, owned.tenantId).objectId;
      store.addOwner(owned.objectId, ownerId);
    });
  }
}

function assign(
  directory: Directory,
  field: string,
  principal: string,
  { tenantId: tenant }: Tenant,
  assignments: AppRoleAssignmentDescription = {},
): void {
  const where = `${field}.appRoleAssignments`;
  onlyKnownFields(where, assignments, Object.keys(assignments ?? {}));
  for (const [resource, values] of Object.entries(assignments)) {
    const roles = texts(`${where}[${JSON.stringify(resource)}]`, values);
    for (const appRole of roles.length === 0 ? [undefined] : roles) {
      at(`${where}[${JSON.stringify(resource)}]`, () =>
        assignAppRole(directory, { principal, resource, appRole, tenant }),
      );
    }
  }
}

function consent(
  directory: Directory,
  field: string,
  client: string,
  { tenantId: tenant }: Tenant,
  grants: readonly OAuth2PermissionGrantDescription[] | undefined,
): void {
  each(`${field}.oauth2PermissionGrants`, grants, (where, grant) => {
    onlyKnownFields(where, grant, ['resource', 'scopes', 'user']);
    const resource = text(`${where}.resource`, grant.resource);
    const scopes = texts(`${where}.scopes`, list(`${where}.scopes`, grant.scopes));
    at(where, () => grantScopes(directory, { client, resource, scopes, user: grant.user, tenant }));
  });
}

function tenantAt(directory: Directory, field: string, name: string | undefined): Tenant {
  return at(field, () => directory.tenantCalled(name));
}
