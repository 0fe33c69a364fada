import type { Generated } from 'kysely';

export type MailboxTables = {
  mailboxes: { id: Generated<string>; address: string; display_name: string; department: string | null };
  mailbox_owners: { mailbox_id: string; tenant_id: string; object_id: string };
};

export const mailboxTables = [
  `create table if not exists mailboxes (
    id uuid primary key default gen_random_uuid(),
    address text not null unique,
    display_name text not null,
    department text
  )`,
  'create index if not exists mailboxes_by_department on mailboxes (department)',
  `create table if not exists mailbox_owners (
    mailbox_id uuid not null references mailboxes on delete cascade,
    tenant_id uuid not null,
    object_id uuid not null,
    primary key (mailbox_id, tenant_id, object_id)
  )`,
  'create index if not exists mailbox_owners_by_owner on mailbox_owners (tenant_id, object_id)',
];
