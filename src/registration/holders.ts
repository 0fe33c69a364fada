/** That somebody has an app role, in the form of Microsoft Graph (resource type `appRoleAssignment`). */
export interface AppRoleAssignment {
  readonly id: string;
  readonly appRoleId: string;
  readonly principalId: string;
  /** `User`, `Group` or `ServicePrincipal`. */
  readonly principalType: string;
  readonly principalDisplayName: string | null;
}

/** What a client may do for users, in the form of Microsoft Graph (resource type `oAuth2PermissionGrant`). */
export interface PermissionGrant {
  /** The object id of the client's service principal. */
  readonly clientId: string;
  readonly consentType: string;
  readonly principalId: string | null;
  /** Scopes with blanks between. */
  readonly scope: string;
}

/** Who was granted what of an API, in one tenant. */
export interface Holders {
  readonly appRoleAssignedTo: readonly AppRoleAssignment[];
  /** Undefined: the permission to read them is missing. */
  readonly oauth2PermissionGrants: readonly PermissionGrant[] | undefined;
  /** Display names of the grants' clients, by object id. */
  readonly clientNames: ReadonlyMap<string, string>;
}

/** Who has an app role. Clients are named; users are counted, for whatever lists them may be a log. */
export function holdersOfRole({ appRoleAssignedTo }: Holders, id: string): string {
  const holders = appRoleAssignedTo.filter(({ appRoleId }) => appRoleId.toLowerCase() === id);
  const clients = holders.filter(({ principalType }) => principalType === 'ServicePrincipal');
  const countOf = (type: string) => holders.filter(({ principalType }) => principalType === type).length;
  return (
    list([
      counted('client', clients.length, named(clients.map((each) => each.principalDisplayName ?? each.principalId))),
      counted('user', countOf('User')),
      counted('group', countOf('Group')),
    ]) || 'nobody'
  );
}

/** Which clients have a scope, and for whom. */
export function holdersOfScope({ oauth2PermissionGrants, clientNames }: Holders, value: string): string {
  if (oauth2PermissionGrants === undefined) {
    return 'unknown: reading consents takes Directory.Read.All';
  }
  const grants = oauth2PermissionGrants.filter(({ scope }) => scope.split(' ').includes(value));
  const byClient = groupByClient(grants);
  return (
    list(
      [...byClient].map(([clientId, ofClient]) => {
        const isForAll = ofClient.some(({ consentType }) => consentType === 'AllPrincipals');
        const forWhom = isForAll ? 'every user' : counted('user', ofClient.length);
        return `${clientNames.get(clientId) ?? clientId} for ${forWhom}`;
      }),
    ) || 'nobody'
  );
}

function groupByClient(grants: readonly PermissionGrant[]): ReadonlyMap<string, readonly PermissionGrant[]> {
  const byClient = new Map<string, PermissionGrant[]>();
  for (const grant of grants) {
    byClient.set(grant.clientId, [...(byClient.get(grant.clientId) ?? []), grant]);
  }
  return byClient;
}

function counted(noun: string, count: number, which = ''): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}${which}`;
}

/** The first few: an admin knows from them which clients are meant. */
function named(names: readonly string[]): string {
  const shown = names.slice(0, 5);
  return ` (${[...shown, ...(names.length > shown.length ? [`${names.length - shown.length} more`] : [])].join(', ')})`;
}

function list(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}
