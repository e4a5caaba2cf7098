/**
 * What the builder refuses of a `--mount` while it parses the file, whether the stage is needed or not; everything else
 * is looked at where the instruction is evaluated (BuildKit frontend/dockerfile/instructions/commands_runmount.go
 * parseMount without an expander).
 */
export function mountSyntaxError(text: string): string | undefined {
  const { fields, error } = csvFields(text);
  if (error !== undefined) return `--mount: ${error}`;
  for (const field of fields) {
    const equals = field.indexOf('=');
    if (equals < 0 || field.slice(0, equals).toLowerCase() !== 'from') continue;
    const dollar = field.indexOf('$', equals);
    if (dollar >= 0 && dollar !== field.length - 1) {
      return "'from' doesn't support variable expansion, define alias stage instead";
    }
  }
  return undefined;
}

/** Fields of one line, in quotes where they hold a comma (github.com/tonistiigi/go-csvvalue). */
function csvFields(text: string): { fields: readonly string[]; error?: string } {
  if (text === '') return { fields: [], error: 'it is empty' };
  const fields: string[] = [];
  for (let position = 0; ; position++) {
    if (text.charAt(position) !== '"') {
      const comma = text.indexOf(',', position);
      const end = comma < 0 ? text.length : comma;
      const field = text.slice(position, end);
      if (field.includes('"')) return { fields, error: `a quote inside ${field}: the whole field must be in quotes` };
      fields.push(field);
      position = end;
    } else {
      const quoted = readQuoted(text, position + 1);
      if (quoted === undefined) return { fields, error: `a quote is not closed in ${text}` };
      fields.push(quoted.field);
      position = quoted.end;
    }
    if (position >= text.length) return { fields };
  }
}

/** Up to the closing quote, before which `""` is a quote; after it the field must end. */
function readQuoted(text: string, start: number): { field: string; end: number } | undefined {
  let field = '';
  for (let from = start; ;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return undefined;
    field += text.slice(from, quote);
    const next = text.charAt(quote + 1);
    if (next === '' || next === ',') return { field, end: quote + 1 };
    if (next !== '"') return undefined;
    field += '"';
    from = quote + 2;
  }
}
