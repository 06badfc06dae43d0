// Lines of two texts: what stayed, went and came. Long texts are compared as a whole between their
// equal ends, so that the cost is bounded.
export interface DiffLine {
  kind: 'same' | 'gone' | 'new';
  text: string;
}

const maxCells = 1_000_000;

export function diffLines(before: string, after: string): DiffLine[] {
  const old = before.split('\n');
  const now = after.split('\n');
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head
    && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  const same = (text: string): DiffLine => ({ kind: 'same', text });
  return [
    ...now.slice(0, head).map(same),
    ...middle(old.slice(head, old.length - tail), now.slice(head, now.length - tail)),
    ...now.slice(now.length - tail).map(same),
  ];
}

function middle(old: string[], now: string[]): DiffLine[] {
  const gone = (text: string): DiffLine => ({ kind: 'gone', text });
  const came = (text: string): DiffLine => ({ kind: 'new', text });
  const width = now.length + 1;
  if (old.length === 0 || now.length === 0 || (old.length + 1) * width > maxCells)
    return [...old.map(gone), ...now.map(came)];
  // Longest common run from each pair of places on.
  const best = new Uint16Array((old.length + 1) * width);
  const at = (row: number, column: number) => best[row * width + column] ?? 0;
  for (let row = old.length - 1; row >= 0; row -= 1)
    for (let column = now.length - 1; column >= 0; column -= 1)
      best[row * width + column] = old[row] === now[column]
        ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  const lines: DiffLine[] = [];
  let row = 0;
  let column = 0;
  while (row < old.length || column < now.length) {
    const left = old[row];
    const right = now[column];
    if (left !== undefined && left === right) {
      lines.push({ kind: 'same', text: left });
      row += 1;
      column += 1;
    } else if (left !== undefined
      && (right === undefined || at(row + 1, column) >= at(row, column + 1))) {
      lines.push(gone(left));
      row += 1;
    } else {
      lines.push(came(right as string));
      column += 1;
    }
  }
  return lines;
}
