import { revokeAppRole, revokeCommands } from '../registration/index.js';
import { assignmentVerb } from './assignment-verb.js';

/** `express-app-roles revoke`: takes an app role of the API from a client. */
export const revoke = assignmentVerb({
  name: 'revoke',
  summary: 'Takes an app role of the API from a client: how to, or does it with --execute.',
  client: 'from',
  details: 'Tokens that were issued before have the role until they expire.',
  commands: revokeCommands,
  execute: revokeAppRole,
  told: { changed: 'no longer has', unchanged: 'had not, and has not,' },
});
