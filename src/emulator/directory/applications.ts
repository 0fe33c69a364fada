import { randomBytes, randomUUID } from 'node:crypto';
import {
  type Application,
  admitsPersonalAccounts,
  type FederatedIdentityCredential,
  type KeyCredential,
  type PasswordCredential,
} from './application.js';
import { checkPermissions, checkRemovals } from './check-permissions.js';
import type { Directory } from './directory.js';
import { DirectoryError } from './directory-error.js';
import { named } from './named.js';
import { withOwner, withoutOwner } from './owners.js';

export type NewApplication = Pick<Application, 'displayName' | 'tenantId'> & Partial<Application>;

/** What an update may change; credentials and owners have operations of their own. */
export type ApplicationChange = Partial<
  Omit<
    Application,
    | 'objectId'
    | 'tenantId'
    | 'clientId'
    | 'passwordCredentials'
    | 'keyCredentials'
    | 'federatedIdentityCredentials'
    | 'owners'
  >
>;

/** The app registrations. State: one immutable `Application` per object id, replaced at every change. */
export class Applications {
  readonly #byObjectId = new Map<string, Application>();
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  all(): readonly Application[] {
    return [...this.#byObjectId.values()];
  }

  /** By object id or client id. */
  find(id: string): Application | undefined {
    const wanted = id.toLowerCase();
    return this.#byObjectId.get(wanted) ?? this.all().find(({ clientId }) => clientId === wanted);
  }

  /** By display name, client id or object id; throws where there is none. */
  named(name: string): Application {
    return this.find(name) ?? named('application', name, this.all(), ({ displayName }) => displayName === name);
  }

  /** Registers an application. It can act and be asked for where it has a service principal, which is created on its own. */
  create(given: NewApplication): Application {
    const application: Application = {
      signInAudience: 'AzureADMyOrg',
      identifierUris: [],
      requestedAccessTokenVersion: null,
      appRoles: [],
      oauth2PermissionScopes: [],
      optionalClaims: [],
      redirectUris: { web: [], spa: [], publicClient: [] },
      isFallbackPublicClient: false,
      implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
      passwordCredentials: [],
      keyCredentials: [],
      federatedIdentityCredentials: [],
      owners: [],
      ...given,
      objectId: (given.objectId ?? randomUUID()).toLowerCase(),
      clientId: (given.clientId ?? randomUUID()).toLowerCase(),
    };
    if (this.all().some(({ clientId }) => clientId === application.clientId)) {
      throw new DirectoryError(
        'Request_MultipleObjectsWithSameKeyValue',
        `${application.clientId} is there twice`,
        'clientId',
      );
    }
    this.#directory.mustBeFree(application.objectId, 'objectId');
    return this.#put(application);
  }

  update(objectId: string, change: ApplicationChange): Application {
    const before = this.#get(objectId);
    const after = { ...before, ...change };
    checkRemovals('appRoles', before.appRoles, after.appRoles);
    checkRemovals('oauth2PermissionScopes', before.oauth2PermissionScopes, after.oauth2PermissionScopes);
    const application = this.#put(after);
    this.#directory.appRoleAssignments.dropRoles(application);
    return application;
  }

  /** Deletes the registration and its service principals, with everything that was granted to them and on them. */
  delete(objectId: string): void {
    const { clientId } = this.#get(objectId);
    this.#byObjectId.delete(objectId.toLowerCase());
    for (const servicePrincipal of this.#directory.servicePrincipals.all()) {
      if (servicePrincipal.clientId === clientId) {
        this.#directory.servicePrincipals.delete(servicePrincipal.objectId);
      }
    }
  }

  /** Adds a client secret. Two years is what Entra gives where nobody says otherwise. */
  addPassword(objectId: string, given: Partial<Omit<PasswordCredential, 'keyId'>> = {}): PasswordCredential {
    const application = this.#get(objectId);
    const password: PasswordCredential = {
      displayName: null,
      secretText: randomBytes(30).toString('base64url'),
      endDateTime: new Date(this.#directory.clock.now() + 2 * 365 * 24 * 3_600_000).toISOString(),
      ...given,
      keyId: randomUUID(),
    };
    this.#put({ ...application, passwordCredentials: [...application.passwordCredentials, password] });
    return password;
  }

  removePassword(objectId: string, keyId: string): void {
    const application = this.#get(objectId);
    const passwordCredentials = without(application.passwordCredentials, 'keyId', keyId);
    this.#put({ ...application, passwordCredentials });
  }

  addKey(objectId: string, given: Omit<KeyCredential, 'keyId'>): KeyCredential {
    const application = this.#get(objectId);
    const key = { ...given, keyId: randomUUID() };
    this.#put({ ...application, keyCredentials: [...application.keyCredentials, key] });
    return key;
  }

  removeKey(objectId: string, keyId: string): void {
    const application = this.#get(objectId);
    this.#put({ ...application, keyCredentials: without(application.keyCredentials, 'keyId', keyId) });
  }

  /** A name, and a pair of issuer and subject, is used once in an application. */
  addFederatedIdentityCredential(
    objectId: string,
    given: Omit<FederatedIdentityCredential, 'id'>,
  ): FederatedIdentityCredential {
    const application = this.#get(objectId);
    const taken = application.federatedIdentityCredentials.some(
      ({ name, issuer, subject }) => name === given.name || (issuer === given.issuer && subject === given.subject),
    );
    if (taken) {
      throw new DirectoryError(
        'Request_MultipleObjectsWithSameKeyValue',
        'FederatedIdentityCredential with this name, or with this issuer and subject, already exists',
        'federatedIdentityCredentials',
      );
    }
    const credential = { ...given, id: randomUUID() };
    const federatedIdentityCredentials = [...application.federatedIdentityCredentials, credential];
    this.#put({ ...application, federatedIdentityCredentials });
    return credential;
  }

  removeFederatedIdentityCredential(objectId: string, id: string): void {
    const application = this.#get(objectId);
    const federatedIdentityCredentials = without(application.federatedIdentityCredentials, 'id', id);
    this.#put({ ...application, federatedIdentityCredentials });
  }

  addOwner(objectId: string, ownerId: string): void {
    const application = this.#get(objectId);
    const { tenantId, owners } = application;
    this.#put({ ...application, owners: withOwner(this.#directory, tenantId, owners, ownerId) });
  }

  removeOwner(objectId: string, ownerId: string): void {
    const application = this.#get(objectId);
    this.#put({ ...application, owners: withoutOwner(application.owners, ownerId) });
  }

  #get(objectId: string): Application {
    const found = this.#byObjectId.get(objectId.toLowerCase());
    if (!found) {
      throw new DirectoryError('Request_ResourceNotFound', `Resource '${objectId}' does not exist`);
    }
    return found;
  }

  #put(application: Application): Application {
    checkPermissions(application.appRoles, application.oauth2PermissionScopes);
    if (admitsPersonalAccounts(application) && application.requestedAccessTokenVersion !== 2) {
      throw new DirectoryError(
        'Request_BadRequest',
        `must be 2 where signInAudience is ${application.signInAudience}`,
        'requestedAccessTokenVersion',
      );
    }
    this.#checkIdentifierUris(application);
    const kept = Object.freeze(application);
    this.#byObjectId.set(application.objectId, kept);
    return kept;
  }

  #checkIdentifierUris({ objectId, tenantId, identifierUris }: Application): void {
    for (const [index, uri] of identifierUris.entries()) {
      const field = `identifierUris[${index}]`;
      if (uri.endsWith('/')) {
        throw new DirectoryError('Request_BadRequest', 'must not end with a slash', field);
      }
      const other = this.all().find(
        (each) => each.tenantId === tenantId && each.objectId !== objectId && each.identifierUris.includes(uri),
      );
      if (other || identifierUris.indexOf(uri) !== index) {
        throw new DirectoryError(
          'Request_MultipleObjectsWithSameKeyValue',
          'Another object with the same value for property identifierUris already exists',
          field,
        );
      }
    }
  }
}

function without<K extends string, T extends Readonly<Record<K, string>>>(
  list: readonly T[],
  key: K,
  value: string,
): T[] {
  const remaining = list.filter((each) => each[key] !== value.toLowerCase());
  if (remaining.length === list.length) {
    throw new DirectoryError('Request_ResourceNotFound', `No credentials found to be removed for ${key} ${value}`);
  }
  return remaining;
}
