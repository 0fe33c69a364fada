/** A promise given where an answer was wanted is no answer; should it reject, that must not end the process. */
export function disregard(given: unknown): void {
  if (given instanceof Promise) given.catch(() => {});
}
