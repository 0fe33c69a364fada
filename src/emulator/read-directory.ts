import { createHash } from 'node:crypto';
import { isGuid, isTestTenant } from '../token/index.js';
import {
  type Application,
  type ApplicationDescription,
  type AppRoleAssignmentDescription,
  applicationCalled,
  type Directory,
  type DirectoryDescription,
  mustDefine,
  type User,
  type UserDescription,
  wrong,
} from './directory.js';

/** The tenant of a local Entra whose description names none. */
export const DEFAULT_TENANT_ID = '7e570000-0000-4000-8000-000000000001';

/** Fills in and checks a description. Throws a `ConfigurationError` that names the field and says what it should be. */
export function readDirectory(description: DirectoryDescription): Directory {
  onlyKnownFields('directory', description, ['tenantId', 'applications', 'users', 'appRoleAssignments']);
  const tenantId = guid('directory.tenantId', description.tenantId ?? DEFAULT_TENANT_ID);
  if (!isTestTenant(tenantId)) {
    throw wrong('directory.tenantId', `must be of the range reserved for test tenants, like ${DEFAULT_TENANT_ID}`);
  }
  const applications = list('directory.applications', description.applications).map(readApplication);
  const users = list('directory.users', description.users ?? []).map(readUser);
  unique('directory.applications', 'displayName', applications);
  unique('directory.applications', 'clientId', applications);
  unique('directory.applications', 'servicePrincipalId', applications);
  unique('directory.users', 'name', users);
  unique('directory.users', 'objectId', users);
  const directory = { tenantId, applications, users, appRoleAssignments: [] };
  const assignments = list('directory.appRoleAssignments', description.appRoleAssignments ?? []);
  return {
    ...directory,
    appRoleAssignments: assignments.map((assignment, index) => readAssignment(directory, assignment, index)),
  };
}

function readApplication(description: ApplicationDescription, index: number): Application {
  const field = `directory.applications[${index}]`;
  onlyKnownFields(field, description, [
    'displayName',
    'clientId',
    'servicePrincipalId',
    'identifierUris',
    'accessTokenVersion',
    'appRoles',
    'userRoles',
    'scopes',
    'assignmentRequired',
    'optionalClaims',
    'secrets',
  ]);
  const displayName = text(`${field}.displayName`, description.displayName);
  const clientId = guid(`${field}.clientId`, description.clientId ?? stableGuid('client', displayName));
  const identifierUris = texts(`${field}.identifierUris`, description.identifierUris ?? [`api://${clientId}`]);
  if (identifierUris.some((uri) => uri.endsWith('/'))) {
    throw wrong(`${field}.identifierUris`, 'must not end with a slash');
  }
  const accessTokenVersion = description.accessTokenVersion ?? 1;
  if (accessTokenVersion !== 1 && accessTokenVersion !== 2) {
    throw wrong(`${field}.accessTokenVersion`, 'must be 1 or 2');
  }
  const optionalClaims = list(`${field}.optionalClaims`, description.optionalClaims ?? (['idtyp'] as const));
  if (optionalClaims.some((claim) => claim !== 'idtyp')) {
    throw wrong(`${field}.optionalClaims`, "may hold 'idtyp' only");
  }
  return {
    displayName,
    clientId,
    servicePrincipalId: guid(
      `${field}.servicePrincipalId`,
      description.servicePrincipalId ?? stableGuid('service principal', clientId),
    ),
    identifierUris,
    accessTokenVersion,
    appRoles: permissionNames(`${field}.appRoles`, description.appRoles ?? []),
    userRoles: permissionNames(`${field}.userRoles`, description.userRoles ?? []),
    scopes: permissionNames(`${field}.scopes`, description.scopes ?? []),
    assignmentRequired: description.assignmentRequired ?? false,
    optionalClaims,
    secrets: texts(`${field}.secrets`, description.secrets ?? []),
  };
}

function readUser(description: UserDescription, index: number): User {
  const field = `directory.users[${index}]`;
  onlyKnownFields(field, description, ['name', 'objectId', 'userPrincipalName']);
  const name = text(`${field}.name`, description.name);
  const handle = name.toLowerCase().replace(/[^a-z0-9]+/g, '.');
  return {
    name,
    objectId: guid(`${field}.objectId`, description.objectId ?? stableGuid('user', name)),
    userPrincipalName: text(`${field}.userPrincipalName`, description.userPrincipalName ?? `${handle}@entra.test`),
  };
}

function readAssignment(directory: Directory, description: AppRoleAssignmentDescription, index: number) {
  const field = `directory.appRoleAssignments[${index}]`;
  onlyKnownFields(field, description, ['client', 'resource', 'roles']);
  const client = applicationCalled(directory, description.client, `${field}.client`);
  const resource = applicationCalled(directory, description.resource, `${field}.resource`);
  const roles = permissionNames(`${field}.roles`, description.roles);
  mustDefine(`${field}.roles`, resource.displayName, resource.appRoles, roles);
  return { client, resource, roles };
}

function onlyKnownFields(field: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(field, 'must be an object');
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      throw wrong(`${field}.${key}`, `unknown; the fields are ${known.join(', ')}`);
    }
  }
}

function list<T>(field: string, value: readonly T[]): readonly T[] {
  if (!Array.isArray(value)) {
    throw wrong(field, 'must be a list');
  }
  return value;
}

function text(field: string, value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw wrong(field, 'must be a string, and not an empty one');
  }
  return value;
}

function texts(field: string, values: readonly string[]): readonly string[] {
  return list(field, values).map((value, index) => text(`${field}[${index}]`, value));
}

/** Entra's rule for the `value` of scopes and app roles. */
function permissionNames(field: string, values: readonly string[]): readonly string[] {
  return list(field, values).map((value, index) => {
    if (typeof value !== 'string' || !/^(?!\.)[!#-[\]-~]{1,120}$/.test(value)) {
      throw wrong(
        `${field}[${index}]`,
        'must be 1 to 120 ASCII characters, no space, quote or backslash, no leading dot',
      );
    }
    return value;
  });
}

function guid(field: string, value: unknown): string {
  if (!isGuid(value)) {
    throw wrong(field, 'must be a GUID, like 7e570000-0000-4000-8000-00000000000a');
  }
  return value.toLowerCase();
}

function unique<K extends string>(field: string, key: K, values: readonly Record<K, unknown>[]): void {
  const seen = new Set<unknown>();
  for (const [index, value] of values.entries()) {
    if (seen.has(value[key])) {
      throw wrong(`${field}[${index}].${key}`, `${JSON.stringify(value[key])} is there twice`);
    }
    seen.add(value[key]);
  }
}

function stableGuid(kind: string, name: string): string {
  const hex = createHash('sha256').update(`${kind}\n${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
