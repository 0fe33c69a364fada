import { entraAt } from '../entra/entra.js';
import { readTokens } from '../entra/token-file.js';
import { makeApp, makeRequest } from './requests.js';

/** Requests made ahead of each stretch that is timed. Few, so that they are as young as a server's. */
const stretch = 64;

let contender;
let lists;
let app;
const positions = new Map();

/** @param {{ contender: string, options?: object, origin: string, tokenFile: string }} settings */
export async function setUp({ contender: name, options, origin, tokenFile }) {
  const { create } = await import(`../contenders/${name}.js`);
  contender = await create(await entraAt(origin), options);
  app = makeApp(contender.middlewares ?? []);
  lists = readTokens(tokenFile);
}

/**
 * CPU time of checking `count` tokens of a list, in microseconds each: of the whole process, threads included. Wall time would
 * show what else the machine was doing.
 *
 * @param atOnce how many asynchronous checks are under way together
 */
export async function run({ list, count, refused = false, atOnce = 1 }) {
  let cpu = 0;
  for (let done = 0; done < count; done += stretch) {
    const work = makeWork(lists[list], list, Math.min(stretch, count - done));
    const tally = { passed: 0, refused: 0, lastRefusal: undefined };
    const start = process.cpuUsage();
    await runAll(work, tally, atOnce);
    const { user, system } = process.cpuUsage(start);
    cpu += user + system;
    const expected = refused ? tally.refused : tally.passed;
    if (expected !== work.length) {
      throw new Error(`${list}: ${tally.passed} passed, ${tally.refused} were refused`, { cause: tally.lastRefusal });
    }
  }
  return cpu / count;
}

function makeWork(tokens, list, count) {
  const start = positions.get(list) ?? 0;
  positions.set(list, (start + count) % tokens.length);
  return Array.from({ length: count }, (_, i) => {
    const index = (start + i) % tokens.length;
    const request = makeRequest(app, tokens.authorization(index));
    const token = tokens.token(index);
    return contender.verify === undefined ? request : { ...request, token: contender.prepare?.(token) ?? token };
  });
}

async function runAll(work, tally, atOnce) {
  const attempt = contender.verify === undefined ? attemptMiddlewares : attemptVerify;
  let next = 0;
  const lane = async () => {
    while (next < work.length) {
      const pending = attempt(work[next++], tally);
      if (pending !== undefined) await pending;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/** @returns {Promise<void> | undefined} undefined where it was done at once */
function attemptVerify({ token }, tally) {
  const pass = () => {
    tally.passed++;
  };
  const refuse = (error) => {
    tally.refused++;
    tally.lastRefusal = error;
  };
  try {
    const outcome = contender.verify(token);
    if (outcome instanceof Promise) return outcome.then(pass, refuse);
    pass();
  } catch (error) {
    refuse(error);
  }
}

function attemptMiddlewares({ req, res }, tally) {
  const [authenticate, authorize] = contender.middlewares;
  let isDone = false;
  let resolve;
  const settle = (error) => {
    if (error === undefined) {
      contender.callerOf?.(req);
      tally.passed++;
    } else {
      tally.refused++;
      tally.lastRefusal = error;
    }
    isDone = true;
    resolve?.();
  };
  authenticate(req, res, (error) => {
    if (error === undefined) authorize(req, res, settle);
    else settle(error);
  });
  if (isDone) return undefined;
  return new Promise((done) => {
    resolve = done;
  });
}
