import { ConfigurationError } from '../errors/index.js';
import { Problem } from '../express/index.js';
import { checkFilter, type RecordFilter } from '../permissions/index.js';
import { readText } from './read-body.js';

const mostValues = 100;

/** @throws Problem */
export function readFilter(value: unknown, attributes: readonly string[]): RecordFilter {
  const filter = asProblem(() => checkFilter(value as RecordFilter));
  for (const [name, wanted] of Object.entries(filter)) {
    if (!attributes.includes(name)) throw new Problem(400, `A filter may name ${attributes.join(', ')}.`);
    const values = [wanted].flat();
    if (values.length > mostValues) throw new Problem(400, `A filter may name ${mostValues} values of an attribute.`);
    for (const each of values) readText(each, name);
  }
  return filter;
}

/** What a developer is told of a filter in code is what a client is told of one in a body. */
function asProblem<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ConfigurationError ? new Problem(400, error.message) : error;
  }
}
