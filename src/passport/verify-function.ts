import type { Request } from 'express';
import type { ITokenPayload } from './token-payload.js';

/** Takes the outcome: an error (500 unless it names a status), no user (401), or the user and what goes to `req.authInfo`. */
// biome-ignore lint/suspicious/noExplicitAny: as in passport, whoever calls it decides what a user is
export type VerifyCallback = (error: any, user?: any, info?: any) => void;

/** Says whether the application takes a verified token, and for whom. */
export type VerifyBearerFunction = (token: ITokenPayload, done: VerifyCallback) => void;

/** The same with the request, where `passReqToCallback` is true. */
export type VerifyBearerFunctionWithReq = (req: Request, token: ITokenPayload, done: VerifyCallback) => void;
