import { type Clock, minute } from './clock.js';

/** How many fetches unknown key ids may cause: this many at once, and one more for each pause. */
const capacity = 2;
const pause = 5 * minute;

/**
 * A bucket of fetches for one authority, for the sake of key ids that are not known: anyone can make those up. State: how
 * many are left, and since when one is being refilled.
 */
export class FetchBudget {
  private left = capacity;
  private refillFrom: number;

  constructor(private readonly clock: Clock) {
    this.refillFrom = clock.now();
  }

  /** Takes one, if there is one. */
  take(): boolean {
    this.refill();
    if (this.left === 0) return false;
    if (this.left === capacity) this.refillFrom = this.clock.now();
    this.left--;
    return true;
  }

  /** Milliseconds until there is one. */
  untilNext(): number {
    this.refill();
    return this.left > 0 ? 0 : this.refillFrom + pause - this.clock.now();
  }

  private refill(): void {
    const gained = Math.floor((this.clock.now() - this.refillFrom) / pause);
    if (gained <= 0) return;
    this.left = Math.min(capacity, this.left + gained);
    this.refillFrom += gained * pause;
  }
}
