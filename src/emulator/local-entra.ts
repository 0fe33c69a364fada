import { randomBytes } from 'node:crypto';
import { AadstsError, aadstsBody } from './aadsts.js';
import { approveDevice, type DeviceApproval, declineDevice } from './authorization/approve-device.js';
import { Clock } from './clock.js';
import type { DirectoryDescription } from './description/directory-description.js';
import { readDirectory } from './description/read-directory.js';
import { type AppRoleAssignmentByName, assignAppRole, unassignAppRole } from './directory/assign-app-role.js';
import { grantScopes, revokeScopes, type ScopeGrantByName } from './directory/grant-scopes.js';
import { documentAt, type Publisher } from './documents.js';
import { Faults } from './faults/faults.js';
import { fetchWithFaults } from './faults/with-faults.js';
import { type Authorizations, createAuthorizations } from './grants/authorizations.js';
import { KeyRing } from './keys/key-ring.js';
import { signToken } from './keys/sign-token.js';
import type { SigningKey } from './keys/signing-key.js';
import { Log } from './log.js';
import { type ApplicationTokenRequest, applicationToken } from './tokens/application-token.js';
import type { Issuer } from './tokens/issuer.js';
import { type UserTokenRequest, userToken } from './tokens/user-token.js';

export interface LocalEntraOptions {
  readonly directory: DirectoryDescription;
  /** Where it can be reached, on loopback. Default `http://entra.localhost`: by its own `fetch` only. */
  readonly origin?: string;
  /** What the issuers begin with, where the same local Entra has another origin. Default: `origin`. */
  readonly issuerOrigin?: string;
}

/**
 * A local Entra inside this process: a directory, keys, a clock and a log. The whole object is what `testAuthority` of
 * `authenticate` takes.
 */
export interface LocalEntra extends Issuer, Publisher {
  /** The first tenant. */
  readonly tenantId: string;
  /** What it does wrong, on command. */
  readonly faults: Faults;
  /** What users agreed to and clients have not fetched yet. */
  readonly authorizations: Authorizations;
  /** `IDENTITY_HEADER` of its managed identities. */
  readonly identityHeader: string;
  /** Answers for discovery documents and key sets, without a network. */
  fetch(this: void, input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Signs a user's access token without a sign-in: nobody is asked for a password, nothing is checked for consent. */
  userToken(this: void, request: UserTokenRequest): string;
  /** Signs a client's own access token without its secret. */
  applicationToken(this: void, request: ApplicationTokenRequest): string;
  /** Signs any claims, sound or not; with the current key where none is given. */
  sign(this: void, claims: Readonly<Record<string, unknown>>, key?: SigningKey): string;
  /** Grants an application permission to a client, or a user role to a user, as an administrator would. The next token has it. */
  assignAppRole(this: void, assignment: AppRoleAssignmentByName): void;
  unassignAppRole(this: void, assignment: AppRoleAssignmentByName): void;
  /** Consents to delegated permissions, for one user or for everyone. */
  grantScopes(this: void, grant: ScopeGrantByName): void;
  revokeScopes(this: void, grant: ScopeGrantByName): void;
  /** Signs a device in as the user would on the page, consent included. */
  approveDevice(this: void, approval: DeviceApproval): void;
  /** @param userCode what the device shows */
  declineDevice(this: void, userCode: string): void;
}

/**
 * Makes a local Entra without a server, synchronously.
 *
 * @throws ConfigurationError that names the field of the description
 * @throws Error where `NODE_ENV` is `production`
 *
 * @example
 * const entra = createLocalEntra({
 *   directory: {
 *     applications: [
 *       { displayName: 'Mailroom API', permissions },
 *       { displayName: 'Nightly script', secrets: ['a secret'], appRoleAssignments: { 'Mailroom API': ['Mail.Send'] } },
 *     ],
 *   },
 * });
 */
export function createLocalEntra({
  directory: description,
  origin = 'http://entra.localhost',
  issuerOrigin = origin,
}: LocalEntraOptions): LocalEntra {
  if (process.env.NODE_ENV === 'production') {
    throw new Error("The local Entra signs any token one asks for: it does not start where NODE_ENV is 'production'.");
  }
  const clock = new Clock();
  const directory = readDirectory(description, clock);
  const faults = new Faults();
  const core = { origin, issuerOrigin, directory, clock, keys: new KeyRing(), log: new Log(() => clock.now()) };
  const authorizations = createAuthorizations(clock);
  return Object.freeze({
    ...core,
    authorizations,
    identityHeader: randomBytes(24).toString('base64url'),
    tenantId: directory.tenantCalled(undefined).tenantId,
    faults,
    fetch: fetchWithFaults(faults, (url) => answerDocument(core, url)),
    userToken: (request: UserTokenRequest) => userToken(core, request),
    applicationToken: (request: ApplicationTokenRequest) => applicationToken(core, request),
    sign: (claims: Readonly<Record<string, unknown>>, key = core.keys.signing) => signToken(claims, key),
    assignAppRole: (assignment: AppRoleAssignmentByName) => void assignAppRole(directory, assignment),
    unassignAppRole: (assignment: AppRoleAssignmentByName) => unassignAppRole(directory, assignment),
    grantScopes: (grant: ScopeGrantByName) => void grantScopes(directory, grant),
    revokeScopes: (grant: ScopeGrantByName) => revokeScopes(directory, grant),
    approveDevice: (approval: DeviceApproval) => approveDevice({ directory, authorizations }, approval),
    declineDevice: (userCode: string) => declineDevice({ directory, authorizations }, userCode),
  });
}

/** What a publisher answers at an address, without a network. */
export function answerDocument(publisher: Publisher, url: URL): Response {
  try {
    const found = url.origin === publisher.origin ? documentAt(publisher, url.pathname) : undefined;
    return found ? Response.json(found) : Response.json({ error: 'not_found' }, { status: 404 });
  } catch (error) {
    if (error instanceof AadstsError) {
      return Response.json(aadstsBody(error), { status: error.status });
    }
    throw error;
  }
}
