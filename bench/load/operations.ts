import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { people } from '../../example-api/sample-data.js';
import { type Actor, type Actors, owners, type Token } from './actors.js';
import type { Answer, Asked, Judge } from './oracle/judge.js';
import { forbidden, type Ledger } from './oracle/ledger.js';

export interface Scene {
  readonly actors: Actors;
  readonly judge: Judge;
  readonly ledger: Ledger;
  /** In force in every instance. */
  readonly revokedTokens: Token[];
  /** Whether the run is over: nothing is tried again then. */
  readonly isOver: () => boolean;
}

type Operation = (scene: Scene) => Promise<unknown>;

const { ada, grace } = people;
/** Where mail goes: to someone whose messages nobody lists. */
const recipient = people.linus.mail;
const mailTo = (subject: string) => ({ to: recipient, subject, body: 'Sent under load.' });
const database = ['database'] as const;

/** What is asked, and how often beside the others. The right answers are the README's of the example: by permission and owner. */
export const operations: readonly (readonly [weight: number, operation: Operation])[] = [
  [6, createMailbox],
  [8, rename],
  [10, sendMail],
  [6, listOwn],
  [10, readOwn],
  [8, readAnothers],
  [4, readAbsent],
  [4, readAsManager],
  [8, readOwnMail],
  [6, readAnothersMail],
  [8, withoutPermission],
  [6, writeWithoutPermission],
  [4, sendFromAnothers],
  [6, badCredentials],
  [6, useRevokedToken],
  [3, selectAndTakeBack],
  [3, moveIntoScopeAndBack],
];

async function createMailbox({ actors, judge, ledger, isOver }: Scene): Promise<void> {
  const owner = anyOf(owners);
  const address = `${ledger.unique('box')}@load.test`;
  const name = ledger.unique('name');
  const mailbox = {
    owner,
    isConfirmed: false,
    id: undefined as string | undefined,
    name,
    possibleNames: new Set<string>(),
  };
  ledger.mailboxes.set(address, mailbox);
  for (let isRepeated = false; !isOver(); isRepeated = true) {
    const answer = await judge.ask({
      name: 'create a mailbox',
      method: 'POST',
      path: '/mailboxes',
      token: actors.token(owner),
      body: { address, displayName: name },
      // A client whose first attempt was not answered tries again: the address can be taken once.
      right: isRepeated ? [201, 409] : [201],
      needs: database,
    });
    if (!answer.isExcused) {
      mailbox.isConfirmed = answer.status === 201 || answer.status === 409;
      mailbox.id = (answer.body as { id?: string } | undefined)?.id;
      return;
    }
    await delay((answer.retryAfter ?? 1) * 1_000);
  }
}

/** One at a time for each mailbox: which name is the last must be known. */
const renaming = new Set<string>();

async function rename({ actors, judge, ledger }: Scene): Promise<void> {
  const { mailbox, address } = anyMailbox(ledger);
  if (mailbox === undefined || renaming.has(address)) {
    return;
  }
  renaming.add(address);
  const displayName = ledger.unique('name');
  mailbox.possibleNames.add(displayName);
  const answer = await judge.ask({
    name: 'rename an own mailbox',
    method: 'PATCH',
    path: `/mailboxes/${mailbox.id}`,
    token: actors.token(mailbox.owner),
    body: { displayName },
    right: [200],
    needs: database,
  });
  if (answer.status === 200) {
    mailbox.name = displayName;
    mailbox.possibleNames.clear();
  }
  renaming.delete(address);
}

async function sendMail({ actors, judge, ledger }: Scene): Promise<void> {
  const { mailbox } = anyMailbox(ledger);
  const subject = ledger.unique('mail');
  const sent = { isConfirmed: false };
  ledger.mails.set(subject, sent);
  const answer = await judge.ask({
    name: 'send mail',
    method: 'POST',
    path: `/users/${mailbox?.id ?? ada.objectId}/sendMail`,
    token: actors.token(mailbox?.owner ?? 'Ada'),
    body: mailTo(subject),
    right: [202],
    needs: database,
  });
  sent.isConfirmed = answer.status === 202;
}

async function listOwn({ actors, judge, ledger }: Scene): Promise<void> {
  const owner = anyOf(owners);
  const before = [...ledger.confirmed(owner).keys()];
  const { status, body } = await judge.ask({
    name: 'list own mailboxes',
    path: '/mailboxes',
    token: actors.token(owner),
    right: [200],
    needs: database,
  });
  if (status !== 200) {
    return;
  }
  const listed = new Set((body as { address: string }[]).map(({ address }) => address));
  const missing = before.filter((address) => !listed.has(address));
  const foreign = [...listed].filter((address) => ledger.mailboxes.get(address)?.owner !== owner);
  if (missing.length + foreign.length > 0) {
    judge.wrong(
      `the list of ${owner} lacks ${missing.join() || 'nothing'} and has ${foreign.join() || 'nothing'} of others`,
    );
  }
}

async function readOwn({ actors, judge, ledger }: Scene): Promise<void> {
  const { mailbox, address } = anyMailbox(ledger);
  if (mailbox === undefined) {
    return;
  }
  const token = actors.token(mailbox.owner);
  expectMailbox(judge, address, await readMailbox(judge, 'read an own mailbox', mailbox.id, token, 200));
}

async function readAsManager({ actors, judge, ledger }: Scene): Promise<void> {
  const { mailbox, address } = anyMailbox(ledger);
  if (mailbox === undefined) {
    return;
  }
  const token = actors.token('Manager');
  expectMailbox(judge, address, await readMailbox(judge, 'read any mailbox, with .All', mailbox.id, token, 200));
}

async function readAnothers({ actors, judge, ledger }: Scene): Promise<void> {
  const { mailbox } = anyMailbox(ledger);
  if (mailbox === undefined) {
    return;
  }
  const another = anyOf(owners.filter((owner) => owner !== mailbox.owner));
  await readMailbox(judge, "read another's mailbox", mailbox.id, actors.token(another), 403);
}

async function readAbsent({ actors, judge }: Scene): Promise<void> {
  await readMailbox(judge, 'read a mailbox that does not exist', randomUUID(), actors.token(anyOf(owners)), 404);
}

async function readOwnMail({ actors, judge }: Scene): Promise<void> {
  const { status, body } = await judge.ask({
    name: 'read own mail, as a user',
    path: anyOf(['/me/messages', `/users/${ada.objectId}/messages`]),
    token: actors.token('Ada'),
    right: [200],
    needs: database,
  });
  const isOwn = status !== 200 || (body as { subject: string }[]).some(({ subject }) => subject === 'Welcome, Ada');
  if (!isOwn) {
    judge.wrong('the mail that Ada read is not hers');
  }
}

async function readAnothersMail({ actors, judge }: Scene): Promise<void> {
  await judge.ask({
    name: "read another's mail, as a user",
    path: `/users/${grace.objectId}/messages`,
    token: actors.token('Ada'),
    right: [403],
    needs: database,
  });
}

/** Decided without the database: no outage excuses another answer. */
async function withoutPermission({ actors, judge }: Scene): Promise<void> {
  const actor = anyOf(['Outsider', 'Bare', 'Ada'] as const);
  await judge.ask({
    name: 'read mailboxes without a permission',
    path: anyOf(['/mailboxes', `/mailboxes/${ada.objectId}`]),
    token: actors.token(actor),
    right: [403],
    needs: [],
  });
}

async function writeWithoutPermission({ actors, judge, ledger }: Scene): Promise<void> {
  await judge.ask({
    name: 'create a mailbox without a permission',
    method: 'POST',
    path: '/mailboxes',
    token: actors.token(anyOf(['Outsider', 'Bare', 'Ada'] as const)),
    body: { address: `${ledger.unique(forbidden)}@load.test`, displayName: forbidden },
    right: [403],
    needs: [],
  });
}

async function sendFromAnothers({ actors, judge, ledger }: Scene): Promise<void> {
  const { mailbox } = anyMailbox(ledger);
  if (mailbox === undefined) {
    return;
  }
  await judge.ask({
    name: "send mail from another's mailbox",
    method: 'POST',
    path: `/users/${mailbox.id}/sendMail`,
    token: actors.token(anyOf(['Ada', ...owners.filter((owner) => owner !== mailbox.owner)])),
    body: mailTo(ledger.unique(forbidden)),
    right: [403],
    needs: database,
  });
}

async function badCredentials({ actors, judge, ledger }: Scene): Promise<void> {
  const good = actors.token('Manager');
  const [header, payload, signature = ''] = good.value.split('.');
  const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
  const now = Math.floor(Date.now() / 1_000);
  const signed = (changes: object): Token => ({ ...good, value: actors.entra.sign({ ...claims, ...changes }) });
  const [what, token] = anyOf<() => readonly [string, Token | undefined]>([
    () => ['without a token', undefined],
    () => ['another signature', { ...good, value: `${header}.${payload}.${signature.split('').reverse().join('')}` }],
    () => ['an expired token', signed({ iat: now - 7_200, nbf: now - 7_200, exp: now - 3_600 })],
    () => ['a token for another API', signed({ aud: randomUUID() })],
    () => ['a token of another tenant', signed({ tid: randomUUID() })],
  ])();
  await judge.ask({
    name: `write with ${what}`.replace('with without', 'without'),
    method: 'POST',
    path: '/mailboxes',
    token,
    body: { address: `${ledger.unique(forbidden)}@load.test`, displayName: forbidden },
    right: [401],
    needs: [],
  });
}

/** Scopes are defined, and clients assigned to them, before the load begins. */
export async function assignToScope({ actors, judge }: Scene): Promise<void> {
  const asked = { needs: [], token: actors.token('Administrator'), right: [201] };
  const filter = { department: 'sales' };
  await judge.ask({ ...asked, name: 'define a scope', method: 'PUT', path: '/mailbox-scopes/sales', body: { filter } });
  const client = actors.objectId('Scoped sender');
  const body = { client, permission: 'Mail.Send.Scoped', reason: 'Sends for sales.' };
  const path = '/mailbox-scopes/sales/assignments';
  await judge.ask({ ...asked, name: 'assign a client to a scope', method: 'POST', path, body });
}

async function selectAndTakeBack(scene: Scene): Promise<void> {
  const sender = 'Selected sender';
  const client = scene.actors.objectId(sender);
  await giveAndTakeBack(scene, sender, (id, token) => {
    const path = `/mailboxes/${id}/selections/${client}`;
    const asked = { path, token: token('Administrator'), needs: database };
    return {
      give: { ...asked, name: 'grant a mailbox to a client', method: 'PUT', body: { roles: ['send'] }, right: [201] },
      take: { ...asked, name: 'take a mailbox back', method: 'DELETE', right: [204] },
    };
  });
}

async function moveIntoScopeAndBack(scene: Scene): Promise<void> {
  await giveAndTakeBack(scene, 'Scoped sender', (id, token) => {
    const asked = { method: 'PUT', path: `/mailboxes/${id}/department`, token: token('Manager'), needs: database };
    return {
      give: { ...asked, name: 'move a mailbox into a scope', body: { department: 'sales' }, right: [204] },
      take: { ...asked, name: 'move a mailbox out of a scope', body: { department: 'stock' }, right: [204] },
    };
  });
}

/** One at a time for each mailbox and sender; where an answer was lost in an outage, it is not known what holds, and never again asked. */
const changing = new Set<string>();

/** What is given or taken, every instance knows with its next request: any of them may be the one that is asked. */
async function giveAndTakeBack(
  scene: Scene,
  sender: Actor,
  changes: (id: string, token: (actor: Actor) => Token) => { readonly give: Asked; readonly take: Asked },
): Promise<void> {
  const { actors, judge, ledger } = scene;
  const { mailbox, address } = anyMailbox(ledger);
  const name = `${sender} ${address}`;
  if (mailbox?.id === undefined || changing.has(name)) {
    return;
  }
  changing.add(name);
  const { give, take } = changes(mailbox.id, (actor) => actors.token(actor));
  const isGiven = (await judge.ask(give)).status === give.right[0];
  if (!isGiven) {
    return;
  }
  await sendFrom(scene, sender, mailbox.id, true);
  const isTaken = (await judge.ask(take)).status === take.right[0];
  if (!isTaken) {
    return;
  }
  await sendFrom(scene, sender, mailbox.id, false);
  changing.delete(name);
}

async function sendFrom(
  { actors, judge, ledger }: Scene,
  sender: Actor,
  id: string,
  isAllowed: boolean,
): Promise<void> {
  const subject = ledger.unique(isAllowed ? 'mail' : forbidden);
  const sent = { isConfirmed: false };
  if (isAllowed) {
    ledger.mails.set(subject, sent);
  }
  const { status } = await judge.ask({
    name: `send mail as ${sender.toLowerCase()}, ${isAllowed ? 'as granted' : 'no longer granted'}`,
    method: 'POST',
    path: `/users/${id}/sendMail`,
    token: actors.token(sender),
    body: mailTo(subject),
    right: [isAllowed ? 202 : 403],
    needs: database,
  });
  sent.isConfirmed = status === 202;
}

async function useRevokedToken({ judge, revokedTokens }: Scene): Promise<void> {
  const token = anyOf(revokedTokens);
  if (token === undefined) {
    return;
  }
  await judge.ask({ name: 'use a revoked token', path: '/mailboxes', token, right: [401], needs: [] });
}

function readMailbox(judge: Judge, name: string, id: string | undefined, token: Token, right: number): Promise<Answer> {
  return judge.ask({ name, path: `/mailboxes/${id}`, token, right: [right], needs: database });
}

function expectMailbox(judge: Judge, address: string, { status, body }: Answer): void {
  if (status === 200 && (body as { address: string }).address !== address) {
    judge.wrong(`another mailbox than ${address} was answered`);
  }
}

/** One whose id is known; none at the beginning. */
function anyMailbox({ mailboxes }: Ledger) {
  const known = [...mailboxes].filter(([, { id }]) => id !== undefined);
  const [address = '', mailbox] = known.length > 0 ? anyOf(known) : [];
  return { address, mailbox };
}

function anyOf<T>(values: readonly T[]): T {
  return values[Math.floor(Math.random() * values.length)] as T;
}
