import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { ConfigurationError } from '../errors/index.js';
import { type Registration, readRegistration } from '../registration/index.js';
import { UsageError } from './verb.js';

/**
 * A registration in a file, or in standard input where the file is `-`.
 *
 * @throws UsageError that names the file
 */
export async function readRegistrationFile(file: string): Promise<Registration> {
  const name = file === '-' ? 'standard input' : file;
  const content = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch(() => {
    throw new UsageError(`${name}: it cannot be read.`);
  });
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    throw new UsageError(`${name}: is not JSON. az ad app show --id <client id> > registration.json makes one.`);
  }
  try {
    return readRegistration(json);
  } catch (error) {
    throw error instanceof ConfigurationError ? new UsageError(`${name}: ${error.message}`) : error;
  }
}
