export type { BadToken } from './bad-tokens.js';
export {
  type ApplicationTokenOptions,
  type Credentials,
  createTestEntra,
  type TestEntra,
  type TestEntraOptions,
  type UserTokenOptions,
} from './create-test-entra.js';
export type { TestDecision } from './decision.js';
export { forEachBadToken } from './for-each-bad-token.js';
export type { MatcherResult, Matchers } from './matchers.js';
export {
  type MatrixApp,
  type MatrixOptions,
  type MatrixRow,
  type PermissionMatrix,
  permissionMatrix,
  type RouteExample,
} from './matrix/permission-matrix.js';
export type { TestClient, TestClientOptions } from './test-client.js';
export type { TestUser, TestUserOptions } from './test-user.js';
