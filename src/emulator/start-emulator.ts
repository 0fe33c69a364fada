import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { userClaims } from './claims.js';
import {
  applicationCalled,
  type Directory,
  type DirectoryDescription,
  mustDefine,
  userCalled,
  wrong,
} from './directory.js';
import { endpoints } from './endpoints.js';
import { mint } from './mint.js';
import { readDirectory } from './read-directory.js';
import { createSigningKey } from './signing-key.js';

export interface EmulatorOptions {
  readonly directory: DirectoryDescription;
  /** Default 0: any free port. */
  readonly port?: number;
}

export interface UserTokenRequest {
  /** The user: name or object id. */
  readonly user: string;
  /** The client through which the user acts: display name or client id. */
  readonly client: string;
  /** The API that the token is for: display name or client id. */
  readonly resource: string;
  /** At least one of the delegated permissions that the API defines. */
  readonly scopes: readonly string[];
  /** Of the user roles that the API defines. Default: none. */
  readonly userRoles?: readonly string[];
}

/** A running local Entra. */
export interface Emulator {
  /** `http://127.0.0.1:<port>`: what `testAuthority` of `authenticate` takes. */
  readonly origin: string;
  readonly tenantId: string;
  /** The directory with every default filled in. */
  readonly directory: Directory;
  /** Signs a user's access token without a sign-in: nobody is asked for a password, nothing is checked for consent. */
  userToken(request: UserTokenRequest): string;
  /** Stops listening and drops open connections. */
  close(): Promise<void>;
}

/**
 * Starts a local Entra: one tenant, on 127.0.0.1 only, with a signing key of its own that no other start shares.
 *
 * It serves discovery documents and key sets (v1.0 and v2.0) and the client credentials flow with a secret. It checks what a
 * client asks for, not whether an API should be protected so; it is for development and tests, and refuses to start where
 * `NODE_ENV` is `production`.
 *
 * @example
 * const entra = await startEmulator({
 *   directory: {
 *     applications: [
 *       { displayName: 'Mailroom API', accessTokenVersion: 2, appRoles: ['Mail.Send'], scopes: ['Mail.Read'] },
 *       { displayName: 'Nightly script', secrets: ['a secret'] },
 *     ],
 *     appRoleAssignments: [{ client: 'Nightly script', resource: 'Mailroom API', roles: ['Mail.Send'] }],
 *   },
 * });
 */
export async function startEmulator({ directory: description, port = 0 }: EmulatorOptions): Promise<Emulator> {
  if (process.env.NODE_ENV === 'production') {
    throw new Error("The local Entra signs any token one asks for: it does not start where NODE_ENV is 'production'.");
  }
  const directory = readDirectory(description);
  const key = await createSigningKey();
  const server = createServer();
  await listen(server, port);
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on('request', endpoints(origin, directory, key));
  const { tenantId } = directory;

  return {
    origin,
    tenantId,
    directory,
    userToken({ scopes, userRoles = [], ...names }) {
      const user = userCalled(directory, names.user);
      const client = applicationCalled(directory, names.client, 'client');
      const resource = applicationCalled(directory, names.resource, 'resource');
      if (scopes.length === 0) {
        throw wrong('scopes', "a user's access token carries at least one scope");
      }
      mustDefine('scopes', resource.displayName, resource.scopes, scopes);
      mustDefine('userRoles', resource.displayName, resource.userRoles, userRoles);
      const audience = resource.identifierUris[0] ?? resource.clientId;
      return mint(userClaims({ origin, tenantId, client, resource, audience }, user, scopes, userRoles), key);
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(taken ? new Error(`Port ${port} is in use: give the local Entra another \`port\`, or 0 for any.`) : error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}
