import { createTestEntra, permissionMatrix } from 'express-app-roles/testing';
import { expect, test } from 'vitest';
import { createApp, permissions } from './orders.js';

test('who may call what', async () => {
  const entra = createTestEntra({ permissions });
  const app = createApp({ tenant: entra.tenant, clientId: entra.clientId, testAuthority: entra });
  const matrix = await permissionMatrix(app, entra, {
    records: { order: app.createOrder },
    examples: {
      'POST /orders/:id/approval': { params: { id: app.createOrder }, body: { comment: 'Fine.' } },
    },
  });
  expect(matrix.toString()).toMatchSnapshot();
});
