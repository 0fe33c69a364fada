/** A name as it can stand in an address. */
export function handle(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '.');
}
