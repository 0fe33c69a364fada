import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
/** What nobody holds is gone after it. */
export const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of the heap that something holds. */
export function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
