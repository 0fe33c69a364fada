export {
  type Agent,
  type ApplicationCaller,
  type Caller,
  type CallerOptions,
  type DelegatedCaller,
  identifyCaller,
} from './caller.js';
export type { KindSource } from './caller-kind.js';
export { isSamePrincipal, type Principal } from './principal.js';
