/**
 * Runs every contestant once in each round, in an order that turns, so that what disturbs the machine disturbs all.
 *
 * @template T
 * @param {Record<string, () => Promise<T>>} contestants
 * @param {number} count
 * @returns {Promise<Record<string, T[]>>}
 */
export async function rounds(contestants, count) {
  const names = Object.keys(contestants);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < count; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length];
      results[name].push(await contestants[name]());
    }
  }
  return results;
}

export function median(values) {
  return quantile(values, 0.5);
}

export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * part;
  const low = sorted[Math.floor(position)];
  return low + (sorted[Math.ceil(position)] - low) * (position % 1);
}

/** The median, and between which values the middle half lies. */
export function summary(values) {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/** How many times `values` are `base`, round by round: what slows a round down slows both. */
export function ratios(values, base) {
  return summary(values.map((value, round) => value / base[round]));
}
