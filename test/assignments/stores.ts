import {
  type AssignmentStore,
  createAssignmentTables,
  kyselyAssignments,
  memoryAssignments,
} from 'express-app-roles/assignments';
import { databases, openDatabase } from './databases.js';

/** Every store that there is, opened when a suite begins. */
export const stores: readonly {
  readonly name: string;
  readonly open: () => Promise<{ readonly store: AssignmentStore; readonly close: () => Promise<void> }>;
}[] = [
  { name: 'memory', open: async () => ({ store: memoryAssignments(), close: async () => {} }) },
  ...databases.map(({ name, url }) => ({
    name: `Kysely on ${name}`,
    open: async () => {
      const { database, close } = await openDatabase(url);
      await createAssignmentTables(database);
      return { store: kyselyAssignments(database), close };
    },
  })),
];
