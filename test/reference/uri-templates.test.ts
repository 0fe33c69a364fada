import { expect, it } from 'vitest';
import { uriTemplates } from '../../src/reference/uri-templates.js';

it.each([
  ['/', ['/']],
  ['/users/:id/messages', ['/users/{id}/messages']],
  ['/files/:name.:type', ['/files/{name}.{type}']],
  ['/:"object id"/x', ['/{object id}/x']],
  ['/sites{/:site}', ['/sites', '/sites/{site}']],
  ['/a{/:b{/:c}}', ['/a', '/a/{b}', '/a/{b}/{c}']],
  ['/files/*rest', ['/files/{rest}']],
  ['/files/*', ['/files/{wildcard}']],
  ['/sites/:site?', ['/sites', '/sites/{site}']],
  ['/rooms/:number(\\d+)', ['/rooms/{number}']],
  ['/a\\:b', ['/a:b']],
  ['/$batch', ['/$batch']],
])('%s is %j', (path, templates) => {
  expect(uriTemplates(path)).toEqual(templates);
});

it.each(['/^\\/x\\d$/', '/^\\/x/i', '/a(b)?', '/:path+', '/:path*', '/a{b', '/a}b', '/…/x', '/ab?cd'])(
  '%s is no template',
  (path) => {
    expect(uriTemplates(path)).toBeUndefined();
  },
);
