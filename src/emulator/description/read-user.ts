import { isGuid } from '../../token/index.js';
import type { Directory } from '../directory/directory.js';
import type { Tenant } from '../directory/tenant.js';
import { adminRoles } from '../directory/user.js';
import type { NewUser } from '../directory/users.js';
import { wrong } from '../wrong.js';
import type { UserDescription } from './directory-description.js';
import { each, guid, oneOf, onlyKnownFields, text } from './fields.js';
import { handle } from './handle.js';
import { stableGuid } from './stable-guid.js';

export function readUser(field: string, description: UserDescription, tenant: Tenant, directory: Directory): NewUser {
  onlyKnownFields(field, description, [
    'name',
    'objectId',
    'tenant',
    'homeTenant',
    'userPrincipalName',
    'mail',
    'directoryRoles',
    'appRoleAssignments',
  ]);
  const name = text(`${field}.name`, description.name);
  const home = readHome(`${field}.homeTenant`, description.homeTenant, tenant, directory);
  const address = `${handle(name)}@${home?.domain ?? tenant.domain}`;
  const usual = home ? `${address.replace('@', '_')}#EXT#@${tenant.domain}` : address;
  const userPrincipalName = text(`${field}.userPrincipalName`, description.userPrincipalName ?? usual);
  return {
    name,
    objectId: guid(`${field}.objectId`, description.objectId ?? stableGuid('user', tenant.tenantId, name)),
    tenantId: tenant.tenantId,
    homeTenantId: home?.tenantId,
    userPrincipalName,
    mail: text(`${field}.mail`, description.mail ?? (home ? address : userPrincipalName)),
    directoryRoles: each(`${field}.directoryRoles`, description.directoryRoles, (at, role) =>
      oneOf(at, role, adminRoles),
    ),
  };
}

/** The tenant that a guest comes from need not be one of this directory. */
function readHome(field: string, name: string | undefined, tenant: Tenant, directory: Directory) {
  if (name === undefined) {
    return undefined;
  }
  const wanted = text(field, name);
  const home = directory.tenant(wanted) ?? (isGuid(wanted) && { tenantId: wanted.toLowerCase(), domain: 'home.test' });
  if (!home) {
    throw wrong(field, `no tenant has the id or domain ${JSON.stringify(name)}; any other is named by its GUID`);
  }
  if (home.tenantId === tenant.tenantId) {
    throw wrong(field, 'a guest comes from another tenant; leave it out for a member');
  }
  return home;
}
