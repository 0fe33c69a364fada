/** A statement of the block in which an app is made, by the lines that it takes, counted from 0. */
export interface Statement {
  readonly firstLine: number;
  readonly lastLine: number;
  /** As `withoutText` leaves it. */
  readonly code: string;
  readonly source: string;
}

const texts =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<=[(,=:[!&|?{};]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

/** The source with comments, strings and regular expressions blanked out, every other character in its place. */
export function withoutText(source: string): string {
  return source.replaceAll(texts, (text) => {
    const isString = /^['"`]/.test(text);
    const blank = text.replaceAll(/[^\n]/g, ' ');
    return isString ? `${text[0]}${blank.slice(1, -1)}${text[0]}` : blank;
  });
}

/**
 * The statements from `start` to the end of the block that `start` is in. A statement ends with its semicolon, or with a line
 * after which nothing is open and the next one does not go on.
 */
export function statementsFrom(source: string, start: number): Statement[] {
  const code = withoutText(source);
  const statements: Statement[] = [];
  let depth = 0;
  let begin = start;
  const end = (position: number) => {
    if (code.slice(begin, position).trim() !== '') {
      const first = begin + code.slice(begin).search(/\S/);
      statements.push({
        firstLine: lineOf(source, first),
        lastLine: lineOf(source, position - 1),
        code: code.slice(first, position),
        source: source.slice(first, position),
      });
    }
    begin = position;
  };
  for (let i = start; i < code.length; i++) {
    const char = code.charAt(i);
    if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) {
      depth--;
      if (depth < 0) {
        end(i);
        return statements;
      }
    } else if (depth === 0 && (char === ';' || (char === '\n' && !goesOn(code, begin, i)))) end(i + 1);
  }
  end(code.length);
  return statements;
}

function goesOn(code: string, begin: number, newline: number): boolean {
  const before = code.slice(begin, newline).trimEnd();
  return /[=,.+\-*&|?:(]$|=>$/.test(before) || /^\s*[.,)\]}?:+*&|=]/.test(code.slice(newline));
}

export function lineOf(source: string, position: number): number {
  return source.slice(0, position).split('\n').length - 1;
}
