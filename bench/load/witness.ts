import { Agent, get, type IncomingMessage } from 'node:http';

/** A connection to one instance, which stays the same as long as the socket does. */
export class Witness {
  readonly #origin: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #port: number | undefined;
  instance: number | undefined;

  constructor(origin: string) {
    this.#origin = origin;
  }

  async identify(): Promise<void> {
    const { res, body } = await this.#get('/ready');
    this.#port = res.socket.localPort;
    this.instance = (JSON.parse(body) as { instance: number }).instance;
  }

  /** @returns the status; undefined where it is another connection now, and perhaps another instance */
  async ask(path: string, token: string): Promise<number | undefined> {
    const { res } = await this.#get(path, token);
    return res.socket.localPort === this.#port ? res.statusCode : undefined;
  }

  close(): void {
    this.#agent.destroy();
  }

  #get(path: string, token?: string): Promise<{ res: IncomingMessage; body: string }> {
    return new Promise((resolve, reject) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const request = get(`${this.#origin}${path}`, { agent: this.#agent, headers, timeout: 10_000 }, (res) => {
        const { socket } = res;
        let body = '';
        res.setEncoding('utf8');
        res.on('data', (chunk) => {
          body += chunk;
        });
        res.on('error', reject);
        res.on('end', () => resolve({ res: Object.assign(res, { socket }), body }));
      });
      request.on('timeout', () => request.destroy(new Error('no answer in 10 s')));
      request.on('error', reject);
    });
  }
}

/** One for each instance. Connections are dealt out in turn, so that a few more than there are instances reach all of them. */
export async function witnessesOf(origin: string, instances: number): Promise<readonly Witness[]> {
  const found = new Map<number, Witness>();
  for (let attempt = 0; attempt < instances * 20 && found.size < instances; attempt++) {
    const witness = new Witness(origin);
    await witness.identify();
    if (witness.instance === undefined || found.has(witness.instance)) {
      witness.close();
    } else {
      found.set(witness.instance, witness);
    }
  }
  return [...found.values()];
}
