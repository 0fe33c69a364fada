import type { DecisionMessage, RefusalMessage } from '../express/index.js';
import type { KeyMessage } from '../token/index.js';
import type { Attributes } from './meter.js';

type Decided = DecisionMessage | RefusalMessage;

/** The methods that OpenTelemetry's semantic conventions name; any other is `_OTHER`, so that strangers cannot add series. */
const methods = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE']);

/** What a decision is counted by. Each has few values: all are declared by the application or listed in this library. */
export function measured(message: Decided, clientIds: boolean): Attributes {
  const { method = '', route } = message;
  return {
    'http.request.method': methods.has(method) ? method : '_OTHER',
    ...(route !== undefined && { 'http.route': route }),
    ...decided(message, clientIds),
  };
}

/** What a span learns of a decision. Method, route and status are for the instrumentation that began it. */
export function traced(message: Decided, clientIds: boolean): Attributes {
  if (message.outcome === 'granted') return decided(message, clientIds);
  const { detail, grants } = message;
  return {
    ...decided(message, clientIds),
    ...(detail !== undefined && { 'express_app_roles.refusal.detail': detail }),
    ...(grants.length > 0 && {
      'express_app_roles.refusal.grants': grants.map(({ grant, outcome }) => `${grant}: ${outcome}`),
    }),
  };
}

export function keyEvent(message: KeyMessage): Attributes {
  return { 'express_app_roles.keys.event': message.event, ...keySet(message) };
}

/** Which key set it is: of the tenants that the application names, or one that tenants share. */
export function keySet({ tenant, version }: Pick<KeyMessage, 'tenant' | 'version'>): Attributes {
  return {
    ...(tenant !== undefined && { 'express_app_roles.keys.tenant': tenant }),
    ...(version !== undefined && { 'express_app_roles.keys.version': version }),
  };
}

function decided(message: Decided, clientIds: boolean): Attributes {
  const { caller } = message;
  return {
    'express_app_roles.outcome': outcomeOf(message),
    ...(message.outcome === 'granted'
      ? { 'express_app_roles.grant': message.grant }
      : { 'express_app_roles.refusal.code': message.code }),
    ...(caller !== undefined && { 'express_app_roles.caller.kind': caller.kind }),
    ...(caller !== undefined && clientIds && { 'express_app_roles.client.id': caller.clientId }),
  };
}

function outcomeOf(message: Decided): string {
  return message.outcome === 'refused' && !message.enforced ? 'report-only' : message.outcome;
}
