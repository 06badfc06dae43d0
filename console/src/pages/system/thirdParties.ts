// The tables of THIRD_PARTY.md: a heading and rows of cells each, without marks of Markdown.
export interface PartyTable {
  title: string;
  head: string[];
  rows: string[][];
}

const cellsOf = (line: string): string[] => line.replace(/^\||\|\s*$/g, '').split('|')
  .map((cell) => cell.replaceAll('`', '').trim());

export function partiesOf(text: string): PartyTable[] {
  const tables: PartyTable[] = [];
  let title = '';
  let open = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('## ')) title = line.slice(3).trim();
    if (!line.startsWith('|')) open = false;
    else if (/^\|[\s:|-]+$/.test(line)) continue;
    else if (open) tables[tables.length - 1]?.rows.push(cellsOf(line));
    else {
      tables.push({ title, head: cellsOf(line), rows: [] });
      open = true;
    }
  }
  return tables;
}
