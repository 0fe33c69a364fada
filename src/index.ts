export type { Agent, ApplicationCaller, Caller, DelegatedCaller, KindSource, Principal } from './caller/index.js';
export { ConfigurationError, isRefusal, Refusal, type RefusalCode } from './errors/index.js';
export {
  type AuthenticateOptions,
  allow,
  assertDeclared,
  authenticate,
  type CallerMessage,
  callerIfAny,
  callerOf,
  channels,
  type DecisionMessage,
  decisionOf,
  type Middleware,
  type NoticeMessage,
  problemDetails,
  publicRoute,
  type RecordOptions,
  type RecordType,
  type RefusalMessage,
  type RouteDecision,
  record,
} from './express/index.js';
export {
  type ApplicationPermission,
  type Catalogue,
  type CatalogueEntry,
  type ConsentText,
  type DelegatedPermission,
  definePermissions,
  describeGrant,
  type Grant,
  type GrantOutcome,
  type Permissions,
  type Reach,
  type Reason,
  type UserRole,
} from './permissions/index.js';
export type { Cloud, Fetch, TenantPredicate, TestAuthority } from './token/index.js';
