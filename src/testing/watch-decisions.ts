import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { channels } from '../express/index.js';
import { readDecision, type TestDecision } from './decision.js';

export interface WatchedDecisions {
  /** What was decided about the request that a response answers. */
  on(response: unknown): TestDecision | undefined;
}

/** How many connections are remembered on which no answer has arrived yet. */
const maxConnections = 100;

/** State: the request that each open connection carries, and for each answer that has arrived the request it belongs to. */
class Requests implements WatchedDecisions {
  private readonly byConnection = new Map<string, IncomingMessage>();
  private readonly byAnswer = new WeakMap<object, IncomingMessage>();

  /** The server has read the head of a request. */
  arrived(req: IncomingMessage, { localPort, remotePort }: Socket): void {
    const [oldest] = this.byConnection.size >= maxConnections ? this.byConnection.keys() : [];
    if (oldest !== undefined) this.byConnection.delete(oldest);
    this.byConnection.set(`${localPort} ${remotePort}`, req);
  }

  /** The client has read the head of the answer. */
  answered(answer: IncomingMessage): void {
    const { localPort, remotePort } = answer.socket;
    const connection = `${remotePort} ${localPort}`;
    const req = this.byConnection.get(connection);
    this.byConnection.delete(connection);
    if (req !== undefined) this.byAnswer.set(answer, req);
  }

  on(response: unknown): TestDecision | undefined {
    const answer = (response as { res?: unknown } | null | undefined)?.res ?? response;
    const req = typeof answer === 'object' && answer !== null ? this.byAnswer.get(answer) : undefined;
    return req && readDecision(req);
  }
}

/**
 * Follows the requests of this process from its own http client to its own http server, by the diagnostics channels of Node.
 * Nothing is added to a request or an answer. Once the result is no longer held, the subscriptions end by themselves: test
 * runners keep a process for many files.
 */
export function watchDecisions(): WatchedDecisions {
  const requests = new Requests();
  const held = new WeakRef(requests);
  follow(held, 'http.server.request.start', (watcher, message) => {
    const { request, socket } = message as { request: IncomingMessage; socket: Socket };
    watcher.arrived(request, socket);
  });
  follow(held, 'http.client.response.finish', (watcher, message) => {
    watcher.answered((message as { response: IncomingMessage }).response);
  });
  // The library tells why it refused only while someone listens.
  follow(held, channels.refusal, () => {});
  return requests;
}

function follow(held: WeakRef<Requests>, name: string, hear: (watcher: Requests, message: unknown) => void): void {
  subscribe(name, function listen(message) {
    const watcher = held.deref();
    if (watcher === undefined) unsubscribe(name, listen);
    else hear(watcher, message);
  });
}
