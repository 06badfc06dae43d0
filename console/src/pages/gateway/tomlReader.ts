import type { DeviceSpec } from './toml';

// Reads device files (docs/gateway.md): the part of TOML that they use. What it does not know is
// told by its line, never passed over. The server checks the rest.
export class TomlFlaw extends Error {
  constructor(readonly line: number, text: string) {
    super(text);
    this.name = 'TomlFlaw';
  }
}

type Value = string | number | boolean | Value[];
interface Table {
  [name: string]: Value | Table | Table[];
}

// Without a prototype: a file may name a member '__proto__'.
const newTable = (): Table => Object.create(null) as Table;

const escapes: Record<string, string> = {
  b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', '"': '"', '\\': '\\',
};

class Line {
  private at = 0;
  constructor(private readonly text: string, private readonly number: number) {}

  fail(why: string): never {
    throw new TomlFlaw(this.number, why);
  }
  space(): void {
    while (this.text[this.at] === ' ' || this.text[this.at] === '\t') this.at += 1;
  }
  take(sign: string): boolean {
    if (!this.text.startsWith(sign, this.at)) return false;
    this.at += sign.length;
    return true;
  }
  end(): void {
    this.space();
    if (this.at < this.text.length && this.text[this.at] !== '#')
      this.fail(`'${this.text.slice(this.at, this.at + 20)}' stands behind the value`);
  }
  isEmpty(): boolean {
    this.space();
    return this.at >= this.text.length || this.text[this.at] === '#';
  }
  key(): string {
    this.space();
    if (this.text[this.at] === '"' || this.text[this.at] === "'") return this.string();
    const name = /^[A-Za-z0-9_-]+/.exec(this.text.slice(this.at))?.[0];
    if (!name) this.fail('a name is missing');
    this.at += name.length;
    return name;
  }
  string(): string {
    const quote = this.text[this.at] ?? '';
    if (this.text.startsWith(quote.repeat(3), this.at))
      this.fail('texts over several lines are not read here');
    let out = '';
    for (this.at += 1; this.at < this.text.length; this.at += 1) {
      const sign = this.text[this.at] ?? '';
      if (sign === quote) {
        this.at += 1;
        return out;
      }
      if (sign !== '\\' || quote === "'") out += sign;
      else out += this.escape();
    }
    return this.fail('the text has no end');
  }
  private escape(): string {
    this.at += 1;
    const sign = this.text[this.at] ?? '';
    const known = escapes[sign];
    if (known !== undefined) return known;
    const length = sign === 'u' ? 4 : sign === 'U' ? 8 : 0;
    const digits = this.text.slice(this.at + 1, this.at + 1 + length);
    const code = Number.parseInt(digits, 16);
    if (!length || !/^[0-9a-fA-F]+$/.test(digits) || digits.length < length || code > 0x10ffff)
      this.fail(`'\\${sign}' is no escape`);
    this.at += length;
    return String.fromCodePoint(code);
  }
  value(depth = 0): Value {
    this.space();
    const first = this.text[this.at];
    if (first === '"' || first === "'") return this.string();
    if (first === '[') return this.list(depth);
    const word = /^[^\s,\]#]+/.exec(this.text.slice(this.at))?.[0] ?? '';
    this.at += word.length;
    if (word === 'true' || word === 'false') return word === 'true';
    const number = word.replaceAll('_', '');
    if (!/^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(number))
      this.fail(word ? `'${word}' is no value that is read here` : 'the value is missing');
    return Number(number);
  }
  private list(depth: number): Value[] {
    if (depth > 3) this.fail('lists within lists within lists');
    const all: Value[] = [];
    this.at += 1;
    for (;;) {
      this.space();
      if (this.take(']')) return all;
      all.push(this.value(depth + 1));
      this.space();
      if (this.take(',')) continue;
      if (this.take(']')) return all;
      this.fail("a list ends on its line with ']'");
    }
  }
}

function tableAt(root: Table, path: string[], append: boolean, line: Line): Table {
  let table = root;
  path.forEach((name, index) => {
    const there = table[name];
    const last = index === path.length - 1;
    if (append && last) {
      if (there !== undefined && !Array.isArray(there)) line.fail(`'${name}' is no list`);
      const list = (there ?? (table[name] = [])) as Table[];
      table = newTable();
      list.push(table);
      return;
    }
    const next = Array.isArray(there) ? there[there.length - 1] : there
      ?? (table[name] = newTable());
    if (typeof next !== 'object' || Array.isArray(next)) line.fail(`'${name}' is no table`);
    table = next;
  });
  return table;
}

export function parseToml(text: string, firstLine = 1): Table {
  const root = newTable();
  let table = root;
  text.split(/\r?\n/).forEach((content, index) => {
    const line = new Line(content, firstLine + index);
    if (line.isEmpty()) return;
    const append = line.take('[[');
    if (append || line.take('[')) {
      const path = [line.key()];
      while (line.take('.')) path.push(line.key());
      if (!line.take(append ? ']]' : ']')) line.fail('the brackets do not close');
      line.end();
      table = tableAt(root, path, append, line);
      return;
    }
    const path = [line.key()];
    while (line.take('.')) path.push(line.key());
    line.space();
    if (!line.take('=')) line.fail("a '=' is missing");
    const name = path.pop() ?? '';
    const target = path.length ? tableAt(table, path, false, line) : table;
    if (Object.hasOwn(target, name)) line.fail(`'${name}' is there twice`);
    target[name] = line.value();
    line.end();
  });
  return root;
}

// One or more device files in a row: each begins with the name of its device.
export function devicesOfToml(text: string): DeviceSpec[] {
  const lines = text.split(/\r?\n/);
  const starts = lines.flatMap((line, index) => (/^# file: /.test(line) ? [index] : []));
  if (starts[0] !== 0) starts.unshift(0);
  return starts.map((start, index) => ({
    first: start + 1, text: lines.slice(start, starts[index + 1]).join('\n'),
  })).filter((part) => part.text.trim() !== '').map((part) => {
    const device = parseToml(part.text, part.first) as unknown as DeviceSpec;
    if (typeof device.name !== 'string')
      throw new TomlFlaw(part.first, 'the device has no name');
    return device;
  });
}

// A file of devices: TOML has a line with '=' or a table before anything else.
export const isToml = (text: string): boolean =>
  /^\s*(#.*\r?\n\s*)*(\[\[?\w+\]|[A-Za-z_][\w-]*\s*=)/.test(text);
