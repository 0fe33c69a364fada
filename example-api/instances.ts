import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';

export interface InstancesOptions {
  /** The module that each instance runs: it listens once it is ready, and ends by itself after SIGTERM. */
  readonly module: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly log: Logger;
}

/** Milliseconds that an instance may take until it listens, and pauses before one that failed is tried again. */
const limits = { ready: 60_000, pause: 1_000 };

/**
 * Processes behind one port, which share nothing. One that ends unasked is replaced. State: the processes that serve, and
 * whether they are being replaced or stopped.
 */
export class Instances {
  readonly #options: InstancesOptions;
  readonly #serving = new Set<Worker>();
  #rolling = Promise.resolve();
  #isStopping = false;

  constructor(options: InstancesOptions) {
    this.#options = options;
    cluster.setupPrimary({ exec: options.module });
  }

  /** Resolves when so many listen. */
  async start(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#begin()));
  }

  /** Replaces one after another, each when its successor listens. Where that fails, those that serve go on. */
  roll(): Promise<void> {
    this.#rolling = this.#rolling.then(() => this.#replaceAll());
    return this.#rolling;
  }

  /** Resolves when all have ended, each after what it had under way. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#serving.clear();
    await Promise.all(Object.values(cluster.workers ?? {}).map((worker) => worker && end(worker)));
  }

  async #replaceAll(): Promise<void> {
    const { log } = this.#options;
    try {
      for (const old of [...this.#serving]) {
        if (this.#isStopping) {
          return;
        }
        await this.#begin();
        this.#serving.delete(old);
        await end(old);
      }
      log.info('every instance was replaced');
    } catch (error) {
      log.error(`The instances that serve go on: ${(error as Error).message}`);
    }
  }

  async #begin(): Promise<void> {
    const { variables, log } = this.#options;
    const worker = cluster.fork(variables);
    const exited = once(worker, 'exit').then(() => 'ended');
    const late = delay(limits.ready, 'was not ready in time', { ref: false });
    const outcome = await Promise.race([once(worker, 'listening').then(() => 'listens'), exited, late]);
    if (outcome !== 'listens') {
      worker.process.kill('SIGKILL');
      throw new Error(`Instance ${worker.process.pid} ${outcome}. Its own lines say why.`);
    }
    log.info({ instance: worker.process.pid }, 'an instance serves');
    this.#serving.add(worker);
    void exited.then(() => this.#replaceLost(worker));
  }

  async #replaceLost(lost: Worker): Promise<void> {
    if (!this.#serving.delete(lost)) {
      return;
    }
    const { log } = this.#options;
    log.error({ instance: lost.process.pid }, 'an instance ended unasked, and is replaced');
    while (!this.#isStopping) {
      try {
        return await this.#begin();
      } catch (error) {
        log.error((error as Error).message);
        await delay(limits.pause);
      }
    }
  }
}

async function end(worker: Worker): Promise<void> {
  if (worker.isDead()) {
    return;
  }
  const exited = once(worker, 'exit');
  worker.process.kill('SIGTERM');
  await exited;
}
