import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { median } from './rounds.js';

/** Enough that reading the clock costs nothing beside them. */
const stretch = 4_096;

const tenantId = randomUUID();
const now = Math.floor(Date.now() / 1_000);
let deny;
let callers;

/** A list of so many entries, a fifth of each kind of subject; and callers who are on it, or not, and remembered or new. */
export async function setUp({ options: { build, entries, listed, remembered } }) {
  const { memoryRevocations, revocations } = await import(pathToFileURL(`${build}/revocation/index.mjs`));
  const revoked = revocations({ store: memoryRevocations(), whenUnknown: 'refuse', maxAge: 86_400 });
  await revoked.ready();
  const objectIds = [];
  for (let i = 0; i < entries; i++) {
    const subject = subjects[i % subjects.length]();
    if (subject.kind === 'principal') objectIds.push(subject.objectId);
    await revoked.revoke({ subject, reason: 'For the benchmark.' });
  }
  ({ deny } = revoked);
  const texts = Array.from({ length: stretch }, (_, i) =>
    JSON.stringify({
      kind: 'application',
      principal: { tenantId, objectId: listed ? objectIds[i % objectIds.length] : randomUUID() },
      tenantId,
      clientId: randomUUID(),
      agent: { acts: 'as-itself', blueprintId: randomUUID() },
      tokenId: randomUUID(),
      issuedAt: now,
    }),
  );
  // Text that was looked for once is found faster.
  const known = texts.slice(0, 100).map((text) => JSON.parse(text));
  callers = () => texts.map((text, i) => (remembered ? known[i % known.length] : JSON.parse(text)));
}

const subjects = [
  () => ({ kind: 'client', clientId: randomUUID() }),
  () => ({ kind: 'principal', tenantId, objectId: randomUUID() }),
  () => ({ kind: 'token', tokenId: randomUUID() }),
  () => ({ kind: 'agent-blueprint', blueprintId: randomUUID() }),
  () => ({ kind: 'tenant', tenantId: randomUUID() }),
];

/** CPU µs of one check: of the middle one of many stretches. */
export function run({ count, listed }) {
  const costs = [];
  for (let done = 0; done < count; done += stretch) {
    const work = callers();
    let denied = 0;
    const start = process.cpuUsage();
    for (const caller of work) if (deny(caller)) denied++;
    const { user, system } = process.cpuUsage(start);
    if (denied !== (listed ? stretch : 0)) throw new Error(`${denied} of ${stretch} were denied`);
    costs.push((user + system) / stretch);
  }
  return median(costs);
}
