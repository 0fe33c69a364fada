import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DirectoryDescription } from './description/directory-description.js';
import { endpoints } from './endpoints.js';
import { createLocalEntra, type LocalEntra } from './local-entra.js';

export interface EmulatorOptions {
  readonly directory: DirectoryDescription;
  /** Default 0: any free port. */
  readonly port?: number;
}

/** A local Entra that is served over HTTP. Its `origin` is `http://127.0.0.1:<port>`. */
export interface Emulator extends LocalEntra {
  /** Stops listening and drops open connections. */
  close(): Promise<void>;
}

/**
 * Starts a local Entra on 127.0.0.1 only, with a signing key of its own that no other start shares.
 *
 * It serves discovery documents and key sets (v1.0 and v2.0) and the client credentials flow with a secret. It checks what a
 * client asks for, not whether an API should be protected so; it is for development and tests, and refuses to start where
 * `NODE_ENV` is `production`.
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
export async function startEmulator({ directory, port = 0 }: EmulatorOptions): Promise<Emulator> {
  let answer: RequestListener | undefined;
  const server = createServer((req, res) => answer?.(req, res));
  await listen(server, port);
  try {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const entra = createLocalEntra({ directory, origin });
    answer = endpoints(entra);
    return Object.freeze({ ...entra, close: () => close(server) });
  } catch (error) {
    await close(server);
    throw error;
  }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
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
