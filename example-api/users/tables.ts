export type UserTables = {
  users: { object_id: string; display_name: string; mail: string; job_title: string };
};

export const userTables = [
  `create table if not exists users (
    object_id uuid primary key,
    display_name text not null,
    mail text not null unique,
    job_title text not null
  )`,
];
