export type { DeviceApproval } from './authorization/approve-device.js';
export type { Clock } from './clock.js';
export type {
  ApplicationDescription,
  AppRoleAssignmentDescription,
  AppRoleDescription,
  DirectoryDescription,
  FederatedIdentityCredentialDescription,
  ManagedIdentityDescription,
  OAuth2PermissionGrantDescription,
  OAuth2PermissionScopeDescription,
  OptionalClaimDescription,
  ServicePrincipalDescription,
  ServicePrincipalSettings,
  TenantDescription,
  UserDescription,
} from './description/directory-description.js';
export type { AppRoleAssignment } from './directory/app-role-assignments.js';
export type { Application, AppRole, OAuth2PermissionScope } from './directory/application.js';
export type { AppRoleAssignmentByName } from './directory/assign-app-role.js';
export type { Directory } from './directory/directory.js';
export { DirectoryError, type DirectoryErrorCode } from './directory/directory-error.js';
export type { ScopeGrantByName } from './directory/grant-scopes.js';
export type { OAuth2PermissionGrant } from './directory/oauth2-permission-grants.js';
export type { ServicePrincipal } from './directory/service-principal.js';
export type { Tenant } from './directory/tenant.js';
export type { User } from './directory/user.js';
export type { Fault, Faults } from './faults/faults.js';
export type { KeyRing } from './keys/key-ring.js';
export type { SigningKey } from './keys/signing-key.js';
export { createLocalEntra, type LocalEntra, type LocalEntraOptions } from './local-entra.js';
export type { Log, LogEntry } from './log.js';
export type { ManagedIdentityEnvironment } from './managed-identity-environment.js';
export { type Emulator, type EmulatorOptions, startEmulator } from './start-emulator.js';
export type { ApplicationTokenRequest } from './tokens/application-token.js';
export type { UserTokenRequest } from './tokens/user-token.js';
