import type { RefusalCode } from '../errors/index.js';
import type { TestDecision } from './decision.js';

declare global {
  /** Where vitest and `@types/jest` both look for additional matchers. */
  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: as vitest and @types/jest write it
    interface Matchers<R, T = {}> {
      /** That the library let the request in. */
      toBeAllowed(): R;
      /** That the library refused the request, with this code where one is given. */
      toBeRefused(code?: RefusalCode | 'misconfigured'): R;
    }
  }
}

export interface MatcherResult {
  readonly pass: boolean;
  message(): string;
}

/** What `expect.extend` takes, in vitest and Jest. */
// A type and not an interface: only then does it have the index signature that `expect.extend` asks for.
export type Matchers = {
  /**
   * That the library let the request in: a grant matched, or the route is public. What the handler made of it is another matter,
   * but for 401, 403 and what is 500 and above.
   */
  toBeAllowed(received: unknown): MatcherResult;
  /** That the library refused the request, with this code where one is given. */
  toBeRefused(received: unknown, code?: string): MatcherResult;
};

/** @param decisionOn undefined where the request cannot be found: then the status, and the `code` of a problem, have to do */
export function matchersOf(decisionOn: (response: unknown) => TestDecision | undefined): Matchers {
  return Object.freeze({
    toBeAllowed(received: unknown) {
      const { status } = readResponse(received);
      const decision = decisionOn(received);
      const handlerSaysNo = status === 401 || status === 403 || status >= 500;
      const pass = !handlerSaysNo && (decision === undefined ? status < 400 : decision.outcome === 'let-in');
      return { pass, message: () => tell(`be ${pass ? 'refused' : 'let in'}`, status, decision) };
    },
    toBeRefused(received: unknown, code?: string) {
      const { status, body } = readResponse(received);
      const decision = decisionOn(received);
      const refused = decision === undefined ? status >= 400 : decision.outcome === 'refused';
      const found = decision === undefined ? (body as { code?: unknown } | null)?.code : decision.code;
      const pass = refused && (code === undefined || found === code);
      const wanted = `be refused${code === undefined ? '' : ` with ${code}`}`;
      return { pass, message: () => tell(pass ? `not ${wanted}` : wanted, status, decision) };
    },
  });
}

function readResponse(received: unknown): { status: number; body: unknown } {
  const { status, statusCode, body } = (received ?? {}) as Record<string, unknown>;
  const found = status ?? statusCode;
  if (typeof found === 'number') return { status: found, body };
  const hint = typeof (received as { then?: unknown } | null)?.then === 'function' ? ' Await it first.' : '';
  throw new TypeError(`This matcher takes a response, with a status.${hint}`);
}

function tell(wanted: string, status: number, decision: TestDecision | undefined): string {
  const told = decision === undefined ? 'Of this request nothing is known beside its status.' : String(decision);
  return `The request should ${wanted}; it was answered with ${status}.\n\n${told}`;
}
