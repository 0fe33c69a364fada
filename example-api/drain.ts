import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Ends a server without failing a request: it accepts no more connections, answers what comes on those that are open, and asks
 * with `Connection: close` that they be used no more. One that stays idle ends after `keepAliveTimeout` as ever, of which its
 * client has been told. `server.close()` would end idle connections at once, under the request that a client is just sending.
 *
 * @param limit milliseconds, after which connections are cut
 * @returns whether every connection ended by itself
 */
export async function drain(server: HttpServer, limit: number): Promise<boolean> {
  server.prependListener('request', (_req, res) => res.setHeader('Connection', 'close'));
  const closed = once(server, 'close').then(() => true);
  Server.prototype.close.call(server);
  const drained = await Promise.race([closed, delay(limit, false, { ref: false })]);
  if (!drained) {
    server.closeAllConnections();
    await closed;
  }
  return drained;
}
