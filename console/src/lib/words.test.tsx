import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, describe, expect, it } from 'vitest';
import { defineWords, setLanguage, type Translate } from './words';

const words = defineWords('test', {
  plain: 'Save', filled: 'From {{from}} to {{to}}, {{from}}', rows_one: '{{count}} row',
  rows_other: '{{count}} rows', missed: '{{count}} values', path: 'a.b: {{ text }}',
}, {
  plain: '保存', filled: '从{{from}}到{{to}}，{{from}}', rows_one: '{{count}} 行',
  rows_other: '{{count}} 行', missed: '{{count}} 个数值', path: '{{ text }}',
});

describe('words', () => {
  afterEach(() => setLanguage('en'));
  it('are filled from values, as often as they stand there', () => {
    expect(words.now('filled', { from: 1, to: '$&{{to}}' })).toBe('From 1 to $&{{to}}, 1');
    expect(words.now('filled', { from: 1 })).toBe('From 1 to , 1');
    expect(words.now('path', { text: 'x.y:z' })).toBe('a.b: x.y:z');
  });
  it('know one and many', () => {
    expect(words.now('rows', { count: 1 })).toBe('1 row');
    expect(words.now('rows', { count: 0 })).toBe('0 rows');
    expect(words.now('missed', { count: 1 })).toBe('1 values');
    setLanguage('zh');
    expect(words.now('rows', { count: 1 })).toBe('1 行');
  });
  it('say the key where there is no text', () => {
    expect(words.now('nothing' as 'plain')).toBe('nothing');
  });
  it('render anew in another language, with another function', () => {
    const seen: Translate<'plain'>[] = [];
    function Shown() {
      const t = words.use();
      seen.push(t as Translate<'plain'>);
      return <b>{t('plain')}</b>;
    }
    const place = document.createElement('div');
    const root = createRoot(place);
    act(() => root.render(<Shown />));
    act(() => root.render(<Shown />));
    expect(seen[0]).toBe(seen[1]);
    expect(place.textContent).toBe('Save');
    act(() => setLanguage('zh'));
    expect(place.textContent).toBe('保存');
    expect(document.documentElement.lang).toBe('zh-CN');
    expect(seen[2]).not.toBe(seen[1]);
    act(() => root.unmount());
  });
});
