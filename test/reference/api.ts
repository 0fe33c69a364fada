import express, { type Express } from 'express';
import {
  allow,
  authenticate,
  definePermissions,
  type Middleware,
  type Principal,
  problemDetails,
  publicRoute,
  record,
} from 'express-app-roles';
import { createTestEntra } from 'express-app-roles/testing';

const texts = { displayName: 'Do it', description: 'Lets the app do it.' };
const toUser = { displayName: 'Do it for you', description: 'Lets the app do it for you.' };

export const permissions = definePermissions({
  'Note.Read': { delegated: { ...texts, consent: 'user', toUser, personal: true }, application: texts },
  'Note.Write': { delegated: { ...texts, consent: 'admin' }, application: texts },
  'Note.Share': { delegated: { ...texts, consent: 'admin' }, application: texts },
  'Note.ReadWrite.OwnedBy': { application: texts },
  'Note.Selected': { application: texts },
  'Note.Old': { application: { ...texts, enabled: false } },
  'Note.Editor': { userRole: texts },
});
const { delegated, application } = permissions;

export const entra = createTestEntra({ permissions });
const { tenant, clientId } = entra;

interface Note {
  readonly owner: Principal;
  readonly readers: readonly string[];
}

/** Who owns the notes, and which clients were granted `read` on them, by the id of the note. */
export const notes = new Map<string, Note>();

/** How often a function of the application was called for a decision. */
export const asked = { functions: 0 };

function count<A extends readonly unknown[], R>(work: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    asked.functions++;
    return work(...args);
  };
}

const note = record<Note>({
  name: 'note',
  find: count((id) => notes.get(id)),
  owners: count(({ owner }) => [owner]),
  notOwner: 'forbidden',
  selections: {
    roles: ['read'],
    key: count(({ readers }) => readers.join()),
    rolesOf: count(({ objectId }, key) => (key.includes(objectId) ? ['read'] : [])),
  },
});
const secret = record<Note>({
  name: 'secret',
  find: count((id) => notes.get(id)),
  owners: count(({ owner }) => [owner]),
  notOwner: 'not-found',
});

/** An API with every form of grant. */
export function createApp({ mount }: { readonly mount?: (app: Express) => void } = {}): Express {
  const app = express();
  const end: Middleware = (_req, res) => void res.end('done');
  app.use(authenticate({ tenant, clientId, permissions, testAuthority: entra }));
  app.get('/health', publicRoute(), end);
  app.get('/notes', allow(application('Note.Read')), end);
  app.post('/notes', allow(application('Note.ReadWrite.OwnedBy').creates(note), application('Note.Write')), end);
  app.get(
    '/notes/:id',
    allow(
      delegated('Note.Read').owned(note),
      application('Note.Selected').selected(note),
      application('Note.ReadWrite.OwnedBy').owned(note),
      application('Note.Read'),
    ),
    end,
  );
  app.patch(
    '/notes/:id',
    allow(
      delegated('Note.Write').withUserRole('Note.Editor').owned(note),
      delegated('Note.Share').and('Note.Write').onAnyRecord(),
    ),
    end,
  );
  app.delete(
    '/notes/:id',
    allow(
      application('Note.Write'),
      application('Note.ReadWrite.OwnedBy').owned(note),
      delegated('Note.Write').onAnyRecord(),
    ),
    allow(application('Note.Read'), application('Note.Old'), delegated('Note.Share').onAnyRecord()),
    end,
  );
  app.get('/secrets/:id', allow(application('Note.ReadWrite.OwnedBy').owned(secret)), end);
  app.put(
    '/hidden',
    allow(
      application('Note.Write').when(
        'office hours',
        count(({ req }) => req.headers['x-open'] === 'yes'),
      ),
    ),
    end,
  );
  mount?.(app);
  app.use(problemDetails());
  return app;
}
