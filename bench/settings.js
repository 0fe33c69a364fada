/** How much is run. `short` keeps the benchmark itself alive; its figures mean little. */
export const sizes = {
  full: {
    distinctTokens: 12_000,
    seen: { rounds: 11, count: 2_048 },
    neverSeen: { rounds: 9, count: 2_048 },
    garbage: { rounds: 11, count: 4_096 },
    decision: { rounds: 11, count: 8_192 },
    overHttp: { rounds: 11, milliseconds: 600, warmUp: 1_000 },
    flood: { rounds: 5, milliseconds: 800, warmUp: 800 },
    memory: { tokens: 8_000, rounds: 2 },
    startUp: { rounds: 5 },
  },
  short: {
    distinctTokens: 1_500,
    seen: { rounds: 3, count: 512 },
    neverSeen: { rounds: 3, count: 256 },
    garbage: { rounds: 3, count: 512 },
    decision: { rounds: 3, count: 1_024 },
    overHttp: { rounds: 2, milliseconds: 200, warmUp: 200 },
    flood: { rounds: 2, milliseconds: 300, warmUp: 200 },
    memory: { tokens: 700, rounds: 1 },
    startUp: { rounds: 2 },
  },
};
