export type {
  ApplicationPermission,
  Catalogue,
  CatalogueEntry,
  ConsentText,
  DelegatedPermission,
  NameOf,
  PermissionKind,
  UserRole,
} from './catalogue.js';
export { checkGrants } from './check-grants.js';
export {
  type Decision,
  decide,
  type Facts,
  type Granted,
  type GrantOutcome,
  namedRecords,
  type Reason,
  type RecordsNeeded,
  type Refused,
} from './decide.js';
export { definePermissions, type Permissions } from './define-permissions.js';
export { disregard } from './disregard.js';
export { describeGrant, type Grant } from './grant.js';
export { type Reach, reachOf } from './reach.js';
export { isOfCallersTenant, type RecordRule } from './record-rule.js';
