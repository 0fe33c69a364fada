import { performance } from 'node:perf_hooks';

/** Milliseconds of wall and CPU time that importing modules takes where Express is loaded already. Once in a process. */
export async function importTime({ modules }) {
  await import('express');
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (const each of modules) await import(each);
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, cpu: (user + system) / 1_000 };
}
