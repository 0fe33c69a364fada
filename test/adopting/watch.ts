import { subscribe } from 'node:diagnostics_channel';
import { type Authenticate, channels, type NoticeMessage, type RefusalMessage } from 'express-app-roles';

export function watch(guard: Authenticate, log: (line: string, details: unknown) => void) {
  subscribe(channels.refusal, (message) => {
    const { enforced, method, route, status, code, caller } = message as RefusalMessage;
    log(enforced ? 'refused' : 'would be refused', { method, route, status, code, client: caller?.clientId });
  });
  subscribe(channels.notice, (message) => {
    const { code, route } = message as NoticeMessage;
    log('notice', { code, route });
  });
  const hour = 3_600_000;
  setInterval(() => log('would be refused, so far', guard.report()), hour).unref();
}
