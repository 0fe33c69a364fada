import type { Generated } from 'kysely';

export type TeamTables = {
  teams: { id: string; display_name: string };
  channel_messages: { id: Generated<string>; team_id: string; channel: string; sender: string; body: string };
};

export const teamTables = [
  `create table if not exists teams (
    id uuid primary key,
    display_name text not null
  )`,
  `create table if not exists channel_messages (
    id uuid primary key default gen_random_uuid(),
    team_id uuid not null references teams on delete cascade,
    channel text not null,
    sender text not null,
    body text not null
  )`,
];
