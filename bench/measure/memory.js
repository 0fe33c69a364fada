import { create } from '../contenders/express-app-roles.js';
import { entraAt } from '../entra/entra.js';
import { readTokens } from '../entra/token-file.js';
import { makeApp, makeRequest } from './requests.js';

/**
 * Bytes of heap that stay for each token. Run with `--expose-gc`.
 *
 * @param {{ keep: 'checked' | 'claims', options?: object, list: string, count: number }} what
 */
export async function heapPerToken({ keep, options, origin, tokenFile, list, count }) {
  const lists = readTokens(tokenFile);
  const tokens = lists[list];
  const kept = [];
  const contender = await create(await entraAt(origin), options);
  const app = makeApp();
  const check = (authorization) =>
    new Promise((resolve) => {
      const { req, res } = makeRequest(app, authorization);
      contender.middlewares[0](req, res, (error) => resolve(error === undefined));
    });
  let passed = 0;
  const use = async (from, to, which) => {
    for (let i = from; i < to; i++) {
      if (keep === 'claims') kept.push(readClaims(which.token(i % which.length)));
      else if (await check(which.authorization(i % which.length))) passed++;
    }
  };
  // What the code itself takes, once, is not a token's. Other tokens than those that are counted.
  await use(lists.distinct.length - 200, lists.distinct.length, lists.distinct);
  kept.length = 0;
  passed = 0;
  const before = await heapUsed();
  await use(0, count, tokens);
  const after = await heapUsed();
  const wanted = list === 'distinct' && keep === 'checked' ? count : 0;
  if (passed !== wanted) throw new Error(`${passed} of ${count} passed, not ${wanted}`);
  // Alive until the heap has been read.
  if (kept.length > count || contender === undefined) throw new Error('unreachable');
  return (after - before) / count;
}

function readClaims(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
}

async function heapUsed() {
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc();
  }
  return process.memoryUsage().heapUsed;
}
