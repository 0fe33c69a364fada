/** Lines that take the place of `remove` lines (none by default) from `line` on, counted from 0. */
export interface LineEdit {
  readonly line: number;
  readonly remove?: number;
  readonly insert: readonly string[];
}

/** What happens to one file: it is made, or some of its lines are. Paths are relative to the project, with slashes. */
export type FileChange =
  | { readonly path: string; readonly create: string }
  | { readonly path: string; readonly before: string; readonly edits: readonly LineEdit[] };

const contextLines = 3;

/**
 * The changes as a patch for `git apply`.
 *
 * @param prefix of the project in its repository, as `git rev-parse --show-prefix` gives it: `git apply` reads paths from the top
 */
export function toPatch(changes: readonly FileChange[], prefix: string): string {
  return changes
    .map((change) => {
      const path = `${prefix}${change.path}`;
      const header = `diff --git a/${path} b/${path}\n`;
      return 'create' in change
        ? `${header}new file mode 100644\n--- /dev/null\n+++ b/${path}\n${created(change.create)}`
        : `${header}--- a/${path}\n+++ b/${path}\n${changed(change.before, change.edits)}`;
    })
    .join('');
}

function created(text: string): string {
  const lines = text.replace(/\n$/, '').split('\n');
  return `@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join('')}`;
}

function changed(before: string, edits: readonly LineEdit[]): string {
  const endsWithNewline = before.endsWith('\n');
  const lines = before.replace(/\n$/, '').split('\n');
  const carriageReturn = lines[0]?.endsWith('\r') ? '\r' : '';
  const text = (sign: string, index: number) =>
    `${sign}${lines[index]}\n${index === lines.length - 1 && !endsWithNewline ? '\\ No newline at end of file\n' : ''}`;
  let patch = '';
  let shift = 0;
  const afterAll = endsWithNewline ? -1 : lines.length;
  const withLastLine = edits.map((edit) =>
    edit.line === afterAll ? { line: afterAll - 1, remove: 1, insert: [lines.at(-1) ?? '', ...edit.insert] } : edit,
  );
  for (const hunk of hunksOf(withLastLine)) {
    const first = Math.max(0, hunk[0].line - contextLines);
    const last = Math.min(lines.length, endOf(hunk.at(-1) ?? hunk[0]) + contextLines);
    let body = '';
    let at = first;
    let growth = 0;
    for (const { line, remove = 0, insert } of hunk) {
      for (; at < line; at++) body += text(' ', at);
      for (; at < line + remove; at++) body += text('-', at);
      body += insert.map((each) => `+${each}${carriageReturn}\n`).join('');
      growth += insert.length - remove;
    }
    for (; at < last; at++) body += text(' ', at);
    const length = last - first;
    patch += `@@ -${first + 1},${length} +${first + 1 + shift},${length + growth} @@\n${body}`;
    shift += growth;
  }
  return patch;
}

/** Edits whose contexts would touch go into one hunk. */
function hunksOf(edits: readonly LineEdit[]): [LineEdit, ...LineEdit[]][] {
  const hunks: [LineEdit, ...LineEdit[]][] = [];
  for (const edit of [...edits].sort((a, b) => a.line - b.line)) {
    const open = hunks.at(-1);
    const previous = open?.at(-1);
    if (open && previous && edit.line - endOf(previous) <= 2 * contextLines) open.push(edit);
    else hunks.push([edit]);
  }
  return hunks;
}

function endOf({ line, remove = 0 }: LineEdit): number {
  return line + remove;
}
