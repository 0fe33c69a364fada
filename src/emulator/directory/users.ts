import { randomUUID } from 'node:crypto';
import type { Directory } from './directory.js';
import { DirectoryError } from './directory-error.js';
import { named } from './named.js';
import type { User } from './user.js';

export type NewUser = Pick<User, 'tenantId' | 'name' | 'userPrincipalName'> & Partial<User>;

/** The users of every tenant. State: one immutable `User` per object id. */
export class Users {
  readonly #byObjectId = new Map<string, User>();
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  all(): readonly User[] {
    return [...this.#byObjectId.values()];
  }

  /** By object id. */
  find(objectId: string): User | undefined {
    return this.#byObjectId.get(objectId.toLowerCase());
  }

  /** By user principal name or mail address, as people sign in (`login_hint`). */
  signingInAs(address: string, tenantId: string): User | undefined {
    const wanted = address.toLowerCase();
    return this.all().find(
      (user) =>
        user.tenantId === tenantId &&
        (user.userPrincipalName.toLowerCase() === wanted || user.mail.toLowerCase() === wanted),
    );
  }

  /** By name, user principal name or object id, in one tenant or in all; throws where there is none, or more than one. */
  named(name: string, tenantId?: string): User {
    return named(
      'user',
      name,
      this.all().filter((user) => tenantId === undefined || user.tenantId === tenantId),
      (user) => user.name === name || user.userPrincipalName === name || user.objectId === name.toLowerCase(),
    );
  }

  create(given: NewUser): User {
    const user: User = Object.freeze({
      mail: given.userPrincipalName,
      homeTenantId: undefined,
      directoryRoles: [],
      ...given,
      objectId: (given.objectId ?? randomUUID()).toLowerCase(),
    });
    if (this.signingInAs(user.userPrincipalName, user.tenantId)) {
      throw new DirectoryError(
        'Request_BadRequest',
        'Another object with the same value for property userPrincipalName already exists',
        'userPrincipalName',
      );
    }
    this.#directory.mustBeFree(user.objectId, 'objectId');
    this.#byObjectId.set(user.objectId, user);
    return user;
  }

  /** Deletes the user, with everything that was granted to them. */
  delete(objectId: string): void {
    const user = this.find(objectId);
    if (!user) {
      throw new DirectoryError('Request_ResourceNotFound', `Resource '${objectId}' does not exist`);
    }
    this.#byObjectId.delete(user.objectId);
    this.#directory.forget(user.objectId);
  }
}
