import { createRecords, isThere, reaches } from '../measure/records.js';
import { ratios, rounds, summary } from '../measure/rounds.js';

export const title = 'A list of what is in reach';
export const about =
  'A caller may see 100 records of each table (200 in the last rows), which lie anywhere in it. Milliseconds of one page of 20 of them, sorted, on PostgreSQL on the same machine, round trip included. The condition is that of `reachCondition`. Blocks of 8 kB that it touches are told without noise. In small tables PostgreSQL may find it cheaper to walk all keys in their order.';

export async function measure({ builds, sizes: { reach } }) {
  if (!(await isThere()))
    return { about: 'Not measured: there is no PostgreSQL at DATABASE_URL, nor on 127.0.0.1:5432.', tables: [] };
  const [build] = Object.values(builds);
  const tables = [];
  try {
    for (const count of reach.records) tables.push({ count, ...(await createRecords(build, count)) });
    const turns = {};
    for (const [name, wanted] of Object.entries(reaches)) {
      for (const { count, page } of tables) turns[lineName(name, count)] = () => page(wanted, reach.count);
    }
    await rounds(turns, 2);
    const results = await rounds(turns, reach.rounds);
    const lines = [];
    for (const [name, wanted] of Object.entries(reaches)) {
      const base = results[lineName(name, reach.records[0])];
      for (const { count, describe } of tables) {
        const values = results[lineName(name, count)];
        const { records, blocks } = await describe(wanted);
        const more = { records, 'blocks touched': blocks };
        lines.push({ name: lineName(name, count), ...summary(values), ratio: ratios(values, base), more });
      }
    }
    return { unit: 'ms', base: `of ${reach.records[0].toLocaleString('en')}`, lines };
  } finally {
    for (const { close } of tables) await close();
  }
}

function lineName(name, count) {
  return `${name}, of ${count.toLocaleString('en')}`;
}
