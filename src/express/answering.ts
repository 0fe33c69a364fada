import type { IncomingMessage, ServerResponse } from 'node:http';
import { asError, type Middleware } from './middleware.js';
import { Problem } from './problem.js';
import { sendProblem } from './send-problem.js';

/** An Express app or router, as far as it is needed here. */
export type ManagementRouter = Readonly<
  Record<'get' | 'put' | 'post' | 'delete', (path: string, ...handlers: Middleware[]) => unknown>
>;

/** A request, as Express hands it to a handler. */
export type ManagementRequest = IncomingMessage & {
  readonly params: Readonly<Record<string, string>>;
  readonly baseUrl: string;
  readonly body?: unknown;
};

/** What a handler answers. */
export interface Answer {
  readonly status: 200 | 201 | 204;
  readonly body?: unknown;
  readonly location?: string;
}

/** A handler of a function that gives the answer, or throws a problem. Anything else that it throws goes to `next`. */
export function answering(answer: (req: ManagementRequest) => Promise<Answer>): Middleware {
  return (req, res, next) => {
    answer(req as ManagementRequest).then(
      (given) => send(res, given),
      (thrown: unknown) => {
        if (thrown instanceof Problem) sendProblem(res, { status: thrown.status, detail: thrown.message });
        else next(asError(thrown));
      },
    );
  };
}

function send(res: ServerResponse, { status, body, location }: Answer): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  res.statusCode = status;
  if (location !== undefined) res.setHeader('Location', location);
  if (text !== '') res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.end(text);
}
