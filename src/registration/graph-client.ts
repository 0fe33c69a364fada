import { ConfigurationError } from '../errors/index.js';

export interface GraphClientOptions {
  /**
   * Where Microsoft Graph is: one of its own hosts, or a local Entra on loopback, which may be `http`. Nothing else is sent a
   * token. Default `https://graph.microsoft.com/v1.0`.
   */
  readonly baseUrl?: string;
  /** An access token for Microsoft Graph, asked for before every request: `@azure/identity` keeps it as long as it is good. */
  readonly getToken: () => Promise<string>;
}

/** Microsoft Graph, as far as JSON goes. */
export interface GraphClient {
  readonly baseUrl: string;
  get(path: string): Promise<GraphEntity>;
  /** A whole collection, page by page. */
  list(path: string): Promise<readonly GraphEntity[]>;
  post(path: string, body: object): Promise<GraphEntity>;
  patch(path: string, body: object): Promise<void>;
  delete(path: string): Promise<void>;
}

export type GraphEntity = Readonly<Record<string, unknown>>;

/** What Microsoft Graph refused, in its words or with what to do about it. */
export class GraphRequestError extends Error {
  override readonly name = 'GraphRequestError';
  /** Of the answer. */
  readonly status: number;
  /** Microsoft Graph's own, as in `Authorization_RequestDenied`. */
  readonly code: string;

  constructor(message: string, status: number, code: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const DEFAULT_GRAPH = 'https://graph.microsoft.com/v1.0';

/** Milliseconds for one request. */
const TIMEOUT = 30_000;

/** Microsoft Graph in its clouds (learn.microsoft.com/graph/deployments). */
const graphHosts = [
  'graph.microsoft.com',
  'graph.microsoft.us',
  'dod-graph.microsoft.us',
  'microsoftgraph.chinacloudapi.cn',
];

/**
 * Connects to Microsoft Graph, or to the Graph part of a local Entra.
 *
 * @throws ConfigurationError where `baseUrl` is neither
 */
export function connectGraph({ baseUrl = DEFAULT_GRAPH, getToken }: GraphClientOptions): GraphClient {
  const base = checkBaseUrl(baseUrl);

  async function ask(method: string, url: URL, body?: object): Promise<GraphEntity> {
    const response = await fetch(url, {
      method,
      // A redirection would take the token along.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT),
      headers: {
        authorization: `Bearer ${await getToken()}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch(() => {
      throw new Error(`Microsoft Graph cannot be reached at ${base}.`);
    });
    const answer = (await response.json().catch(() => ({}))) as GraphEntity;
    if (!response.ok) {
      const { code = 'unknown', message = response.statusText } = (answer.error ?? {}) as Record<string, string>;
      throw new GraphRequestError(
        `Microsoft Graph refused ${method} ${url.pathname}: ${response.status} ${code}: ${message}`,
        response.status,
        code,
      );
    }
    return answer;
  }

  const at = (path: string) => new URL(`${base}${path}`);
  return {
    baseUrl: base,
    get: (path) => ask('GET', at(path)),
    async list(path) {
      const entities: GraphEntity[] = [];
      for (let next: URL | undefined = at(path); next !== undefined; ) {
        const page: GraphEntity = await ask('GET', next);
        entities.push(...((page.value ?? []) as readonly GraphEntity[]));
        const link: unknown = page['@odata.nextLink'];
        next = typeof link === 'string' ? new URL(link) : undefined;
        if (next !== undefined && next.origin !== at('').origin) {
          throw new Error(`Microsoft Graph goes on at another origin, ${next.origin}, which is sent no token.`);
        }
      }
      return entities;
    },
    post: (path, body) => ask('POST', at(path), body),
    async patch(path, body) {
      await ask('PATCH', at(path), body);
    },
    async delete(path) {
      await ask('DELETE', at(path));
    },
  };
}

/** Whether an address of Microsoft Graph is of a local Entra. */
export function isLocalGraph(baseUrl: string): boolean {
  return URL.canParse(baseUrl) && /^(127(\.\d+){3}|\[::1\]|localhost)$/.test(new URL(baseUrl).hostname);
}

function checkBaseUrl(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const isGraph = url?.protocol === 'https:' && graphHosts.includes(url.host);
  const isLocal = /^https?:$/.test(url?.protocol ?? '') && isLocalGraph(baseUrl);
  if (url === undefined || !(isGraph || isLocal) || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw new ConfigurationError(
      `${baseUrl} is no Microsoft Graph: give ${DEFAULT_GRAPH}, that of another cloud (${graphHosts.slice(1).join(', ')}), or a local Entra's, like http://127.0.0.1:8990/v1.0.`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
