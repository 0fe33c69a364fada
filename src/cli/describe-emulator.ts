import type { Application, Emulator } from '../emulator/index.js';
import { columns } from './verb.js';

/** What somebody needs who develops against a local Entra: where it is, who is in it, and lines to paste. */
export function describeEmulator(entra: Emulator, certificateFile: string | undefined): string {
  const { origin, httpOrigin, tenantId, directory } = entra;
  const described = applicationsOf(entra);
  const api = described.find(offersPermissions);
  const users = directory.users.all();
  const sections = [
    `A local Entra listens at ${origin}${origin === httpOrigin ? '' : ` and ${httpOrigin}`}`,
    directory.tenants.map(({ tenantId: id, domain }) => `Tenant ${id} (${domain})`).join('\n'),
    `In an API, with NODE_ENV=development or test:
  app.use(authenticate({
    tenant: '${tenantId}',
    clientId: '${api?.clientId ?? '<client id>'}',
    permissions,
    testAuthority: '${origin}',
  }));`,
    `Applications\n${columns(described.map((each) => [each.displayName, `${each.clientId}  ${offerOf(each)}`.trimEnd()]))}`,
    ...(users.length === 0
      ? []
      : [`Users\n${columns(users.map(({ name, userPrincipalName }) => [name, userPrincipalName]))}`]),
    ...tokenCommands(entra, certificateFile),
    `Microsoft Graph, as far as permissions go: ${origin}/v1.0`,
    ...(certificateFile === undefined ? [] : [`Clients of https: NODE_EXTRA_CA_CERTS=${certificateFile}`]),
    'Type help for what can go wrong on command. Ctrl-C stops.',
  ];
  return `${sections.join('\n\n')}\n`;
}

/** The same for programs, without secrets. */
export function emulatorAsJson(entra: Emulator, certificateFile: string | undefined): object {
  const { origin, httpOrigin, tenantId, directory } = entra;
  return {
    event: 'started',
    origin,
    httpOrigin,
    tenantId,
    tenants: directory.tenants,
    graph: `${origin}/v1.0`,
    ...(certificateFile !== undefined && { certificateFile }),
    applications: applicationsOf(entra).map((application) => ({
      displayName: application.displayName,
      clientId: application.clientId,
      tenantId: application.tenantId,
      identifierUris: application.identifierUris,
      appRoles: application.appRoles.map(({ value }) => value),
      scopes: application.oauth2PermissionScopes.map(({ value }) => value),
    })),
  };
}

/** Those described: Microsoft Graph is there besides, of a tenant that is not. */
function applicationsOf({ directory }: Emulator): readonly Application[] {
  const tenants = directory.tenants.map(({ tenantId }) => tenantId);
  return directory.applications.all().filter(({ tenantId }) => tenants.includes(tenantId));
}

function offersPermissions({ appRoles, oauth2PermissionScopes }: Application): boolean {
  return appRoles.length > 0 || oauth2PermissionScopes.length > 0;
}

function offerOf({ appRoles, oauth2PermissionScopes }: Application): string {
  return [
    ...oauth2PermissionScopes.map(({ value }) => `scope ${value}`),
    ...appRoles.map(({ value }) => `role ${value}`),
  ].join(', ');
}

/** For each client that has a secret one line, for an API that granted it something, or else the first. */
function tokenCommands(entra: Emulator, certificateFile: string | undefined): readonly string[] {
  const { directory, origin } = entra;
  const described = applicationsOf(entra);
  return described.flatMap((client) => {
    const secret = client.passwordCredentials.at(-1)?.secretText;
    const servicePrincipal = directory.servicePrincipals.ofClient(client.clientId, client.tenantId);
    const granted = directory.appRoleAssignments
      .all()
      .filter(({ principalId }) => principalId === servicePrincipal?.objectId)
      .map(({ resourceId }) => directory.servicePrincipals.find(resourceId)?.clientId);
    const api =
      directory.applications.all().find(({ clientId }) => granted.includes(clientId)) ??
      described.find((each) => each !== client && offersPermissions(each));
    if (secret === undefined || api === undefined) {
      return [];
    }
    const trust = certificateFile === undefined ? '' : ` --cacert ${quoted(certificateFile)}`;
    const form = [
      'grant_type=client_credentials',
      `client_id=${client.clientId}`,
      `client_secret=${secret}`,
      `scope=${api.identifierUris[0] ?? api.clientId}/.default`,
    ];
    return [
      `A token for ${api.displayName}, as ${client.displayName}\n` +
        `  curl -s${trust} ${origin}/${client.tenantId}/oauth2/v2.0/token ${form.map((each) => `--data-urlencode ${quoted(each)}`).join(' ')}`,
    ];
  });
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
