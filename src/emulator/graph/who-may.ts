import type { IncomingMessage } from 'node:http';
import { type Caller, type DelegatedCaller, isSamePrincipal, type Principal } from '../../caller/index.js';
import { callerOf, type RecordType, record } from '../../express/index.js';
import type { Grant } from '../../permissions/index.js';
import { graphPermissions, MICROSOFT_GRAPH_CLIENT_ID } from '../description/microsoft-graph.js';
import type { Application } from '../directory/application.js';
import type { Directory } from '../directory/directory.js';
import type { ServicePrincipal } from '../directory/service-principal.js';
import type { AdminRole } from '../directory/user.js';

const { delegated, application: asApplication } = graphPermissions;

type Grants = readonly [Grant, ...Grant[]];

/** Something with owners: the registration of an application, or a service principal. */
interface Owned {
  readonly objectId: string;
  readonly tenantId: string;
  readonly owners: readonly string[];
}

/** One kind of object in two readings: whose it is, and who may see it. */
export interface Guarded<T> {
  readonly owned: RecordType<T>;
  /**
   * With `Application.ReadWrite.OwnedBy` a client reads and lists every object of its tenant, its own and others: for reading,
   * every client of the tenant counts as an owner.
   */
  readonly readable: RecordType<T>;
}

/** Who may do what, operation by operation. */
export interface WhoMay {
  readonly applications: Guarded<Application>;
  readonly servicePrincipals: Guarded<ServicePrincipal>;
  list(objects: Guarded<unknown>): Grants;
  read(objects: Guarded<unknown>): Grants;
  /** Updates, deletions, credentials. */
  manage(objects: Guarded<unknown>): Grants;
  addOwner(objects: Guarded<unknown>): Grants;
  createApplication(): Grants;
  /** @param applicationOf the registration that the request names */
  createServicePrincipal(applicationOf: (req: IncomingMessage) => Application | undefined): Grants;
  readAssignments(objects: Guarded<unknown>): Grants;
  /** @param resourceOf the service principal whose role it is */
  assign(resourceOf: (req: IncomingMessage) => ServicePrincipal | undefined): Grants;
  readonly readGrants: Grants;
  readonly consent: Grants;
}

export function whoMay(directory: Directory): WhoMay {
  const applications = guarded(directory, 'application', (id) => {
    const byClientId = /^appId=(.+)$/.exec(id)?.[1];
    const found = directory.applications.find(byClientId ?? id);
    return (byClientId ?? id).toLowerCase() === found?.[byClientId ? 'clientId' : 'objectId'] ? found : undefined;
  });
  const servicePrincipals = guarded(directory, 'service principal', (id, tenantId) => {
    const clientId = /^appId=(.+)$/.exec(id)?.[1];
    return clientId === undefined
      ? directory.servicePrincipals.find(id)
      : directory.servicePrincipals.ofClient(clientId, tenantId);
  });

  const has = (caller: DelegatedCaller, ...roles: readonly AdminRole[]) => hasRole(directory, caller, roles);
  const administersApplications = ({ caller }: { caller: DelegatedCaller }) => has(caller, ...applicationAdminRoles);
  const consentsForEveryone = ({ caller }: { caller: DelegatedCaller }) =>
    administersApplications({ caller }) || has(caller, 'Privileged Role Administrator');
  const grantsEvenGraph = (caller: DelegatedCaller) =>
    has(caller, 'Global Administrator', 'Privileged Role Administrator');

  return {
    applications,
    servicePrincipals,

    list: ({ readable }) => [
      asApplication('Application.ReadWrite.OwnedBy').ownedOnly(readable),
      ...readEverything('Application.Read.All', 'Application.ReadWrite.All', 'Directory.Read.All'),
    ],

    read: ({ readable }) => [
      asApplication('Application.ReadWrite.OwnedBy').owned(readable),
      ...readEverything('Application.Read.All', 'Application.ReadWrite.All', 'Directory.Read.All'),
    ],

    manage: ({ owned }) => [
      asApplication('Application.ReadWrite.OwnedBy').owned(owned),
      asApplication('Application.ReadWrite.All'),
      delegated('Application.ReadWrite.All').owned(owned),
      delegated('Application.ReadWrite.All')
        .onAnyRecord()
        .when('the user administers applications', administersApplications),
    ],

    // Another owner is another who can act as the application: to own it is not enough for a client.
    addOwner: ({ owned }) => [
      asApplication('Application.ReadWrite.All'),
      delegated('Application.ReadWrite.All').owned(owned),
      delegated('Application.ReadWrite.All')
        .onAnyRecord()
        .when('the user administers applications', administersApplications),
    ],

    createApplication: () => [
      asApplication('Application.ReadWrite.OwnedBy').creates(applications.owned),
      asApplication('Application.ReadWrite.All'),
      delegated('Application.ReadWrite.All').creates(applications.owned),
    ],

    createServicePrincipal(applicationOf) {
      const owns = ({ caller, req }: { caller: { principal: Principal }; req: IncomingMessage }) => {
        const application = applicationOf(req);
        const { tenantId, objectId } = caller.principal;
        return application?.tenantId === tenantId && application.owners.includes(objectId);
      };
      return [
        asApplication('Application.ReadWrite.OwnedBy')
          .creates(servicePrincipals.owned)
          .when('the client owns the application', owns),
        asApplication('Application.ReadWrite.All'),
        delegated('Application.ReadWrite.All')
          .creates(servicePrincipals.owned)
          .when('the user owns the application', owns),
        delegated('Application.ReadWrite.All')
          .creates(servicePrincipals.owned)
          .when('the user administers applications', administersApplications),
      ];
    },

    readAssignments: ({ readable }) => [
      asApplication('Application.ReadWrite.OwnedBy').owned(readable),
      ...readEverything(
        'Application.Read.All',
        'Application.ReadWrite.All',
        'AppRoleAssignment.ReadWrite.All',
        'Directory.Read.All',
      ),
    ],

    assign(resourceOf) {
      const isNotGraph = ({ req }: { req: IncomingMessage }) => resourceOf(req)?.clientId !== MICROSOFT_GRAPH_CLIENT_ID;
      const mayGrant = ({ caller, req }: { caller: DelegatedCaller; req: IncomingMessage }) =>
        grantsEvenGraph(caller) || (isNotGraph({ req }) && administersApplications({ caller }));
      const any = asApplication('AppRoleAssignment.ReadWrite.All');
      const anyForUser = delegated('AppRoleAssignment.ReadWrite.All').onAnyRecord();
      return [
        any.and('Application.Read.All'),
        any.and('Directory.Read.All'),
        any.and('Application.ReadWrite.All'),
        asApplication('Application.ReadWrite.All').when("the role is not Microsoft Graph's own", isNotGraph),
        anyForUser.and('Application.Read.All').when('the user may grant the role', mayGrant),
        anyForUser.and('Directory.Read.All').when('the user may grant the role', mayGrant),
        anyForUser.and('Application.ReadWrite.All').when('the user may grant the role', mayGrant),
      ];
    },

    readGrants: readEverything('Directory.Read.All', 'DelegatedPermissionGrant.ReadWrite.All'),

    consent: [
      asApplication('DelegatedPermissionGrant.ReadWrite.All'),
      delegated('DelegatedPermissionGrant.ReadWrite.All')
        .onAnyRecord()
        .when('the user may consent for everyone', consentsForEveryone),
    ],
  };
}

type ReadPermission = Parameters<typeof delegated>[0] & Parameters<typeof asApplication>[0];

/** What a permission opens to a client it opens to a user as well: members of a tenant may look at its applications. */
function readEverything(...names: readonly [ReadPermission, ...ReadPermission[]]): Grants {
  return names.flatMap((name): Grant[] => [asApplication(name), delegated(name).onAnyRecord()]) as [Grant, ...Grant[]];
}

function guarded<T extends Owned>(
  directory: Directory,
  name: string,
  find: (id: string, tenantId: string) => T | undefined,
): Guarded<T> {
  const rule = {
    name,
    find: (id: string, req: IncomingMessage) => find(id, callerOf(req).tenantId),
    tenant: ({ tenantId }: T) => tenantId,
    notOwner: 'forbidden',
  } as const;
  return {
    owned: record<T>({
      ...rule,
      owners: ({ tenantId, owners }) => owners.map((objectId) => ({ tenantId, objectId })),
    }),
    readable: record<T>({
      ...rule,
      owners: ({ tenantId }) => directory.servicePrincipals.all().filter((each) => each.tenantId === tenantId),
    }),
  };
}

/** What a list shows: objects of the caller's tenant, as far as the caller's grants reach. */
export function inReach<T extends Owned>({ readable }: Guarded<T>, req: IncomingMessage, all: readonly T[]): T[] {
  const reach = readable.reach(req);
  return all
    .filter(({ tenantId }) => tenantId === callerOf(req).tenantId)
    .filter(
      (each) =>
        reach.kind === 'all' ||
        reach.kind === 'tenant' ||
        (reach.kind === 'owned' && readable.owners(each).some((owner) => isSamePrincipal(owner, reach.by))),
    );
}

/** Who owns what a caller creates: a client itself, and a user who does not administer applications anyway. */
export function ownersOfNew(directory: Directory, caller: Caller): readonly string[] {
  const isAdmin = caller.kind === 'delegated' && hasRole(directory, caller, applicationAdminRoles);
  return isAdmin ? [] : [caller.principal.objectId.toLowerCase()];
}

const applicationAdminRoles: readonly AdminRole[] = [
  'Global Administrator',
  'Cloud Application Administrator',
  'Application Administrator',
];

function hasRole(directory: Directory, { principal }: DelegatedCaller, roles: readonly AdminRole[]): boolean {
  return directory.users.find(principal.objectId)?.directoryRoles.some((role) => roles.includes(role)) ?? false;
}
