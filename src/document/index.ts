export type { EnforceOptions, NamedCondition } from './enforce-options.js';
export type { DocumentFinding } from './finding.js';
export type {
  DocumentPermission,
  DocumentScheme,
  PathSet,
  PermissionsDocument,
  Scheme,
} from './permissions-document.js';
export { type DocumentPermissions, permissionsFromDocument } from './permissions-from-document.js';
export type { RecordUse, RecordUseByPath, RecordUses, RecordUsesByKind } from './record-rules.js';
