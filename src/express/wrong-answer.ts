import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigurationError } from '../errors/index.js';
import { isDeclaredFor } from './declare-for.js';
import { publishNotice, publishRefused } from './events.js';
import { isDecided, type RequestState } from './request-state.js';
import { routeTemplate } from './routes.js';
import { reportUndeclared, undeclaredRoute } from './undeclared.js';
import { withhold } from './withhold.js';

/** Why an answer may not be a success. */
export interface WrongAnswer {
  readonly code: 'undeclared_route' | 'other_operation' | 'answered_after_refusal' | 'reach_not_read';
  readonly error: () => ConfigurationError;
}

/** What is wrong with a success as the answer to a request. Only to name it costs something. */
export function whatIsWrong(req: IncomingMessage, state: RequestState): WrongAnswer | undefined {
  if (state.withheld !== undefined) return undefined;
  if (state.isRefused) return answeredAfterRefusal;
  if (!isDecided(state) || !isDeclaredFor(req, state)) {
    return { code: 'undeclared_route', error: () => undeclaredRoute(req) };
  }
  const mismatch = state.operation?.findMismatch(req);
  if (mismatch !== undefined) return { code: 'other_operation', error: () => mismatch };
  return state.isReachRead ? undefined : { code: 'reach_not_read', error: () => reachNotRead(state) };
}

const answeredAfterRefusal: WrongAnswer = {
  code: 'answered_after_refusal',
  error: () =>
    new ConfigurationError(
      'The request was refused, but it was answered with a success. An error handler must answer with the status of the error, not call next().',
    ),
};

function reachNotRead({ reachToRead }: RequestState): ConfigurationError {
  const names = [...reachToRead].map(({ name }) => name).join(' and ');
  return new ConfigurationError(
    `The route's grants limit a list to what the caller owns, but its handler did not read ${names}.reach(req). Read it, and apply it in the query.`,
  );
}

/** Reports it, as far as the API is set to. @returns whether the answer must be replaced */
export function reportWrong(
  req: IncomingMessage,
  res: ServerResponse,
  state: RequestState,
  wrong: WrongAnswer,
): boolean {
  const { code } = wrong;
  if (code === 'undeclared_route' && state.api.undeclared === 'report') {
    reportUndeclared(req, state.api);
    return false;
  }
  const error = wrong.error();
  if (state.api.reportOnly !== undefined) {
    withhold(req, state, { res, error, explanation: [] });
    state.answer.reportWithheld?.();
    return false;
  }
  publishRefused(req, state, error);
  publishNotice(state.api, { code, message: error.message, method: req.method, route: routeTemplate(req) });
  return true;
}
