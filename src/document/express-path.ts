/** A template of a document as a path of Express 5: `/applications(appid={value})` is `/applications\(appid=:value\)`. */
export function expressPath(template: string): string {
  const [fixed = '', ...others] = template.split('{');
  const rest = others.map((part) => {
    const [name = '', text = ''] = part.split('}');
    return `:${/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : `"${name}"`}${escaped(text)}`;
  });
  return [escaped(fixed), ...rest].join('').replace(/(?<=.)\/$/, '');
}

function escaped(text: string): string {
  return text.replaceAll(/[:*(){}[\]?+!\\]/g, '\\$&');
}
