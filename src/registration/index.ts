export { type ApplyOptions, apply } from './apply.js';
export { type Assignment, type AssignmentOutcome, grantAppRole, revokeAppRole } from './assignment.js';
export { type AssignmentCommands, grantCommands, revokeCommands } from './assignment-commands.js';
export type { Change } from './change.js';
export { type Drift, drift } from './drift.js';
export type { Finding } from './finding.js';
export {
  connectGraph,
  DEFAULT_GRAPH,
  type GraphClient,
  type GraphClientOptions,
  type GraphEntity,
  GraphRequestError,
  isLocalGraph,
} from './graph-client.js';
export type { AppRoleAssignment, Holders, PermissionGrant } from './holders.js';
export { type HasCatalogue, type ManifestOptions, manifest, registrationFindings } from './manifest.js';
export { type Plan, type PlanOptions, plan } from './plan.js';
export { readFromGraph, readHolders } from './read-from-graph.js';
export { readRegistration } from './read-registration.js';
export type {
  AppRole,
  Manifest,
  OptionalClaim,
  OptionalClaims,
  PermissionScope,
  Registration,
} from './registration.js';
