import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { readTokens } from '../entra/token-file.js';
import { quantile } from './rounds.js';

/** Asks a server over connections that stay open. Plain sockets: the generator should take less CPU than what it measures. */

let lists;
const pools = new Map();

export function setUp({ tokenFile }) {
  lists = readTokens(tokenFile);
}

/** The status of one request. @param {{ port: number, list?: string }} what without a list there is no token */
export async function ask({ port, list }) {
  const [connection] = await connections(port, 1);
  return connection.ask(request(list, 0));
}

/**
 * Every connection asks again as soon as it was answered, always with the same token. The generator stays awake all the while: to
 * wake it is a system call's work that a server would pay with its answers, and the faster ones least.
 *
 * @returns {Promise<{ requests: number, perSecond: number }>}
 */
export async function saturate({ port, milliseconds, count = 50 }) {
  const all = await connections(port, count);
  const bytes = request('seen', 0);
  const start = performance.now();
  const end = start + milliseconds;
  const lane = async (connection) => {
    let requests = 0;
    while (performance.now() < end) {
      expectPassed(await connection.ask(bytes));
      requests++;
    }
    return requests;
  };
  const stayAwake = () => {
    if (performance.now() < end) setImmediate(stayAwake);
  };
  stayAwake();
  const requests = (await Promise.all(all.map(lane))).reduce((sum, each) => sum + each, 0);
  return { requests, perSecond: (requests * 1_000) / (performance.now() - start) };
}

/**
 * So many good requests a second, of 100 callers, and so many with bad signatures, however fast the answers come. A request that
 * finds no connection free waits for one, and its time counts from when it was due.
 *
 * @returns {Promise<{ median: number, p99: number }>} of the good requests, in milliseconds
 */
export async function pace({ port, good, bad, milliseconds, count = 50 }) {
  const all = await connections(port, count);
  const free = [...all];
  const waiting = [];
  const times = [];
  const pending = [];
  const failures = [];
  const send = async (list, index, due) => {
    const connection = free.pop() ?? (await new Promise((resolve) => waiting.push(resolve)));
    const status = await connection.ask(request(list, index));
    const next = waiting.shift();
    if (next === undefined) free.push(connection);
    else next(connection);
    if (list === 'seen') {
      times.push(performance.now() - due);
      expectPassed(status);
    } else {
      expectRefused(status, list);
    }
  };
  const start = performance.now();
  const sent = { seen: 0, badSignature: 0 };
  const perMillisecond = { seen: good / 1_000, badSignature: bad / 1_000 };
  for (let now = start; now < start + milliseconds; now = performance.now()) {
    for (const list of Object.keys(sent)) {
      while (sent[list] < (now - start) * perMillisecond[list]) {
        pending.push(send(list, sent[list]++, now).catch((error) => failures.push(error)));
      }
    }
    await delay(1);
  }
  await Promise.all(pending);
  if (failures.length > 0) throw failures[0];
  return { median: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

function expectPassed(status) {
  if (status !== 200) throw new Error(`A good token was answered ${status}.`);
}

function expectRefused(status, list) {
  if (status < 400 || status > 499) throw new Error(`A token (${list}) was answered ${status}.`);
}

function request(list, index) {
  const tokens = lists[list];
  const credential = tokens === undefined ? '' : `Authorization: ${tokens.authorization(index % tokens.length)}\r\n`;
  return Buffer.from(
    `GET /orders HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n${credential}\r\n`,
    'latin1',
  );
}

async function connections(port, count) {
  const pool = pools.get(port) ?? [];
  pools.set(port, pool);
  while (pool.length < count) pool.push(await open(port));
  return pool.slice(0, count);
}

async function open(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let received = '';
  let current;
  const fail = (error) => current?.reject(error ?? new Error('The server closed a connection.'));
  socket.on('error', fail);
  socket.on('close', () => fail());
  socket.on('data', (chunk) => {
    received += chunk.latin1Slice();
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const head = received.slice(0, headEnd);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (length === undefined) return fail(new Error(`An answer without a length: ${head}`));
    if (received.length < headEnd + 4 + Number(length)) return;
    received = '';
    const { resolve } = current;
    current = undefined;
    resolve(Number(head.slice(9, 12)));
  });
  return {
    ask(bytes) {
      return new Promise((resolve, reject) => {
        current = { resolve, reject };
        socket.write(bytes);
      });
    },
  };
}
