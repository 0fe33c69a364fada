import { createServer, type IncomingHttpHeaders, type IncomingMessage, type RequestListener, request } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';

export interface Question {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What JSON makes of it; otherwise the text. */
  readonly body: unknown;
  /** The request as the server had it. */
  readonly req: IncomingMessage;
}

export type Exchange = (question: Question) => Promise<Answer>;

/** Milliseconds that a handler may take. */
const patience = 10_000;

/**
 * Sends requests to an app over HTTP, with Node's own client and server, on a stream in memory instead of a socket: no port,
 * and nothing of the app can tell the difference but for the address of the peer, which is made up.
 */
export function exchangeWith(app: RequestListener): Exchange {
  return (question) =>
    new Promise((resolve, reject) => {
      let req: IncomingMessage | undefined;
      const server = createServer((incoming, res) => {
        req = incoming;
        app(incoming, res);
      });
      const text = question.body === undefined ? undefined : JSON.stringify(question.body);
      const asked = request({
        method: question.method,
        path: question.path,
        headers: {
          host: 'api.test',
          connection: 'close',
          ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          ...question.headers,
        },
        createConnection: () => connectTo(server) as never,
        signal: AbortSignal.timeout(patience),
      });
      asked.on('error', (cause) => {
        reject(
          new Error(`${question.method} ${question.path}: no whole answer within ${patience / 1000} seconds.`, {
            cause,
          }),
        );
      });
      asked.on('response', (answer) => {
        const chunks: Buffer[] = [];
        answer.on('error', reject);
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const body = parse(Buffer.concat(chunks).toString('utf8'));
          const { statusCode: status = 0, headers } = answer;
          if (req === undefined) reject(new Error(`${question.method} ${question.path}: the app was not reached.`));
          else resolve({ status, headers, body, req });
        });
      });
      asked.end(text);
    });
}

/** Node takes any stream for a connection, says the documentation of the event `connection`. */
function connectTo(server: ReturnType<typeof createServer>): Duplex {
  const [client, accepted] = duplexPair();
  server.emit(
    'connection',
    Object.assign(accepted, { remoteAddress: '127.0.0.1', remotePort: 1, remoteFamily: 'IPv4' }),
  );
  return client;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
