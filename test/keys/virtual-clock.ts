import type { Clock } from '../../src/token/clock.js';

interface Task {
  readonly at: number;
  readonly run: () => void;
}

/**
 * Time that stands still until a test moves it, while HTTP stays real. A task of the key store is a refresh, and a refresh
 * ends with the next one being scheduled: that is waited for before time goes on.
 */
export class VirtualClock implements Clock {
  private time = 0;
  private readonly tasks = new Set<Task>();
  private scheduled = () => {};

  now(): number {
    return this.time;
  }

  schedule(milliseconds: number, run: () => void): () => void {
    const task = { at: this.time + milliseconds, run };
    this.tasks.add(task);
    this.scheduled();
    return () => this.tasks.delete(task);
  }

  /** Milliseconds until the next task. */
  untilNext(): number {
    return (this.next()?.at ?? Number.POSITIVE_INFINITY) - this.time;
  }

  /** Moves to the next task and runs it. */
  async runNext(): Promise<void> {
    await this.advance(this.untilNext());
  }

  /** Runs what comes due on the way, one after the other. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    if (!Number.isFinite(end)) throw new Error('Nothing is scheduled.');
    for (let task = this.next(); task !== undefined && task.at <= end; task = this.next()) {
      this.tasks.delete(task);
      this.time = Math.max(this.time, task.at);
      await this.run(task);
    }
    this.time = end;
  }

  /** As on a machine that was suspended: time has passed, and no task has run. */
  sleep(milliseconds: number): void {
    this.time += milliseconds;
  }

  private next(): Task | undefined {
    return [...this.tasks].sort((a, b) => a.at - b.at)[0];
  }

  private async run(task: Task): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error('A refresh has neither ended nor failed.')), 10_000);
      this.scheduled = resolve;
      task.run();
    });
    clearTimeout(timer);
    this.scheduled = () => {};
  }
}
