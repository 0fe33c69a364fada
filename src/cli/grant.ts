import { grantAppRole, grantCommands } from '../registration/index.js';
import { assignmentVerb } from './assignment-verb.js';

/** `express-app-roles grant`: an app role of the API for a client. */
export const grant = assignmentVerb({
  name: 'grant',
  summary: 'An app role of the API for a client: how to grant it, or grants it with --execute.',
  client: 'to',
  details: 'The client has the role in its next token.',
  commands: grantCommands,
  execute: grantAppRole,
  told: { changed: 'was granted', unchanged: 'already had' },
});
