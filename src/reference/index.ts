export type { ReferenceSource } from './api-description.js';
export { type DerivedPermissionsDocument, permissionsDocument } from './document/permissions-document.js';
export { referenceFiles } from './markdown/reference-files.js';
export { type DerivedOpenApi, type OpenApiOptions, type OpenApiSettings, openApi } from './openapi/open-api.js';
export type { LocalCaller, LocalCallersOptions } from './page/local-callers.js';
export { type PermissionReferenceOptions, permissionReference } from './page/permission-reference.js';
