import { setTimeout as delay } from 'node:timers/promises';
import { operations, type Scene } from './operations.js';
import type { Settings } from './settings.js';

const weights = operations.map(([weight]) => weight);
const total = weights.reduce((sum, weight) => sum + weight, 0);

/** Asks until the run is over: so many lanes, each one request at a time, at a rate that leaves the machine room. */
export async function generate(scene: Scene, { lanes, perSecond }: Settings): Promise<void> {
  const pause = (lanes / perSecond) * 1_000;
  const lane = async () => {
    await delay(Math.random() * pause);
    while (!scene.isOver()) {
      const began = performance.now();
      await anyOperation()(scene);
      await delay(Math.max(0, pause * (0.5 + Math.random()) - (performance.now() - began)));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function anyOperation() {
  let left = Math.random() * total;
  const found = operations.find(([weight]) => {
    left -= weight;
    return left < 0;
  });
  return (found ?? operations[0])?.[1] ?? (() => Promise.resolve());
}
