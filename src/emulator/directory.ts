import { ConfigurationError } from '../errors/index.js';

/** What a local Entra knows: one tenant's applications, its users, and who was assigned what. */
export interface DirectoryDescription {
  /** A GUID of the range reserved for test tenants, `7e570000-0000-4000-8000-…`. Default: `…-000000000001`. */
  readonly tenantId?: string;
  readonly applications: readonly ApplicationDescription[];
  readonly users?: readonly UserDescription[];
  /** Application permissions granted to clients, as an administrator would. Without an entry: none. */
  readonly appRoleAssignments?: readonly AppRoleAssignmentDescription[];
}

/** An application: a client, an API, or both. */
export interface ApplicationDescription {
  /** Unique in the directory; other places of the description may name the application by it. */
  readonly displayName: string;
  /** A GUID. Default: derived from the display name, the same at every start. */
  readonly clientId?: string;
  /** The object id of its service principal: `oid` and `sub` of its app-only tokens. Default: derived from the client id. */
  readonly servicePrincipalId?: string;
  /** App ID URIs under which clients may ask for it. Default: `api://<client id>`. */
  readonly identifierUris?: readonly string[];
  /** Which tokens the application wants as a resource; the client and the endpoint have no say. Default 1, as in Entra. */
  readonly accessTokenVersion?: 1 | 2;
  /** Application permissions that it defines (app roles for applications). */
  readonly appRoles?: readonly string[];
  /** User roles that it defines (app roles for users and groups). */
  readonly userRoles?: readonly string[];
  /** Delegated permissions that it defines. */
  readonly scopes?: readonly string[];
  /** Whether a client without an assignment gets no token at all. Default false, as in Entra. */
  readonly assignmentRequired?: boolean;
  /** Optional claims of the tokens for this resource. Default `['idtyp']`: app-only tokens say so; users' tokens do not. */
  readonly optionalClaims?: readonly 'idtyp'[];
  /** Client secrets. An application without one is a public client and cannot ask as itself. */
  readonly secrets?: readonly string[];
}

export interface UserDescription {
  /** Unique in the directory; other places of the description may name the user by it. */
  readonly name: string;
  /** A GUID. Default: derived from the name, the same at every start. */
  readonly objectId?: string;
  /** Default: derived from the name, under `entra.test`. */
  readonly userPrincipalName?: string;
}

export interface AppRoleAssignmentDescription {
  /** The client: its client id or display name. */
  readonly client: string;
  /** The API: its client id or display name. */
  readonly resource: string;
  /** App roles that the API defines. An empty list assigns the client without any role, which Entra allows too. */
  readonly roles: readonly string[];
}

export interface Application extends Required<ApplicationDescription> {}
export interface User extends Required<UserDescription> {}

/** A directory description with every default filled in, every id lower-case, and every reference known to lead somewhere. */
export interface Directory {
  readonly tenantId: string;
  readonly applications: readonly Application[];
  readonly users: readonly User[];
  readonly appRoleAssignments: readonly {
    readonly client: Application;
    readonly resource: Application;
    readonly roles: readonly string[];
  }[];
}

/** The application of this client id or display name; throws when there is none. */
export function applicationCalled(directory: Directory, name: string, field = 'application'): Application {
  const found = directory.applications.find(
    ({ clientId, displayName }) => displayName === name || clientId === String(name).toLowerCase(),
  );
  if (!found) {
    throw wrong(field, `no application has the display name or client id ${JSON.stringify(name)}`);
  }
  return found;
}

/** The user of this object id or name; throws when there is none. */
export function userCalled(directory: Directory, name: string, field = 'user'): User {
  const found = directory.users.find((user) => user.name === name || user.objectId === String(name).toLowerCase());
  if (!found) {
    throw wrong(field, `no user has the name or object id ${JSON.stringify(name)}`);
  }
  return found;
}

/** The application with this client id, as a client names itself on the wire. */
export function clientById(directory: Directory, clientId: string): Application | undefined {
  return directory.applications.find((application) => application.clientId === clientId.toLowerCase());
}

/** The application with this client id or App ID URI, one trailing slash forgiven. */
export function resourceAt(directory: Directory, identifier: string): Application | undefined {
  const bare = identifier.endsWith('/') ? identifier.slice(0, -1) : identifier;
  return directory.applications.find(
    ({ clientId, identifierUris }) => clientId === bare.toLowerCase() || identifierUris.includes(bare),
  );
}

/** The app roles granted to a client for an API: empty when it is assigned without a role, `undefined` when it is not assigned. */
export function rolesAssigned(
  directory: Directory,
  client: Application,
  resource: Application,
): readonly string[] | undefined {
  const assignments = directory.appRoleAssignments.filter(
    (assignment) => assignment.client === client && assignment.resource === resource,
  );
  return assignments.length === 0 ? undefined : [...new Set(assignments.flatMap(({ roles }) => roles))];
}

/** Throws unless the list that `owner` defines holds every name. */
export function mustDefine(field: string, owner: string, defined: readonly string[], names: readonly string[]): void {
  for (const name of names) {
    if (!defined.includes(name)) {
      throw wrong(
        field,
        `${owner} does not define ${JSON.stringify(name)}; it defines ${defined.join(', ') || 'none'}`,
      );
    }
  }
}

/** A mistake in the description, or in what was asked of it: the field, and what it should be. */
export function wrong(field: string, sentence: string): ConfigurationError {
  return new ConfigurationError(`${field}: ${sentence}.`);
}
