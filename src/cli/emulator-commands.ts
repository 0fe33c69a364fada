import type { Fault, Faults, LocalEntra, LogEntry } from '../emulator/index.js';

/** What a command acts on. */
type Commanded = Pick<LocalEntra, 'faults' | 'keys' | 'clock' | 'log'>;

interface Command {
  /** How it is written. */
  readonly usage: string;
  readonly summary: string;
  /** @returns what to tell; undefined where the words after the name are not what it takes */
  run(entra: Commanded, words: readonly string[]): string | undefined;
}

const commands: Readonly<Record<string, Command>> = {
  rollover: {
    usage: 'rollover [now]',
    summary: 'sign with a new key; the old one stays published. now: it does not',
    run({ keys }, [how, ...rest]) {
      if ((how !== undefined && how !== 'now') || rest.length > 0) {
        return undefined;
      }
      const { kid } = keys.rollOver({ overlap: how === undefined });
      return `Signing with ${kid}; the key sets show ${keys.published.length}.`;
    },
  },
  withdraw: {
    usage: 'withdraw',
    summary: 'take back the key that signs, as when it was stolen: what it signed is no longer good',
    run({ keys }, words) {
      if (words.length > 0) {
        return undefined;
      }
      const { kid } = keys.signing;
      keys.withdraw(kid);
      return `Withdrew ${kid}; signing with ${keys.signing.kid}.`;
    },
  },
  outage: {
    usage: 'outage [500|503|refused] [30s]',
    summary: 'answer nothing but an error; refused: drop every connection. Default 503',
    run({ faults }, words) {
      const named = outages.find((each) => String(each) === words[0]);
      return begin(faults, { kind: 'outage', as: named ?? 503 }, named === undefined ? words : words.slice(1));
    },
  },
  slow: {
    usage: 'slow 5s [1m]',
    summary: 'answer, but only after so long',
    run({ faults }, [by, ...words]) {
      const seconds = readDuration(by);
      return seconds === undefined || seconds <= 0 || seconds > 600
        ? undefined
        : begin(faults, { kind: 'slow', seconds }, words);
    },
  },
  html: {
    usage: 'html [30s]',
    summary: 'answer 200 with a web page, as a proxy in the way does',
    run: ({ faults }, words) => begin(faults, { kind: 'html' }, words),
  },
  skew: {
    usage: 'skew 10m | skew -2h | skew 0',
    summary: 'believe it is so much later, or earlier, than it is',
    run({ clock }, [by, ...rest]) {
      const seconds = readDuration(by);
      if (seconds === undefined || rest.length > 0) {
        return undefined;
      }
      clock.setAhead(seconds);
      return `It is ${new Date(clock.now()).toISOString()} here.`;
    },
  },
  end: {
    usage: 'end',
    summary: 'end the outage, slow or html',
    run({ faults }, words) {
      if (words.length > 0) {
        return undefined;
      }
      faults.end();
      return 'All is well.';
    },
  },
  status: {
    usage: 'status',
    summary: 'what is wrong at the moment',
    run: (entra, words) => (words.length > 0 ? undefined : describeStatus(entra)),
  },
  log: {
    usage: 'log [20]',
    summary: 'the last requests, tokens issued and refusals',
    run({ log }, [count = '20', ...rest]) {
      if (!/^\d{1,4}$/.test(count) || rest.length > 0) {
        return undefined;
      }
      const last = Number(count) === 0 ? [] : log.entries.slice(-Number(count));
      return last.map(describeLogEntry).join('\n') || 'Nothing yet.';
    },
  },
  help: {
    usage: 'help',
    summary: 'this list',
    run: () => describeCommands(),
  },
};

const outages = [500, 503, 'refused'] as const;

/** Runs a line such as `outage 503 30s`. What is not understood changes nothing, and says what would be. */
export function runCommand(entra: Commanded, line: string): string {
  const [name = '', ...words] = line.trim().toLowerCase().split(/\s+/);
  if (name === '') {
    return '';
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    return `There is no command ${JSON.stringify(name)}. The commands are ${Object.keys(commands).join(', ')}.`;
  }
  return command.run(entra, words) ?? `${name} is written: ${command.usage}`;
}

/** Every command with what it does, a line each. */
export function describeCommands(): string {
  const width = Math.max(...Object.values(commands).map(({ usage }) => usage.length));
  return Object.values(commands)
    .map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`)
    .join('\n');
}

/** An entry of the log as one line. */
export function describeLogEntry(entry: LogEntry): string {
  const time = entry.at.slice(11, 19);
  switch (entry.event) {
    case 'asked':
      return `${time} ${entry.method} ${entry.path} ${entry.status}`;
    case 'issued': {
      const permissions = [
        ...entry.scopes.map((each) => `scope ${each}`),
        ...entry.roles.map((each) => `role ${each}`),
      ];
      return `${time} issued to ${entry.clientId} for ${entry.resourceId}: ${entry.kind}, ${permissions.join(', ') || 'no permission'}`;
    }
    case 'refused':
      return `${time} refused ${entry.method} ${entry.path}: ${entry.code} ${entry.error}`;
  }
}

function begin(faults: Faults, fault: Fault, [duration, ...rest]: readonly string[]): string | undefined {
  const seconds = readDuration(duration);
  const isWrong = duration !== undefined && (seconds === undefined || seconds <= 0);
  if (isWrong || rest.length > 0) {
    return undefined;
  }
  faults.begin(fault, { seconds });
  return `${describeFault(fault)}${seconds === undefined ? ', until you type end' : `, for ${seconds} s`}.`;
}

function describeStatus({ faults, clock, keys }: Commanded): string {
  const { current } = faults;
  const ahead = Math.round((clock.now() - Date.now()) / 1000);
  return [
    `${current === undefined ? 'All is well' : describeFault(current)}.`,
    `Signing with ${keys.signing.kid}; the key sets show ${keys.published.length}.`,
    ...(ahead === 0 ? [] : [`The clock is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead' : 'behind'}.`]),
  ].join(' ');
}

function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'outage':
      return fault.as === 'refused' ? 'Dropping every connection' : `Answering ${fault.as}`;
    case 'slow':
      return `Answering after ${fault.seconds} s`;
    case 'html':
      return 'Answering with a web page';
  }
}

const units = { s: 1, m: 60, h: 3600 } as const;

/** Seconds; undefined where it is no duration. Only 0 needs no unit. */
function readDuration(word: string | undefined): number | undefined {
  const [matched, number, unit = 's'] = /^(0|[+-]?\d{1,7}(?:\.\d{1,3})?(?=[smh]))([smh])?$/.exec(word ?? '') ?? [];
  return matched === undefined ? undefined : Number(number) * units[unit as keyof typeof units];
}
