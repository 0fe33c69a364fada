import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GrantOutcome } from '../permissions/index.js';
import { codeOf, publishNotice, publishWithheld } from './events.js';
import type { RequestState } from './request-state.js';
import { routeTemplate } from './routes.js';

/** What a request would have been refused with, had `reportOnly` not held it back. */
export interface Withheld {
  readonly res: ServerResponse;
  readonly error: Error;
  readonly explanation: readonly GrantOutcome[];
}

/**
 * Keeps a refusal from the client, and reports it. Of one request only the first counts: enforced, it would have been the last.
 * It is reported once the route is known, or else as the answer begins.
 */
export function withhold(req: IncomingMessage, state: RequestState, withheld: Withheld): void {
  const { answer } = state;
  if (state.withheld === undefined) {
    // Another `authenticate` on the way may have withheld one of its own.
    answer.reportWithheld?.();
    state.withheld = withheld;
    answer.reportWithheld = () => {
      answer.reportWithheld = undefined;
      report(req, state, withheld);
    };
  }
  if (routeTemplate(req) !== undefined) answer.reportWithheld?.();
}

function report(req: IncomingMessage, state: RequestState, { error, explanation }: Withheld): void {
  const { api, caller } = state;
  publishWithheld(req, state, error, explanation);
  if (api.reportOnly === undefined) return;
  const { until, isOver } = api.reportOnly;
  api.reportOnly.count({
    method: req.method,
    route: routeTemplate(req),
    code: codeOf(error),
    clientId: caller?.clientId,
  });
  if (!isOver) return;
  publishNotice(api, {
    code: 'report_only_over',
    message: `reportOnly ended on ${until}, and still nothing is refused: an outage at midnight would help no one. The next start will fail: remove reportOnly before it.`,
  });
}
