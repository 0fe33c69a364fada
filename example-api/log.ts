import { subscribe } from 'node:diagnostics_channel';
import {
  channels,
  type DecisionMessage,
  type KeyMessage,
  type NoticeMessage,
  type RefusalMessage,
} from 'express-app-roles';
import { type RevocationMessage, revocationsChannel } from 'express-app-roles/revocation';
import { type Logger, pino } from 'pino';

/**
 * One JSON object a line, on standard output. No line holds a token, a header, an address or a person: routes are written as
 * templates, callers as kind and client.
 *
 * @param level `debug` also tells every request that was let in
 */
export function createLog(level = 'info'): Logger {
  return pino({ level });
}

/** Writes down what the library publishes. */
export function logDecisions(log: Logger): void {
  if (log.isLevelEnabled('debug')) {
    subscribe(channels.decision, (message) => log.debug(message as DecisionMessage, 'granted'));
  }
  subscribe(channels.refusal, (message) => {
    const refusal = message as RefusalMessage;
    log[refusal.status < 500 ? 'info' : 'error'](refusal, 'refused');
  });
  subscribe(channels.notice, (message) => {
    const { message: text, ...notice } = message as NoticeMessage;
    log.warn(notice, text);
  });
  subscribe(channels.keys, (message) => {
    const { event, ...keys } = message as KeyMessage;
    log[event === 'refresh-failed' ? 'warn' : 'info'](keys, event);
  });
  subscribe(revocationsChannel, (message) => {
    const { event, ...revocation } = message as RevocationMessage;
    log[event === 'list-unknown' ? 'error' : 'info'](revocation, event);
  });
}
