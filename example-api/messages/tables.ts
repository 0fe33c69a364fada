import type { Generated } from 'kysely';

export type MessageTables = {
  messages: {
    id: Generated<string>;
    mailbox_id: string;
    sender: string;
    subject: string;
    body: string;
    received_at: Generated<Date>;
  };
  forwardings: { mailbox_id: string; to_mailbox_id: string };
};

export const messageTables = [
  `create table if not exists messages (
    id uuid primary key default gen_random_uuid(),
    mailbox_id uuid not null references mailboxes on delete cascade,
    sender text not null,
    subject text not null,
    body text not null,
    received_at timestamptz not null default now()
  )`,
  'create index if not exists messages_by_mailbox on messages (mailbox_id, received_at)',
  `create table if not exists forwardings (
    mailbox_id uuid primary key references mailboxes on delete cascade,
    to_mailbox_id uuid not null references mailboxes on delete cascade
  )`,
];
