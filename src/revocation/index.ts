export type { ManagementRouter } from '../express/index.js';
export { memoryRevocations } from './memory-revocations.js';
export { type RedisClient, type RedisRevocationsOptions, redisRevocations } from './redis-revocations.js';
export type { NewRevocation, Restoration, Revocation, RevocationRecord, RevokedSubject } from './revocation.js';
export { type RevocationMessage, revocationsChannel } from './revocation-events.js';
export { type RevocationRoutesOptions, revocationRoutes } from './revocation-routes.js';
export type { RevocationStore, RevocationWatch, RevocationWatcher } from './revocation-store.js';
export { type RevocationHealth, type Revocations, type RevocationsOptions, revocations } from './revocations.js';
