/** As much of DER (ITU-T X.690) as a certificate takes. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) {
    return Buffer.from([length]);
  }
  const bytes = length < 0x100 ? [length] : [length >> 8, length & 0xff];
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export const sequence = (...members: readonly Uint8Array[]) => der(0x30, ...members);

export const setOf = (...members: readonly Uint8Array[]) => der(0x31, ...members);

/** A positive one: it begins with a zero where its first bit is set. */
export function integer(bytes: Uint8Array): Buffer {
  return der(0x02, (bytes[0] ?? 0) & 0x80 ? Buffer.from([0]) : Buffer.alloc(0), bytes);
}

export const boolean = (value: boolean) => der(0x01, Buffer.from([value ? 0xff : 0]));

export const bitString = (bytes: Uint8Array, unusedBits = 0) => der(0x03, Buffer.from([unusedBits]), bytes);

export const octetString = (bytes: Uint8Array) => der(0x04, bytes);

export const utf8String = (text: string) => der(0x0c, Buffer.from(text));

/** To the second; GeneralizedTime is for the years from 2050 on. */
export function utcTime(date: Date): Buffer {
  return der(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replaceAll(/[-T:]/g, '')}Z`));
}

export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...others.flatMap(base128)]));
}

function base128(value: number): number[] {
  const groups = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) {
    groups.unshift((rest & 0x7f) | 0x80);
  }
  return groups;
}
