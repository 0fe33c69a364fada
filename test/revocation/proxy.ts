import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server that a test can cut, or let fall silent. */
export interface TcpProxy {
  readonly url: string;
  /** Ends every connection, and refuses new ones until `mend`. */
  cut(): void;
  /** Keeps connections, and carries nothing until `mend`, as a server does that is stopped for a while. */
  silence(): void;
  mend(): void;
  close(): void;
}

export async function startProxy(to: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(to);
  const sockets = new Set<Socket>();
  let state: 'open' | 'cut' | 'silent' = 'open';
  const held: (() => void)[] = [];
  const server = createServer((near) => {
    if (state === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(Number(port || 6379), hostname);
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => {
        const carry = () => void into.write(chunk);
        if (state === 'open') carry();
        else held.push(carry);
      });
      from.on('close', () => {
        sockets.delete(from);
        into.destroy();
      });
      from.on('error', () => {});
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  function cut(): void {
    state = 'cut';
    for (const socket of sockets) socket.destroy();
  }
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    silence() {
      state = 'silent';
    },
    mend() {
      state = 'open';
      for (const carry of held.splice(0)) carry();
    },
    close() {
      cut();
      server.close();
    },
  };
}
