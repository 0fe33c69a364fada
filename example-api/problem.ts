import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';

/** An answer that tells the client what to do differently. Who may call is not decided here. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: 400 | 404 | 409 | 422;

  constructor(status: Problem['status'], detail: string) {
    super(detail);
    this.status = status;
  }
}

export const notFound = (what: string) => new Problem(404, `There is no such ${what}.`);

/** Answers problems, and what Express itself refuses to parse, as RFC 9457 problem details. Everything else is passed on. */
export const answerProblems: ErrorRequestHandler = (error, _req, res, next) => {
  const status = error?.status;
  const ofExpress = Number.isInteger(status) && status >= 400 && status < 500;
  if (res.headersSent || !(error instanceof Problem || ofExpress)) {
    next(error);
    return;
  }
  const detail = error instanceof Problem ? error.message : 'The address, the headers or the body cannot be read.';
  const problem = { type: 'about:blank', title: STATUS_CODES[status], status, detail };
  res.status(status).type('application/problem+json').send(JSON.stringify(problem));
};

/** Express 5 forwards what an async handler throws; Express 4 needs it done. On Express 5 alone, leave this out. */
export const handler =
  (answer: (req: Request, res: Response) => Promise<unknown>): RequestHandler =>
  (req, res, next) => {
    answer(req, res).catch(next);
  };
