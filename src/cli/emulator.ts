import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type DirectoryDescription, type Emulator, startEmulator } from '../emulator/index.js';
import { ConfigurationError } from '../errors/index.js';
import { describeEmulator, emulatorAsJson } from './describe-emulator.js';
import { describeCommands, describeLogEntry, runCommand } from './emulator-commands.js';
import { readDirectoryFile } from './read-directory-file.js';
import { sampleDirectory } from './sample-directory.js';
import { UsageError, type Verb } from './verb.js';

const DEFAULT_PORT = 8990;

/** `express-app-roles emulator`: a local Entra until Ctrl-C, with what it is asked as it is asked, and faults by typed commands. */
export const emulator: Verb = {
  name: 'emulator',
  summary: 'A local Entra for development and tests: tokens as Entra issues them, without a tenant.',
  positionals: ['directory.json'],
  options: {
    port: { value: 'N', summary: `of http; 0: any that is free. Default ${DEFAULT_PORT}` },
    https: { summary: 'listen over https as well, with a certificate of its own' },
    'https-port': { value: 'N', summary: 'of https; goes with --https. Default: any that is free' },
    cors: { value: 'ORIGIN', summary: 'let the pages of this origin read answers, for a single-page application' },
    json: { summary: 'print JSON, one object per line: the start without secrets, then every request' },
  },
  details: `
The directory is JSON, or a module (.ts with tsx in the project, or node 22.18 and newer) that exports one by default, as in
\`export default { … } satisfies DirectoryDescription\`. Naming an API and a client is enough:

  {
    "applications": [
      { "displayName": "Orders API", "appRoles": [{ "value": "Order.Read.All", "allowedMemberTypes": ["Application"] }] },
      { "displayName": "Script", "secrets": ["a secret"], "appRoleAssignments": { "Orders API": ["Order.Read.All"] } }
    ],
    "users": [{ "name": "Ada" }]
  }

Without a file there are an API, a script and a portal already. While it runs, type

${describeCommands()}`,
  examples: [
    { command: 'npx express-app-roles emulator', what: 'with the directory that it brings along' },
    { command: 'npx express-app-roles emulator directory.json --port 8990', what: 'with your own' },
    { command: 'npx express-app-roles emulator directory.json --https', what: 'for clients that insist on https' },
    { command: '(sleep 5; echo outage 30s) | npx express-app-roles emulator', what: 'an outage by script' },
  ],

  async run({ positionals: [file], options }) {
    const isJson = options.json === true;
    if (options['https-port'] !== undefined && options.https === undefined) {
      throw new UsageError('--https-port goes with --https: add it.');
    }
    const port = readPort('--port', options.port) ?? DEFAULT_PORT;
    const httpsPort = readPort('--https-port', options['https-port']);
    const directory = file === undefined ? sampleDirectory : await readDirectoryFile(file);
    process.env.NODE_ENV ??= 'development';
    const entra = await start(file, directory, {
      port,
      https: options.https === true && { port: httpsPort ?? 0 },
      cors: readOrigins(options.cors),
    });
    const certificate = entra.certificate === undefined ? undefined : await keepCertificate(entra.certificate);
    const print = (text: string) => void process.stdout.write(`${text}\n`);
    const printJson = (value: object) => print(JSON.stringify(value));

    if (isJson) {
      printJson(emulatorAsJson(entra, certificate?.file));
    } else {
      print(describeEmulator(entra, certificate?.file));
    }
    entra.log.follow((entry) => (isJson ? printJson(entry) : print(describeLogEntry(entry))));
    const commands = createInterface({ input: process.stdin, terminal: false });
    commands.on('line', (line) => {
      const answer = runCommand(entra, line);
      if (answer === '') {
        return;
      }
      if (isJson) {
        printJson({ event: 'command', line, answer });
      } else {
        print(answer);
      }
    });
    await interrupted();
    commands.close();
    process.stdin.destroy();
    certificate?.forget();
    await entra.close();
  },
};

/** What is wrong with the directory is told with its file; a port in use with the option that changes it. */
async function start(
  file: string | undefined,
  directory: DirectoryDescription,
  options: Omit<Parameters<typeof startEmulator>[0], 'directory'>,
): Promise<Emulator> {
  try {
    return await startEmulator({ ...options, directory });
  } catch (error) {
    if (error instanceof ConfigurationError) {
      throw new UsageError(file === undefined ? error.message : `${file}: ${error.message}`);
    }
    const inUse = /^Port (\d+) is in use/.exec((error as Error).message)?.[1];
    throw inUse === undefined ? error : new Error(`port ${inUse} is in use; take another: --port ${Number(inUse) + 1}`);
  }
}

function readPort(option: string, value: string | true | undefined): number | undefined {
  if (value !== undefined && !(/^\d{1,5}$/.test(String(value)) && Number(value) <= 65_535)) {
    throw new UsageError(`${option} ${value}: must be a number from 0 to 65535, like ${option} ${DEFAULT_PORT}.`);
  }
  return value === undefined ? undefined : Number(value);
}

function readOrigins(value: string | true | undefined): readonly string[] {
  if (value === undefined) {
    return [];
  }
  const origin = URL.canParse(String(value)) ? new URL(String(value)).origin : undefined;
  if (origin !== value) {
    throw new UsageError(`--cors ${value}: must be an origin, like --cors http://localhost:5173.`);
  }
  return [origin];
}

/** Clients trust a file, and read it when they start. */
async function keepCertificate(certificate: string) {
  const folder = await mkdtemp(join(tmpdir(), 'local-entra-'));
  const file = join(folder, 'certificate.pem');
  await writeFile(file, certificate);
  return { file, forget: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Ctrl-C may arrive twice, from the terminal and passed on by npm: once it is heard, the others do nothing. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.on('SIGINT', () => resolve());
    process.on('SIGTERM', () => resolve());
  });
}
