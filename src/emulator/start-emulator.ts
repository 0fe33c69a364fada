import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { DirectoryDescription } from './description/directory-description.js';
import { endpoints } from './endpoints.js';
import { selfSignedCertificate } from './https/self-signed-certificate.js';
import { createLocalEntra, type LocalEntra } from './local-entra.js';
import { type ManagedIdentityEnvironment, managedIdentityEnvironment } from './managed-identity-environment.js';

export interface EmulatorOptions {
  readonly directory: DirectoryDescription;
  /** Of http. Default 0: any free port. */
  readonly port?: number;
  /**
   * Listens over https as well, with a certificate of its own: for clients that one cannot tell anything but an authority.
   * Everything is then issued by the https origin. Default false.
   */
  readonly https?: boolean | { readonly port?: number };
  /** Origins of the pages that may read answers, such as `http://localhost:5173` for a single-page application. Default: none. */
  readonly cors?: readonly string[];
}

/** A local Entra that is served. Its `origin` is `http://127.0.0.1:<port>`, and with https `https://localhost:<port>`. */
export interface Emulator extends LocalEntra {
  /** Where it listens over http, whether or not over https too. */
  readonly httpOrigin: string;
  /** PEM of the certificate that clients have to trust; undefined without https. Made at start, good for `localhost` and `127.0.0.1`. */
  readonly certificate: string | undefined;
  /** The environment variables by which a process becomes a managed identity of the directory. */
  managedIdentityEnvironment(this: void, displayName: string): ManagedIdentityEnvironment;
  /** Stops listening and drops open connections. */
  close(): Promise<void>;
}

/**
 * Starts a local Entra on 127.0.0.1 only, with a signing key of its own that no other start shares.
 *
 * It serves what clients and APIs need of Entra: discovery documents and key sets, the token endpoints (v1.0 and v2.0), the
 * authorization endpoints with their pages, device sign-in, managed identities, and of Microsoft Graph what permission work
 * needs (`/v1.0`). Nobody is asked for a password. It checks what a client asks for, not whether an API should be protected so;
 * it is for development and tests, and refuses to start where `NODE_ENV` is `production`.
 *
 * @example
 * const entra = await startEmulator({
 *   directory: {
 *     applications: [
 *       { displayName: 'Mailroom API', permissions },
 *       { displayName: 'Nightly script', secrets: ['a secret'], appRoleAssignments: { 'Mailroom API': ['Mail.Send'] } },
 *     ],
 *   },
 * });
 */
export async function startEmulator({
  directory,
  port = 0,
  https = false,
  cors = [],
}: EmulatorOptions): Promise<Emulator> {
  const listeners: Server[] = [];
  const answers: { http?: RequestListener; https?: RequestListener } = {};
  const close = async () => {
    await Promise.all(listeners.map(stop));
  };
  try {
    const http = createServer((req, res) => answers.http?.(req, res));
    listeners.push(http);
    const httpOrigin = `http://127.0.0.1:${await listen(http, port)}`;
    const tls = https ? selfSignedCertificate() : undefined;
    let origin = httpOrigin;
    if (https && tls) {
      const secure = createHttpsServer({ cert: tls.certificate, key: tls.privateKey }, (req, res) =>
        answers.https?.(req, res),
      );
      listeners.push(secure);
      origin = `https://localhost:${await listen(secure, https === true ? 0 : (https.port ?? 0))}`;
    }
    const entra = createLocalEntra({ directory, origin });
    answers.http = endpoints({ ...entra, origin: httpOrigin }, cors);
    answers.https = endpoints(entra, cors);
    return Object.freeze({
      ...entra,
      httpOrigin,
      certificate: tls?.certificate,
      managedIdentityEnvironment: (displayName: string) => managedIdentityEnvironment(entra, httpOrigin, displayName),
      close,
    });
  } catch (error) {
    await close();
    throw error;
  }
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** The port that it listens on. */
function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(taken ? new Error(`Port ${port} is in use: give the local Entra another \`port\`, or 0 for any.`) : error);
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
