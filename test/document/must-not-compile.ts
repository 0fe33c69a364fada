import { allow, type Catalogue, record } from 'express-app-roles';
import { type PermissionsDocument, permissionsFromDocument } from 'express-app-roles/document';
import graph from './graph-permissions-slice.json' with { type: 'json' };
import mailboxes from './mailboxes.json' with { type: 'json' };

// Never run. The compiler checks that each line after an expectation is refused, and that the others are not: `npm run types`.

const mailbox = record<{ id: string }>({ name: 'mailbox', find: () => null, owners: () => [], notOwner: 'forbidden' });
const { delegated, application, enforce } = permissionsFromDocument(mailboxes);
const owned = {
  'Mailbox.ReadWrite.OwnedBy': { '/mailboxes/{id}': mailbox, 'GET /mailboxes': { ownedOnly: mailbox } },
} as const;

export function names(): void {
  allow(delegated('Mail.Read'), application('Mail.Read'), application('Mailbox.ReadWrite.OwnedBy').owned(mailbox));
  // @ts-expect-error misspelt
  delegated('Mail.Raed');
  // @ts-expect-error a permission of applications alone
  delegated('Report.Read.All');
  // @ts-expect-error its rule is missing
  allow(application('Mailbox.ReadWrite.OwnedBy'));
}

export function rules(): void {
  enforce({ records: owned });
  enforce({ records: { ...owned, 'Mail.Read': { delegated: { '/mailboxes/{id}': mailbox } } } });
  enforce({
    records: owned,
    conditions: { 'Mail.Read': { name: 'by day', test: ({ caller }) => caller.kind === 'delegated' } },
  });
  // @ts-expect-error a rule is demanded by a name
  enforce();
  // @ts-expect-error a rule is demanded by a name
  enforce({});
  // @ts-expect-error a rule is demanded by a name
  enforce({ records: { 'Mail.Read': mailbox } });
  // @ts-expect-error not in the document
  enforce({ records: { ...owned, 'Mail.Raed': mailbox } });
  // @ts-expect-error not in the document
  enforce({ records: owned, conditions: { 'Mail.Raed': { name: 'by day', test: () => true } } });
  // @ts-expect-error no path
  enforce({ records: { 'Mailbox.ReadWrite.OwnedBy': { mailboxes: mailbox } } });
  // @ts-expect-error no use of a record
  enforce({ records: { 'Mailbox.ReadWrite.OwnedBy': { '/mailboxes': { own: mailbox } } } });
  // @ts-expect-error not an answer
  enforce({ records: owned, conditions: { 'Mail.Read': { name: 'by day', test: () => 'yes' } } });
}

export function ofMicrosoft(): void {
  const own = permissionsFromDocument(graph);
  allow(own.delegated('Chat.Read'), own.application('Sites.Read.All'));
  // @ts-expect-error users have no such permission
  own.delegated('Chat.UpdatePolicyViolation.All');
}

/** As of a file that is read at run time: every name is a text, and is checked at start. */
export function unknownToTheCompiler(document: PermissionsDocument, text: string): Catalogue {
  const own = permissionsFromDocument(document);
  allow(own.delegated(text), own.application(text));
  own.enforce();
  own.enforce({ records: { [text]: mailbox } });
  return own.catalogue;
}

export function asConst(): void {
  const own = permissionsFromDocument({
    permissions: {
      'Order.Read': {
        schemes: { DelegatedWork: { adminDisplayName: 'Read orders', adminDescription: 'Reads orders.' } },
        pathSets: [{ schemeKeys: ['DelegatedWork'], methods: ['GET'], paths: { '/orders': '' } }],
      },
    },
  } as const);
  own.enforce();
  allow(own.delegated('Order.Read'));
  // @ts-expect-error users alone have it
  own.application('Order.Read');
  // @ts-expect-error no document
  permissionsFromDocument({ permissions: { 'Order.Read': { schemes: {} } } });
}
