import type { Request, Response } from 'express';
import { unsupportedQuery } from './graph-error.js';

type Entity = Readonly<Record<string, unknown>>;

/** Answers with a collection: `$filter` (`eq`, joined by `and`), `$select`, `$top` with its next link, `$count`. */
export function sendList(req: Request, res: Response, context: string, entities: readonly Entity[]): void {
  const query = readQuery(req, ['$filter', '$select', '$top', '$skiptoken', '$count']);
  const found = query.$filter === undefined ? entities : entities.filter(filter(query.$filter, entities));
  const start = count('$skiptoken', query.$skiptoken, 0);
  const size = count('$top', query.$top, 100);
  const page = found.slice(start, start + size);
  const isMore = start + size < found.length && size > 0;
  const { pathname } = new URL(req.originalUrl, serviceRoot(req));
  const next = new URLSearchParams({ ...query, $skiptoken: `${start + size}` });
  res.json({
    '@odata.context': contextOf(req, context, query.$select),
    ...(query.$count === 'true' && { '@odata.count': found.length }),
    ...(isMore && { '@odata.nextLink': `${new URL(pathname, serviceRoot(req))}?${next}` }),
    value: page.map((entity) => select(entity, query.$select)),
  });
}

/** Answers with one entity, of which `$select` chooses properties. */
export function sendEntity(req: Request, res: Response, context: string, entity: Entity): void {
  const { $select } = readQuery(req, ['$select']);
  res.json({ '@odata.context': contextOf(req, `${context}/$entity`, $select), ...select(entity, $select) });
}

function readQuery(req: Request, known: readonly string[]): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries(req.query)) {
    const canonical = name.startsWith('$') ? name : `$${name}`;
    if (!known.includes(canonical) || typeof value !== 'string') {
      throw unsupportedQuery(`This local Entra does not support the query option '${name}' here.`);
    }
    query[canonical] = value;
  }
  return query;
}

function serviceRoot({ protocol, headers, baseUrl }: Request): string {
  return `${protocol}://${headers.host}${baseUrl}`;
}

function contextOf(req: Request, context: string, selected: string | undefined): string {
  const [collection, ...rest] = context.split('/$');
  const chosen = selected === undefined ? '' : `(${selected})`;
  return `${serviceRoot(req)}/$metadata#${[`${collection}${chosen}`, ...rest].join('/$')}`;
}

function count(option: string, value: string | undefined, otherwise: number): number {
  if (value !== undefined && !/^\d{1,9}$/.test(value)) {
    throw unsupportedQuery(`Invalid value for the query option '${option}'.`);
  }
  return value === undefined ? otherwise : Number(value);
}

function select(entity: Entity, selected: string | undefined): Entity {
  if (selected === undefined) {
    return entity;
  }
  const names = ['@odata.type', ...selected.split(',').map((name) => name.trim())];
  return Object.fromEntries(Object.entries(entity).filter(([name]) => names.includes(name)));
}

const comparison = /^\s*(\w+)\s+eq\s+('(?:[^']|'')*'|true|false|null|[\w-]+)\s*(?:and\s+|$)/i;

/** Strings are compared without regard to case, as the directory does. */
function filter(expression: string, entities: readonly Entity[]): (entity: Entity) => boolean {
  const terms: { name: string; value: string }[] = [];
  let rest = expression;
  while (rest !== '') {
    const [matched, name = '', literal = ''] = comparison.exec(rest) ?? [];
    if (matched === undefined) {
      throw unsupportedQuery(
        `This local Entra filters by "property eq 'value'", joined by "and": not by ${expression}.`,
      );
    }
    if (entities.length > 0 && !entities.some((entity) => name in entity)) {
      throw unsupportedQuery(`There is no property '${name}' to filter by.`);
    }
    const value = literal.startsWith("'") ? literal.slice(1, -1).replaceAll("''", "'") : literal;
    terms.push({ name, value: value.toLowerCase() });
    rest = rest.slice(matched.length);
  }
  return (entity) => terms.every(({ name, value }) => String(entity[name]).toLowerCase() === value);
}
