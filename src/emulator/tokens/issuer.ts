import type { Clock } from '../clock.js';
import type { Directory } from '../directory/directory.js';
import type { KeyRing } from '../keys/key-ring.js';
import type { Log } from '../log.js';

/** What signing a token takes. */
export interface Issuer {
  /** What every `iss` begins with. */
  readonly issuerOrigin: string;
  readonly directory: Directory;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly log: Log;
}
