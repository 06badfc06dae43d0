// Where something stands in a JSON text, for flaws that name a JSON pointer, a line, or a name.
export interface Span {
  from: number;
  to: number;
}

const unescape = (part: string) => part.replace(/~1/g, '/').replace(/~0/g, '~');

// The span of a member's name and value, or of an item, that a JSON pointer leads to; the nearest
// that is there where it leads to nothing. null for a text that is not JSON.
export function locate(text: string, pointer: string): Span | null {
  const wanted = pointer.split('/').slice(1).map(unescape);
  let best: Span | null = null;
  let at = 0;
  const blank = () => {
    while (/\s/.test(text[at] ?? '')) at += 1;
  };
  const skipString = () => {
    at += 1;
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    at += 1;
  };
  // Reads the value at `at`; `matched` parts of the pointer led here, -1 where it leads elsewhere.
  const value = (matched: number, from: number, depth: number): boolean => {
    blank();
    if (depth > 200) return false;
    const open = text[at];
    const inside = matched >= 0 && matched < wanted.length;
    if (open === '{' || open === '[') {
      const close = open === '{' ? '}' : ']';
      if (matched >= 0) best = { from, to: at + 1 };
      at += 1;
      for (let index = 0; ; index++) {
        blank();
        if (text[at] === close) break;
        if (index > 0) {
          if (text[at] !== ',') return false;
          at += 1;
          blank();
        }
        const start = at;
        let name = String(index);
        if (open === '{') {
          if (text[at] !== '"') return false;
          skipString();
          try {
            name = JSON.parse(text.slice(start, at)) as string;
          } catch {
            return false;
          }
          blank();
          if (text[at] !== ':') return false;
          at += 1;
        }
        const follows = inside && name === wanted[matched];
        if (!value(follows ? matched + 1 : -1, start, depth + 1)) return false;
      }
      at += 1;
      return true;
    }
    if (open === '"') skipString();
    else {
      const plain = /^[-+\w.]+/.exec(text.slice(at, at + 64));
      if (!plain) return false;
      at += plain[0].length;
    }
    if (matched >= 0) best = { from, to: at };
    return true;
  };
  return value(0, 0, 0) ? best : null;
}

// The token at a column, else the rest of the line.
export function lineSpan(text: string, line: number, column = 0): Span {
  const lines = text.split('\n');
  const index = Math.min(Math.max(1, line), lines.length) - 1;
  const start = lines.slice(0, index).reduce((sum, one) => sum + one.length + 1, 0);
  const length = lines[index]?.length ?? 0;
  const token = column > 0
    ? /^(?:"(?:[^"\\]|\\.)*"|[^\s,\]}"]+)/.exec((lines[index] ?? '').slice(column - 1)) : null;
  if (token) return { from: start + column - 1, to: start + column - 1 + token[0].length };
  const from = start + Math.min(Math.max(0, column - 1), length);
  return { from, to: Math.max(from + 1, start + length) };
}

// A problem that quotes a name ('ratedPowr' is no property ...) is shown at that name.
export function quotedSpan(text: string, detail: string): Span | null {
  for (const match of detail.matchAll(/'([^']+)'/g)) {
    const name = match[1] ?? '';
    for (const one of [name, name.slice(name.lastIndexOf('/') + 1)]) {
      const from = text.indexOf(`"${one}"`);
      if (from >= 0) return { from, to: from + one.length + 2 };
    }
  }
  return null;
}

export interface TextFlaw {
  text: string;
  pointer?: string;
  line?: number;
  column?: number;
  soft?: boolean; // a warning
}

// The place of a flaw: its line where it has one, its pointer, a name it quotes, else the start.
export function placeOfFlaw(text: string, flaw: TextFlaw): Span {
  if (flaw.line) return lineSpan(text, flaw.line, flaw.column);
  const byPointer = flaw.pointer ? locate(text, flaw.pointer) : null;
  const found = byPointer ?? quotedSpan(text, flaw.text);
  return found ?? { from: 0, to: Math.min(1, text.length) };
}
