create table orders (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  -- Object ids of users and service principals of that tenant. Never empty: an order has an owner.
  owners uuid[] not null check (cardinality(owners) > 0),
  title text not null
);
create index orders_by_owner on orders using gin (owners);
