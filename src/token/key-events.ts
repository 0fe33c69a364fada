import { channel } from 'node:diagnostics_channel';
import type { TokenVersion } from './authority.js';

/** Name of the channel that `KeyMessage` is published on. */
export const keysChannel = 'express-app-roles:keys';

/** What happened to the signing keys of one tenant and token version; a key is distrusted in all of them. Only key ids that the authority published are named. */
export interface KeyMessage {
  readonly event: 'refreshed' | 'refresh-failed' | 'key-added' | 'key-withdrawn' | 'key-distrusted' | 'unknown-key';
  /** The tenant whose key set it is, or `common` or `organizations`. */
  readonly tenant?: string;
  readonly version?: TokenVersion;
  readonly kid?: string;
  /** Why a refresh failed, in a few words of ours. */
  readonly reason?: string;
}

const keys = channel(keysChannel);

export function publishKeyEvent(message: KeyMessage): void {
  if (keys.hasSubscribers) keys.publish(message);
}
