import { permissionsFromDocument } from 'express-app-roles/document';
import document from './permissions.json' with { type: 'json' };
export const permissions = permissionsFromDocument(document);
