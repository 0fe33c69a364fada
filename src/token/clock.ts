/** Time as the key store needs it: an age that no change of the wall clock touches, and timers that keep no process alive. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Runs a task once, later. The result calls it off. */
  schedule(milliseconds: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  schedule(milliseconds, task) {
    const timer = setTimeout(task, Math.ceil(milliseconds)).unref();
    return () => clearTimeout(timer);
  },
};

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
