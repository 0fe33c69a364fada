export { askStore } from './ask-store.js';
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
  type FactsNeeded,
  type Granted,
  type GrantOutcome,
  isStored,
  type Loaded,
  type Need,
  namedRecords,
  type Reason,
  type Refused,
  type StoredNarrowing,
  whetherOpened,
} from './decide.js';
export { definePermissions, type Permissions } from './define-permissions.js';
export { describeReason } from './describe-reason.js';
export { disregard } from './disregard.js';
export {
  type Condition,
  type DeclaredGrant,
  declareGrant,
  describeGrant,
  type Grant,
  isItem,
  isList,
  isNarrowName,
  type NarrowName,
} from './grant.js';
export { type GrantAsJson, grantAsJson } from './grant-as-json.js';
export { limitsOf } from './limits.js';
export { narrowest, type Reach, reachOf } from './reach.js';
export { isOfCallersTenant, isOwner, isRecordRule, type RecordRule, type Selections } from './record-rule.js';
export {
  type AssignedScope,
  type Attributes,
  checkFilter,
  matchesFilter,
  type RecordFilter,
  type RecordScopes,
  type RecordScopesOptions,
  recordScopes,
} from './record-scopes.js';
