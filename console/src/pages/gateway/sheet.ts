// What a spreadsheet puts on the clipboard: rows by lines, cells by tabs (or a CSV's ',' and ';').
// Cells in quotes may hold all of these; "" within is a quote.
export function parseSheet(text: string): string[][] {
  const delimiter = text.includes('\t') ? '\t'
    : (text.split('\n')[0] ?? '').includes(';') ? ';' : ',';
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endCell = () => {
    row.push(cell);
    cell = '';
  };
  const endRow = () => {
    endCell();
    if (row.some((one) => one.trim() !== '')) rows.push(row.map((one) => one.trim()));
    row = [];
  };
  for (let i = 0; i < text.length; i += 1) {
    const at = text[i] ?? '';
    if (quoted) {
      if (at !== '"') cell += at;
      else if (text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else quoted = false;
    } else if (at === '"' && cell === '') quoted = true;
    else if (at === delimiter) endCell();
    else if (at === '\n') endRow();
    else if (at !== '\r') cell += at;
  }
  endRow();
  return rows;
}

export interface Instance {
  name: string;
  parameters: Record<string, string>;
}

// Rows as instances of a template: by the header where the first row is one, else in the order of
// name and parameters. Empty cells take the parameter's default.
export function instancesOf(rows: string[][], parameters: string[]): Instance[] {
  const usual = ['name', ...parameters];
  const first = (rows[0] ?? []).map((cell) => cell.toLowerCase());
  const headed = first.includes('name');
  const columns = headed
    ? first.map((cell) => usual.find((name) => name.toLowerCase() === cell) ?? cell) : usual;
  return rows.slice(headed ? 1 : 0).map((cells) => {
    const instance: Instance = { name: '', parameters: {} };
    columns.forEach((column, index) => {
      const text = cells[index] ?? '';
      if (column === 'name') instance.name = text;
      else if (text !== '') instance.parameters[column] = text;
    });
    return instance;
  });
}
