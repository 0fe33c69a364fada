/** A text as Markdown shows it, in a table too: nothing in it is markup. */
export function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_[\]<>|&]/g, '\\$&');
}
