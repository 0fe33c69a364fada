import type { CatalogueEntry, ConsentText } from '../permissions/index.js';
import type { Finding } from './finding.js';
import type { AppRole, PermissionScope, Registration } from './registration.js';
import { uuidV5 } from './uuid-v5.js';

/** One name of a catalogue, as a registration has it. */
export interface RegisteredPermission {
  readonly appRole?: AppRole;
  readonly scope?: PermissionScope;
  readonly findings: readonly Finding[];
}

/**
 * What Entra is told of one name: an app role, a scope, or both.
 *
 * A role and a scope with the same value have to be one permission to Entra: it refuses two ids for one value within an
 * application, and entries of one id whose display name, description or enabled state differ. Microsoft documents none of
 * this; Entra's own messages do (MicrosoftDocs/azure-docs#57949 and #81899, hashicorp/terraform-provider-azuread#963 and
 * #1957). So both get one id and one text, in which each kind is told apart. Where a registration has them under two ids
 * already, as Microsoft Graph's own has, they are left like that.
 */
export function registerPermission(
  value: string,
  entry: CatalogueEntry,
  clientId: string,
  existing: Registration | undefined,
): RegisteredPermission {
  const role = entry.application ?? entry.userRole;
  const scope = entry.delegated;
  const kind = entry.application ? 'application' : entry.userRole ? 'userRole' : 'delegated';
  const existingRole = existing?.appRoles.find((each) => each.value === value);
  const existingScope = existing?.api.oauth2PermissionScopes.find((each) => each.value === value);
  const areApart = existingRole && existingScope && existingRole.id !== existingScope.id;
  const known = existingRole?.id ?? existingScope?.id ?? uuidV5(clientId, `${kind}:${value}`);
  const roleId = lower(role?.id) ?? (areApart ? existingRole.id : (lower(scope?.id) ?? known));
  const scopeId = lower(scope?.id) ?? (areApart ? existingScope.id : (lower(role?.id) ?? known));

  const findings: Finding[] = [];
  const find = (blocks: boolean, message: string) => findings.push({ value, blocks, message });
  for (const [what, before, id] of [
    ['app role', role && existingRole?.id, roleId],
    ['scope', scope && existingScope?.id, scopeId],
  ]) {
    if (before !== undefined && before !== id) {
      find(
        true,
        `The ${what} ${value} has the id ${before}, and in the catalogue ${id}. An id cannot be changed: leave it out of the catalogue, or write ${before}.`,
      );
    }
  }

  const isShared = role && scope && !areApart;
  if (isShared && roleId !== scopeId) {
    find(
      true,
      `${value} is a scope and an app role with two ids, which Entra refuses within one application: leave out one \`id\` of the two.`,
    );
  }
  const hasOneText = role?.displayName === scope?.displayName && role?.description === scope?.description;
  const both = isShared && !hasOneText ? oneText(kind, role, scope) : undefined;
  if (both) {
    find(
      false,
      `${value} is a scope and an app role, for which Entra keeps one id and one text: admins read ${JSON.stringify(both.displayName)} for both. To choose the text, write the same displayName and description in both.`,
    );
  }
  const isEnabled = { role: role?.enabled ?? true, scope: scope?.enabled ?? true };
  if (isShared && isEnabled.role !== isEnabled.scope) {
    find(
      false,
      `${value} is a scope and an app role, which Entra disables together only: it stays enabled, and the API refuses the ${isEnabled.role ? 'scope' : 'app role'}. A name of its own for one of the two would end that.`,
    );
    isEnabled.role = isEnabled.scope = true;
  }

  return {
    findings,
    ...(role && {
      appRole: {
        id: roleId,
        value,
        allowedMemberTypes: [entry.application ? 'Application' : 'User'],
        isEnabled: isEnabled.role,
        displayName: (both ?? role).displayName,
        description: (both ?? role).description,
      },
    }),
    ...(scope && {
      scope: {
        id: scopeId,
        value,
        type: scope.consent === 'user' ? 'User' : 'Admin',
        isEnabled: isEnabled.scope,
        adminConsentDisplayName: (both ?? scope).displayName,
        adminConsentDescription: (both ?? scope).description,
        userConsentDisplayName: scope.toUser?.displayName ?? null,
        userConsentDescription: scope.toUser?.description ?? null,
      },
    }),
  };
}

function lower(id: string | undefined): string | undefined {
  return id?.toLowerCase();
}

/** Whoever reads it before consenting learns what each kind opens, and never less than it opens. */
function oneText(kind: 'application' | 'userRole' | 'delegated', role: ConsentText, scope: ConsentText): ConsentText {
  const as = kind === 'userRole' ? 'As a role of users' : 'Without a user';
  return {
    displayName: `${scope.displayName} / ${role.displayName}`,
    description: `For a user: ${scope.description} ${as}: ${role.description}`,
  };
}
