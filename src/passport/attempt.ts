import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../caller/index.js';
import { ConfigurationError, isRefusal, Refusal } from '../errors/index.js';
import { type Authentication, asError, decline, enforce } from '../express/index.js';
import type { VerifyCallback } from './verify-function.js';

/** What passport puts on the strategy for one request; one of them ends the attempt. */
export interface Actions {
  success(user: unknown, info?: unknown): void;
  fail(challenge?: string, status?: number): void;
  error(error: unknown): void;
}

/** One request at one strategy. */
export interface Attempt {
  readonly actions: Actions;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly state: ReturnType<Authentication['begin']>;
}

/**
 * Takes the request under guard, as an anonymous one.
 *
 * @throws ConfigurationError where the request is not one of Express
 */
export function beginAttempt(actions: Actions, req: IncomingMessage, { begin }: Authentication): Attempt {
  const { res } = req as IncomingMessage & { res?: ServerResponse };
  if (res === undefined) {
    throw new ConfigurationError(
      'express-app-roles/passport needs Express, whose requests know their response (req.res).',
    );
  }
  // Where a strategy is given to passport itself, not by its name, the next request replaces what stands on it.
  const { success, fail, error } = actions;
  const own = { success: success.bind(actions), fail: fail.bind(actions), error: error.bind(actions) };
  return { actions: own, req, res, state: begin(req, res) };
}

/**
 * Ends an attempt without a caller. A token that is refused is a failure, after which passport tries the next strategy; keys
 * that cannot be had, and mistakes of the application, are an error, which stops it.
 */
export function giveUp(attempt: Attempt, thrown: unknown): void {
  const { req, res, state } = attempt;
  const error = asError(thrown);
  if (isRefusal(error) && error.status < 500) {
    const challenge = decline(req, error);
    tell(attempt, (actions) => actions.fail(challenge, error.status));
  } else {
    enforce(req, res, state, error, []);
    tell(attempt, (actions) => actions.error(error));
  }
}

/**
 * Asks the application's verify callback, whose first answer counts. What it throws, or rejects with, is an error of the
 * request and not of the process. The caller is on the request from the moment the callback has accepted.
 */
export function askVerify(
  attempt: Attempt,
  caller: Caller | undefined,
  verify: (done: VerifyCallback) => unknown,
): void {
  let isAnswered = false;
  const done: VerifyCallback = (error, user, info) => {
    if (isAnswered) return;
    isAnswered = true;
    if (error) return tell(attempt, (actions) => actions.error(asError(error)));
    if (!user) return giveUp(attempt, new Refusal('denied', { detail: 'The verify callback did not accept it.' }));
    attempt.state.caller = caller;
    tell(attempt, (actions) => actions.success(user, info));
  };
  try {
    Promise.resolve(verify(done)).catch((error: unknown) => done(asError(error)));
  } catch (error) {
    done(asError(error));
  }
}

/** A callback of the application may stand behind an action. What it throws must not end the process. */
export function tell({ actions, res }: Attempt, say: (actions: Actions) => void): void {
  try {
    say(actions);
  } catch (error) {
    try {
      actions.error(asError(error));
    } catch {
      if (!res.headersSent) res.statusCode = 500;
      res.end();
    }
  }
}
