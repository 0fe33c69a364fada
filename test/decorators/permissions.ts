import { definePermissions, type Principal, record } from 'express-app-roles';

const text = { displayName: 'Do it', description: 'Lets the app do it.' };

export const permissions = definePermissions({
  'Note.Read': { delegated: { consent: 'admin', ...text }, application: text },
  'Note.Write': { delegated: { consent: 'admin', ...text }, application: text },
  'Note.OwnedBy': { application: text },
  Editor: { userRole: text },
});
export const { delegated, application } = permissions;

export interface Note {
  readonly id: string;
  readonly owner: Principal;
}
export type Notes = Map<string, Note>;

export const notes: Notes = new Map();
export const note = record<Note>({
  name: 'note',
  find: (id) => notes.get(id),
  owners: ({ owner }) => [owner],
  notOwner: 'forbidden',
});
