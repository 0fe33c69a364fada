const figure = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/**
 * One row of the benchmark as Markdown.
 *
 * @param row a title, what it is about, and one table or several of them
 */
export function rowText({ title, about, tables, ...table }) {
  return [`## ${title}`, '', about, '', ...(tables ?? [table]).map(tableText)].join('\n');
}

function tableText({ unit, base, lines }) {
  const hasRatio = lines.some(({ ratio }) => ratio !== undefined);
  const more = Object.keys(lines[0].more ?? {});
  const heads = ['', `${unit}, median`, 'middle half', ...(hasRatio ? [`× ${base}`] : []), ...more];
  const cells = lines.map((line) => [
    line.name,
    format(line.median),
    spread(line),
    ...(hasRatio ? [line.ratio === undefined ? '' : `${format(line.ratio.median)} (${spread(line.ratio)})`] : []),
    ...more.map((name) => format(line.more[name])),
  ]);
  const rows = [heads, heads.map((_, i) => (i === 0 ? '---' : '--:')), ...cells];
  return [...rows.map((row) => `| ${row.join(' | ')} |`), ''].join('\n');
}

function spread({ low, high }) {
  return `${format(low)} … ${format(high)}`;
}

export function format(value) {
  return figure.format(value);
}
