import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP server in front of an authority, to misbehave below HTTP. */
export interface Front {
  readonly origin: string;
  /** What a new connection meets; undefined: the authority. */
  meet: ((socket: Socket) => void) | undefined;
  /** Connections since the start. */
  readonly connections: { count: number };
  /** Nobody listens any more. */
  down(): Promise<void>;
  /** Someone listens again, at the same address. */
  up(): Promise<void>;
}

/** @param target where the authority listens, once that is known */
export async function startFront(target: { port: number }): Promise<Front> {
  const open = new Set<Socket>();
  const connections = { count: 0 };
  const server = createServer((socket) => {
    connections.count++;
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    if (front.meet === undefined) forward(socket, target.port);
    else front.meet(socket);
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const front: Front = {
    origin: `http://127.0.0.1:${port}`,
    meet: undefined,
    connections,
    down() {
      for (const socket of open) socket.resetAndDestroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
    up: () => listen(port),
  };
  return front;
}

function forward(socket: Socket, port: number): void {
  const upstream = connect(port, '127.0.0.1');
  upstream.on('error', () => socket.destroy()).on('close', () => socket.destroy());
  socket.on('close', () => upstream.destroy());
  socket.pipe(upstream).pipe(socket);
}
