import { ConfigurationError } from '../errors/index.js';
import { b2c } from './identity-metadata.js';
import { nearestName } from './nearest-name.js';
import { optionNames, type StrategyOptions } from './strategy-options.js';

/** @throws ConfigurationError with the name that was probably meant: a misspelt `audience` must not fall back to a default */
export function checkNames(given: object, names: readonly string[], where: string): void {
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const nearest = nearestName(name, names);
    const wayOut = nearest === undefined ? 'Remove it.' : `Did you mean '${nearest}'?`;
    throw new ConfigurationError(`${where}: '${name}' is not an option. ${wayOut}`);
  }
}

/** @throws ConfigurationError where an option of `BearerStrategy` is unknown, or asks for what must not be */
export function checkOptions(given: StrategyOptions): void {
  checkNames(given, optionNames, 'BearerStrategy');
  if (given.policyName !== undefined) throw b2c('policyName');
  for (const [isRefused, sentence] of refusals) {
    if (isRefused(given)) throw new ConfigurationError(`BearerStrategy: ${sentence}`);
  }
}

const refusals: readonly [isRefused: (given: StrategyOptions) => boolean, sentence: string][] = [
  [
    ({ validateIssuer = true }) => validateIssuer !== true,
    "validateIssuer: false lets anyone's issuer in. Remove it, and say which tenants may call: tenants: ['<GUID>', …], a predicate, or tenants: 'any'.",
  ],
  [
    ({ ignoreExpiration = false }) => ignoreExpiration !== false,
    'ignoreExpiration accepts tokens for ever. Remove it; clockSkew allows up to 300 seconds.',
  ],
  [
    ({ allowMultiAudiencesInToken = false }) => allowMultiAudiencesInToken !== false,
    'allowMultiAudiencesInToken never worked, and Entra writes one audience into a token. Remove it.',
  ],
  [
    ({ proxy }) => proxy !== undefined,
    'proxy is not supported. Give a fetch that goes through it, such as that of undici with a ProxyAgent.',
  ],
  [
    ({ scope }) => scope !== undefined && !isListOfTexts(scope),
    "scope must be a list of scopes that is not empty, such as ['Mail.Read']; or leave it out, and declare permissions on the routes.",
  ],
  [
    ({ accessTokenInForm = false }) => typeof accessTokenInForm !== 'boolean',
    'accessTokenInForm must be true or false.',
  ],
];

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string' && each !== '');
}
