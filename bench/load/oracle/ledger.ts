import type { Client } from 'pg';

interface Mailbox {
  readonly owner: string;
  /** Once its creation was confirmed; an answer that was lost in an outage leaves open whether it exists. */
  isConfirmed: boolean;
  id: string | undefined;
  /** The last name that was confirmed, and those that were sent since. */
  name: string;
  possibleNames: Set<string>;
}

/** Begins everything that was sent by someone who may not. */
export const forbidden = 'forbidden';

/** What was written, as its senders know it. State: every mailbox and mail of the run. */
export class Ledger {
  readonly mailboxes = new Map<string, Mailbox>();
  /** By subject, which is unique: whether it was confirmed. */
  readonly mails = new Map<string, { isConfirmed: boolean }>();
  #count = 0;

  /** A name that nothing else has. */
  unique(what: string): string {
    return `${what}-${++this.#count}`;
  }

  /** Those of an owner that are confirmed, by address. */
  confirmed(owner: string): ReadonlyMap<string, Mailbox> {
    return new Map([...this.mailboxes].filter(([, mailbox]) => mailbox.owner === owner && mailbox.isConfirmed));
  }

  /**
   * Compares with what the database holds.
   *
   * @param objectIds of owners
   * @returns what does not agree
   */
  async compare(database: Client, objectId: (owner: string) => string): Promise<string[]> {
    return [...(await this.#compareMailboxes(database, objectId)), ...(await this.#compareMails(database))];
  }

  async #compareMailboxes(database: Client, objectId: (owner: string) => string): Promise<string[]> {
    const { rows } = await database.query<{ address: string; name: string; owners: string[] }>(
      `select address, display_name as name, array(select object_id::text from mailbox_owners where mailbox_id = id) as owners
       from mailboxes where address like '%@load.test'`,
    );
    const stored = new Map(rows.map((row) => [row.address, row]));
    const wrong = [...stored.keys()]
      .filter((address) => !this.mailboxes.has(address))
      .map((address) => `mailbox ${address} exists, and nobody may have created it`);
    for (const [address, mailbox] of this.mailboxes) {
      const found = stored.get(address);
      if (found === undefined) {
        if (mailbox.isConfirmed) {
          wrong.push(`mailbox ${address} was confirmed, and is lost`);
        }
        continue;
      }
      if (found.owners.length !== 1 || found.owners[0] !== objectId(mailbox.owner)) {
        wrong.push(`mailbox ${address} has ${found.owners.length} owners, and ought to have who created it`);
      }
      if (found.name !== mailbox.name && !mailbox.possibleNames.has(found.name)) {
        wrong.push(`mailbox ${address} is called ${found.name}: ${mailbox.name} was confirmed, and is lost`);
      }
    }
    return wrong;
  }

  async #compareMails(database: Client): Promise<string[]> {
    const { rows } = await database.query<{ subject: string; count: number }>(
      "select subject, count(*)::int as count from messages where sender like '%@load.test' or subject like '%-%' group by subject",
    );
    const stored = new Map(rows.map(({ subject, count }) => [subject, count]));
    const wrong = [...stored.keys()]
      .filter((subject) => !this.mails.has(subject))
      .map((subject) => `mail ${subject} was delivered, and nobody may have sent it`);
    for (const [subject, { isConfirmed }] of this.mails) {
      const count = stored.get(subject) ?? 0;
      if (count > 1) {
        wrong.push(`mail ${subject} was delivered ${count} times`);
      }
      if (count === 0 && isConfirmed) {
        wrong.push(`mail ${subject} was confirmed, and is lost`);
      }
    }
    return wrong;
  }
}
