import { type Emulator, startEmulator } from 'express-app-roles/emulator';
import { mailroomRegistration } from '../../example-api/local-entra.js';
import { people } from '../../example-api/sample-data.js';

export interface Token {
  readonly value: string;
  /** When the key that signed it first signed, in milliseconds of `performance.now()`. */
  readonly keySince: number;
}

const resource = mailroomRegistration.displayName;

/** What each client was granted. The oracle reads this list and its own rules, and nothing of the library. */
const granted = {
  Manager: ['Mailbox.ReadWrite.All', 'Mail.Read'],
  /** Holds a permission of the API, though none of those that are asked for. */
  Outsider: ['Team.ReadBasic.All'],
  /** Holds none: Entra gives it a token all the same. */
  Bare: [],
  /** Opens nothing by itself: single mailboxes are granted to it. */
  'Selected sender': ['Mail.Send.Selected'],
  /** Is assigned to the mailboxes of the sales department. */
  'Scoped sender': ['Mail.Send.Scoped'],
  Administrator: ['Assignment.ReadWrite.All'],
  Security: ['Revocation.ReadWrite.All'],
} as const;

const ownerPermissions = ['Mailbox.ReadWrite.OwnedBy', 'Mail.Send.OwnedBy'];

export const owners: readonly string[] = Array.from({ length: 40 }, (_, index) => `Owner ${index}`);
export type Actor = keyof typeof granted | 'Ada' | (typeof owners)[number];

/** Of each actor so many tokens are in use, and one is replaced every so many milliseconds. */
const tokens = { each: 3, every: 50 };

/** A local Entra with its clients, and their tokens. State: the tokens in use, and since when the current key signs. */
export class Actors {
  readonly entra: Emulator;
  readonly #held = new Map<string, Token[]>();
  readonly #actors = [...owners, ...Object.keys(granted), 'Ada'];
  readonly #timer: NodeJS.Timeout;
  #keySince = performance.now();
  #next = 0;

  static async start(): Promise<Actors> {
    const client = (displayName: string, roles: readonly string[]) => ({
      displayName,
      ...(roles.length > 0 && { appRoleAssignments: { [resource]: roles } }),
    });
    const entra = await startEmulator({
      directory: {
        applications: [
          mailroomRegistration,
          { displayName: 'Portal' },
          ...owners.map((name) => client(name, ownerPermissions)),
          ...Object.entries(granted).map(([name, roles]) => client(name, roles)),
        ],
        users: Object.values(people).map(({ name, objectId }) => ({ name, objectId })),
      },
    });
    return new Actors(entra);
  }

  private constructor(entra: Emulator) {
    this.entra = entra;
    for (const actor of this.#actors) {
      this.#held.set(actor, [this.mint(actor)]);
    }
    this.#timer = setInterval(() => this.#renew(), tokens.every);
  }

  /** A token that is in use, by chance one of the newest. */
  token(actor: Actor): Token {
    const held = this.#held.get(actor) ?? [];
    return held[Math.floor(Math.random() * held.length)] ?? this.mint(actor);
  }

  mint(actor: Actor): Token {
    const value =
      actor === 'Ada'
        ? this.entra.userToken({ user: actor, client: 'Portal', resource, scopes: ['Mail.Read', 'Mail.Send'] })
        : this.entra.applicationToken({ client: actor, resource });
    return { value, keySince: this.#keySince };
  }

  /** Whom the directory knows a client as. */
  objectId(client: string): string {
    return this.entra.directory.servicePrincipals.named(client, this.entra.tenantId).objectId;
  }

  /** As Entra does it: a new key signs, the old one stays published. */
  rollOver(): void {
    this.entra.keys.rollOver({ overlap: true });
    this.#keySince = performance.now();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.entra.close();
  }

  #renew(): void {
    const actor = this.#actors[this.#next++ % this.#actors.length] ?? 'Ada';
    const held = this.#held.get(actor) ?? [];
    this.#held.set(actor, [...held.slice(1 - tokens.each), this.mint(actor)]);
  }
}
