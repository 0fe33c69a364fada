import { inspect } from 'node:util';

/** The other side of `start-child.js`: answers calls of the functions of one module. */
const functions = await import(process.argv[2]);

process.on('message', async ({ id, name, args }) => {
  try {
    process.send({ id, value: await functions[name](...args) });
  } catch (error) {
    process.send({ id, error: inspect(error) });
  }
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });
