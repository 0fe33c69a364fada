import type { Fetch } from './authority.js';

export interface FetchLimits {
  /** Milliseconds for connection, answer and the whole body. */
  readonly timeout: number;
  readonly maxBytes: number;
}

export const fetchLimits: FetchLimits = { timeout: 5_000, maxBytes: 1_048_576 };

/**
 * One JSON object from the authority, within bounds of time and size, and without a redirect. The deadline holds, and ends the
 * reading, whether or not `fetch` minds its signal.
 *
 * @throws Error with a short reason of our own; never with what the server sent
 */
export async function fetchJson(
  url: URL,
  fetch: Fetch,
  { timeout, maxBytes } = fetchLimits,
): Promise<Record<string, unknown>> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeout} ms`)), timeout);
  });
  try {
    return await Promise.race([download(url, fetch, abort.signal, maxBytes), deadline]);
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

async function download(
  url: URL,
  fetch: Fetch,
  signal: AbortSignal,
  maxBytes: number,
): Promise<Record<string, unknown>> {
  const response: Response | null | undefined = await reach(url, fetch, signal);
  if (!response) throw new Error('not reached (no response)');
  if (response.redirected) throw new Error('redirected');
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  const value = parse(await readBody(response, signal, maxBytes));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not a JSON object');
  return value as Record<string, unknown>;
}

async function reach(url: URL, fetch: Fetch, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { headers: { accept: 'application/json' }, redirect: 'error', signal });
  } catch (error) {
    throw new Error(`not reached (${reasonOf(error)})`);
  }
}

/** The system's own name for what went wrong, such as ECONNREFUSED; no text of anyone else's. */
function reasonOf(error: unknown): string {
  const { cause } = (error ?? {}) as { cause?: { code?: unknown; message?: unknown } };
  if (typeof cause?.code === 'string') return cause.code;
  return cause?.message === 'unexpected redirect' ? 'redirect' : 'no connection';
}

async function readBody(response: Response, signal: AbortSignal, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      signal.throwIfAborted();
      size += chunk.byteLength;
      if (size > maxBytes) break;
      chunks.push(chunk);
    }
  } catch {
    throw new Error('broken off');
  }
  if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('not JSON');
  }
}
