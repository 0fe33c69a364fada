export const tenantId = '3f6b1c5e-8a0d-4b5f-9d55-0c6d9f1e7a21';
export const clientId = 'a1f0c9d4-52f3-4d53-8f0e-6f1b8f7c2b10';
export const issuer = `https://login.microsoftonline.com/${tenantId}/v2.0`;
export const scope = 'Order.Read';
