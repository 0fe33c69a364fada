/** What time a local Entra believes it is. State: how far it is ahead of the machine. */
export class Clock {
  #ahead = 0;

  /** Unix milliseconds. */
  now(): number {
    return Date.now() + this.#ahead;
  }

  /** Unix seconds. */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** Sets how many seconds it is ahead; negative: behind. 0 is the machine's time. */
  setAhead(seconds: number): void {
    this.#ahead = seconds * 1000;
  }
}
