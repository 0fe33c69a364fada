-- The API signs in to the database as this one. By itself it may do nothing; it takes one of the two roles for each transaction.
create role orders_api noinherit; -- in production: with login, and not the owner of any table
create role orders_owned;
create role orders_all;
grant orders_owned, orders_all to orders_api;

-- Who owns an order is not for its owners to change: there is no update of that column.
grant select, insert, delete, update (title) on orders to orders_owned;
grant select, insert, delete, update on orders to orders_all;

alter table orders enable row level security;
create policy all_of_them on orders to orders_all using (true);
create policy what_it_owns on orders to orders_owned using (
  -- Before the first transaction a setting is null, after one it is '': neither is anybody.
  tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)
  and owners @> array[(select nullif(current_setting('app.object_id', true), '')::uuid)]
);
