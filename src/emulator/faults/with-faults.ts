import { setTimeout as delay } from 'node:timers/promises';
import type { RequestHandler } from 'express';
import { type Faults, transientError, webPage } from './faults.js';

/** Lets requests through while all is well, and does to them what was commanded where it is not. */
export function withFaults(faults: Faults): RequestHandler {
  return (req, res, next) => {
    const fault = faults.current;
    switch (fault?.kind) {
      case undefined:
        next();
        return;
      case 'slow':
        setTimeout(next, fault.seconds * 1000);
        return;
      case 'html':
        res.type('html').send(webPage);
        return;
      case 'outage':
        if (fault.as === 'refused') {
          req.socket.destroy();
        } else {
          res.status(fault.as).json(transientError);
        }
    }
  };
}

/** The same for a `fetch` that leads to a local Entra without a network. */
export function fetchWithFaults(
  faults: Faults,
  answer: (url: URL) => Response,
): (input: string | URL | Request, init?: RequestInit) => Promise<Response> {
  return async (input, init) => {
    const fault = faults.current;
    const request = input instanceof Request ? input : undefined;
    const signal = init?.signal ?? request?.signal;
    switch (fault?.kind) {
      case 'slow':
        await delay(fault.seconds * 1000, undefined, { ref: false, ...(signal && { signal }) });
        break;
      case 'html':
        return new Response(webPage, { headers: { 'content-type': 'text/html' } });
      case 'outage':
        if (fault.as === 'refused') {
          throw new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) });
        }
        return Response.json(transientError, { status: fault.as });
    }
    return answer(new URL(request?.url ?? String(input)));
  };
}
