import { createTestEntra } from 'express-app-roles/testing';
import { permissions } from './permissions.js';
import { people } from './sample-data.js';

/** Signs tokens for tests, in their process. It knows the people of the sample data. */
export const entra = createTestEntra({ permissions });

for (const { name, objectId } of Object.values(people)) {
  entra.user(name, { objectId });
}
