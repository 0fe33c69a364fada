export { ConfigurationError } from './configuration-error.js';
export { isRefusal, Refusal, type RefusalCode } from './refusal.js';
