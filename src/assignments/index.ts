export type { ManagementRouter } from '../express/index.js';
export type { AnyCondition, AnyExpressionBuilder, AnyKysely, AnyQuery } from './any-kysely.js';
export type {
  AssignmentStore,
  ScopeAssignment,
  ScopeDefinition,
  ScopeName,
  Selection,
  SelectionKey,
} from './assignment-store.js';
export { assignmentMigration, createAssignmentTables } from './assignment-tables.js';
export { type AuthorizationRouteOptions, authorizationRoute } from './authorization-route.js';
export { filterInReach, type ReachOf } from './filter-in-reach.js';
export { kyselyAssignments } from './kysely-assignments.js';
export { memoryAssignments } from './memory-assignments.js';
export { type ReachColumns, reachCondition } from './reach-condition.js';
export { type ScopeRoutesOptions, scopeRoutes } from './scope-routes.js';
export { type SelectionRoutesOptions, selectionRoutes } from './selection-routes.js';
export {
  type Authorization,
  type AuthorizationQuestion,
  type TestedGrant,
  testAuthorization,
} from './test-authorization.js';
