import type { BadToken } from './bad-tokens.js';
import type { TestEntra } from './create-test-entra.js';

/** As much of a response as is looked at. */
interface Response {
  readonly status: number;
  readonly body?: unknown;
}

/**
 * Sends a request with every bad token there is, one after another, and expects the refusal that each deserves.
 *
 * Checked are the status and, where the refusal can be found (a response of supertest, or a problem with a `code`), its code.
 * For a route that an application permission or a scope protects; a `publicRoute` lets good tokens without a role in.
 *
 * @param send makes the request with the headers given, and returns its response
 * @param except names of tokens to leave out: an API that admits any tenant accepts `of a tenant that is not admitted`
 * @throws Error that lists every token that was answered otherwise
 *
 * @example
 * await forEachBadToken(entra, (headers) => request(app).get('/mailboxes').set(headers));
 */
export async function forEachBadToken(
  entra: Pick<TestEntra, 'badTokens' | 'decisionOn'>,
  send: (headers: BadToken['headers'], token: BadToken) => PromiseLike<Response>,
  { except = [] }: { readonly except?: readonly string[] } = {},
): Promise<void> {
  const tokens = entra.badTokens();
  const unknown = except.find((name) => !tokens.some((token) => token.name === name));
  if (unknown !== undefined) {
    throw new TypeError(`No bad token is called '${unknown}'. They are: ${tokens.map(({ name }) => name).join('; ')}.`);
  }
  const wrong: string[] = [];
  for (const token of tokens) {
    if (except.includes(token.name)) continue;
    const response = await send(token.headers, token);
    const code = entra.decisionOn(response)?.code ?? (response.body as { code?: unknown } | undefined)?.code;
    const isExpected =
      response.status === token.status && (token.code === undefined || code === undefined || code === token.code);
    if (!isExpected) {
      wrong.push(`  ${token.name}: ${told(response.status, code)}, not ${told(token.status, token.code)}`);
    }
  }
  if (wrong.length > 0)
    throw new Error(`Of ${tokens.length} bad tokens, ${wrong.length} had another answer:\n${wrong.join('\n')}`);
}

function told(status: number, code: unknown): string {
  return code === undefined ? String(status) : `${status} ${code}`;
}
