/** The time as claims have it. */
export function unixSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
