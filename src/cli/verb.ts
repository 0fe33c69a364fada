import { parseArgs } from 'node:util';

/** A mistake in what was typed or written: told in one line, without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface VerbOption {
  /** What stands for its value in the help; left out: it takes none. */
  readonly value?: string;
  /** May be given several times: its values come as one text, with blanks between. */
  readonly isRepeatable?: true;
  readonly summary: string;
}

export interface VerbArguments {
  readonly positionals: readonly string[];
  /** Option by name; `true` for one that takes no value. */
  readonly options: Readonly<Record<string, string | true | undefined>>;
}

/** One verb of the command line: `express-app-roles <name> …`. */
export interface Verb {
  readonly name: string;
  /** One line, for the list of verbs. */
  readonly summary: string;
  /** What may follow the name, beside options. */
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, VerbOption>>;
  /** What else there is to know, then the examples. */
  readonly details: string;
  readonly examples: readonly { readonly command: string; readonly what: string }[];
  /**
   * @returns when there is nothing more to do: 1 where what was looked for is not as it should be
   * @throws UsageError for what was typed wrong
   */
  run(given: VerbArguments): Promise<1 | undefined>;
}

const program = 'express-app-roles';

/** Runs a command line and returns the exit code: 0, 1 for what went wrong, 2 for what was typed wrong. */
export async function runCommandLine(words: readonly string[], verbs: readonly Verb[]): Promise<0 | 1 | 2> {
  const [name = '--help', ...rest] = words;
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(describeProgram(verbs));
    return 0;
  }
  const verb = verbs.find((each) => each.name === name);
  if (!verb) {
    return fail(
      program,
      `there is no verb ${JSON.stringify(name)}; there is ${verbs.map((each) => each.name).join(', ')}.`,
      2,
    );
  }
  try {
    const given = readArguments(verb, rest);
    if (given === 'help') {
      process.stdout.write(describeVerb(verb));
      return 0;
    }
    return (await verb.run(given)) ?? 0;
  } catch (error) {
    return fail(`${program} ${name}`, messageOf(error), error instanceof UsageError ? 2 : 1);
  }
}

function readArguments(verb: Verb, words: readonly string[]): VerbArguments | 'help' {
  const options = Object.entries(verb.options).map(
    ([name, { value, isRepeatable = false }]) =>
      [
        name,
        { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple: isRepeatable },
      ] as const,
  );
  const config = {
    args: [...words],
    allowPositionals: true,
    options: { ...Object.fromEntries(options), help: { type: 'boolean' as const, short: 'h' } },
  };
  const { values, positionals } = parse(verb, () => parseArgs(config));
  if (values.help === true) {
    return 'help';
  }
  if (positionals.length > verb.positionals.length) {
    throw new UsageError(`${JSON.stringify(positionals[verb.positionals.length])} is one too many. ${hint(verb)}`);
  }
  const joined = Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value.join(' ') : value]);
  return { positionals, options: Object.fromEntries(joined) };
}

/** Of node's message the first sentence; the rest explains its own conventions. */
function parse<T>(verb: Verb, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(`${messageOf(error).split(/\. |\n/, 1)[0]}. ${hint(verb)}`);
  }
}

function hint({ name }: Verb): string {
  return `See: ${program} ${name} --help`;
}

/** A token that was typed as an argument by mistake is not repeated. */
function fail(who: string, message: string, code: 1 | 2): 1 | 2 {
  process.stderr.write(`${who}: ${message.replaceAll(/\beyJ[\w-]{8,}[\w.-]*/g, '<token>')}\n`);
  return code;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describeProgram(verbs: readonly Verb[]): string {
  return `Usage: ${program} <verb>

${columns(verbs.map(({ name, summary }) => [name, summary]))}

More of each: ${program} <verb> --help
`;
}

function describeVerb({ name, summary, positionals, options, details, examples }: Verb): string {
  const all: [string, VerbOption][] = [...Object.entries(options), ['help', { summary: 'this' }]];
  const usage = [program, name, ...positionals.map((each) => `[${each}]`), '[options]'].join(' ');
  const listed = all.map(([option, { value, summary: what }]): [string, string] => [
    `--${option}${value === undefined ? '' : ` ${value}`}`,
    what,
  ]);
  return `${summary}

Usage: ${usage}

${columns(listed)}

${details.trim()}

Examples
${examples.map(({ command, what }) => `  # ${what}\n  ${command}`).join('\n')}
`;
}

/** Two columns, indented. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd()).join('\n');
}
