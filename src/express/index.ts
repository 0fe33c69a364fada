export { allow } from './allow.js';
export { assertDeclared } from './assert-declared.js';
export { type Authenticate, type AuthenticateOptions, authenticate } from './authenticate.js';
export { callerIfAny, callerOf, decisionOf, type RouteDecision } from './caller-of.js';
export {
  type CallerMessage,
  channels,
  type DecisionMessage,
  type NoticeMessage,
  type RefusalMessage,
} from './events.js';
export { lastRefusal } from './last-refusal.js';
export type { Middleware, Next } from './middleware.js';
export { problemDetails } from './problem-details.js';
export { publicRoute } from './public-route.js';
export { type RecordOptions, type RecordType, record } from './record.js';
export { findState, isDecided } from './request-state.js';
export { isAppOrRouter, listRoutes, type RouteEntry, routeTemplate } from './routes.js';
