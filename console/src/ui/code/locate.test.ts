import { describe, expect, it } from 'vitest';
import { lineSpan, locate, placeOfFlaw, quotedSpan } from './locate';

const text = '{\n  "a": {"b/c": [1, {"d": true}]},\n  "e": "x\\"y"\n}';
const at = (pointer: string) => {
  const span = locate(text, pointer);
  return span && text.slice(span.from, span.to);
};

describe('the place of a flaw', () => {
  it('follows JSON pointers', () => {
    expect(at('/a/b~1c/0')).toBe('1');
    expect(at('/a/b~1c/1/d')).toBe('"d": true');
    expect(at('/e')).toBe('"e": "x\\"y"');
  });
  it('shows what is nearest where a pointer leads to nothing', () => {
    expect(at('/a/nothing')).toBe('"a": {');
    expect(at('')).toBe('{');
  });
  it('gives up on what is not JSON, however deep', () => {
    expect(locate('{"a": ', '/a')).toBeNull();
    expect(locate('['.repeat(100_000), '/0')).toBeNull();
    expect(locate('{"a" 1}', '/a')).toBeNull();
  });
  it('takes lines and columns within the text', () => {
    expect(lineSpan('ab\n  "c d", e', 2, 3)).toEqual({ from: 5, to: 10 });
    expect(lineSpan('ab\ncd', 2)).toEqual({ from: 3, to: 5 });
    expect(lineSpan('ab', 99)).toEqual({ from: 0, to: 2 });
  });
  it('finds a name that the server quotes', () => {
    expect(quotedSpan(text, "'drive/e' is no property; did you mean 'a'?"))
      .toEqual({ from: text.indexOf('"e"'), to: text.indexOf('"e"') + 3 });
    expect(placeOfFlaw('{}', { text: 'no name' })).toEqual({ from: 0, to: 1 });
  });
});
