import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler, Request } from 'express';
import { ConfigurationError, isRefusal, type Refusal } from '../../errors/index.js';
import { MICROSOFT_GRAPH_CLIENT_ID } from '../description/microsoft-graph.js';
import { DirectoryError } from '../directory/directory-error.js';
import type { Log } from '../log.js';

/** A refusal in the words of Microsoft Graph. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly status: number;
  readonly code: string;
  /** Closer than `code`: why this library refused. */
  readonly reason: string | undefined;

  constructor(status: number, code: string, message: string, reason?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.reason = reason;
  }
}

export const badRequest = (message: string) => new GraphError(400, 'Request_BadRequest', message);

export const unsupportedQuery = (message: string) => new GraphError(400, 'Request_UnsupportedQuery', message);

export const notFound = (id: string) =>
  new GraphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );

export const requestDenied = (reason?: string) =>
  new GraphError(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.', reason);

/** The error envelope of Microsoft Graph. */
export function answerGraphErrors(log: Log): ErrorRequestHandler {
  return (error, req, res, _next) => {
    const { status, code, message, reason } = asGraphError(error, req);
    log.add({ event: 'refused', method: req.method, path: pathOf(req), code: status, error: reason ?? code });
    if (res.headersSent) {
      res.destroy();
      return;
    }
    const requestId = randomUUID();
    const clientRequestId = req.get('client-request-id');
    const innerError = {
      ...(reason !== undefined && { code: reason }),
      date: new Date().toISOString().slice(0, 19),
      'request-id': requestId,
      'client-request-id': clientRequestId && /^[\w-]{1,64}$/.test(clientRequestId) ? clientRequestId : requestId,
    };
    if (status === 401) {
      res.set('WWW-Authenticate', `Bearer realm="", client_id="${MICROSOFT_GRAPH_CLIENT_ID}"`);
    }
    res.status(status).set('request-id', requestId).json({ error: { code, message, innerError } });
  };
}

function asGraphError(error: unknown, req: Request): GraphError {
  if (error instanceof GraphError) {
    return error;
  }
  if (isRefusal(error)) {
    return fromRefusal(error, req);
  }
  if (error instanceof DirectoryError) {
    const message = error.field === undefined ? error.message : `${error.field}: ${error.message}`;
    return new GraphError(error.status, error.code, `${message}.`);
  }
  const { status } = error as { status?: unknown };
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return badRequest('Unable to read JSON request payload.');
  }
  return new GraphError(500, 'UnknownError', 'Something is wrong in the local Entra itself.');
}

function fromRefusal({ status, code, message }: Refusal, req: Request): GraphError {
  switch (status) {
    case 401:
      return code === 'graph_token'
        ? new GraphError(401, 'InvalidAuthenticationToken', 'The token is not one that this local Entra signed.', code)
        : new GraphError(401, 'InvalidAuthenticationToken', message, code);
    case 403:
      return requestDenied(code);
    case 404:
      return notFound(objectIn(pathOf(req)));
    default:
      return new GraphError(status, status === 400 ? 'BadRequest' : 'serviceNotAvailable', message, code);
  }
}

/** Reads what a client sent; what a reader finds wrong is a 400 that names the property. */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ConfigurationError ? badRequest(error.message) : error;
  }
}

function pathOf({ originalUrl }: Request): string {
  return originalUrl.split('?', 1)[0] ?? '';
}

/** `/v1.0/applications/{id}/…`, or `/v1.0/applications(appId='…')/…`. */
function objectIn(path: string): string {
  const [, , collection = '', id] = path.split('/');
  return collection.includes('(') ? collection : (id ?? collection);
}
