/** One name of an object or of a prototype of it. */
export interface Member {
  readonly key: string | symbol;
  /** Undefined for an accessor. */
  readonly value: unknown;
  /** What has it. */
  readonly holder: object;
}

/** Its own members first, then those of each prototype up to `Object`'s. Constructors are left out. */
export function membersOf(object: object): Member[] {
  const members: Member[] = [];
  for (let holder = object; holder !== null && holder !== Object.prototype; holder = Object.getPrototypeOf(holder)) {
    for (const key of Reflect.ownKeys(holder)) {
      if (key !== 'constructor') members.push({ key, value: ownValue(holder, key), holder });
    }
  }
  return members;
}

/** The class whose body has a member. */
export function classOf({ holder }: Member): unknown {
  return ownValue(holder, 'constructor');
}

function ownValue(holder: object, key: string | symbol): unknown {
  return Object.getOwnPropertyDescriptor(holder, key)?.value;
}
