export type {
  Application,
  ApplicationDescription,
  AppRoleAssignmentDescription,
  Directory,
  DirectoryDescription,
  User,
  UserDescription,
} from './directory.js';
export { type Emulator, type EmulatorOptions, startEmulator, type UserTokenRequest } from './start-emulator.js';
