/** How much is asked and for how long. `short` keeps the script alive in CI; its figures mean little. */
export const settings = {
  full: { seconds: 600, lanes: 24, perSecond: 120, revocations: 1_000, revocationsPerSecond: 2.5, pause: 8 },
  short: { seconds: 40, lanes: 12, perSecond: 80, revocations: 60, revocationsPerSecond: 2, pause: 0.5 },
} as const;

export type Settings = (typeof settings)['full' | 'short'];

export const instances = 4;
