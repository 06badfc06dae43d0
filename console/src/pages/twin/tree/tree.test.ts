import { describe, expect, it } from 'vitest';
import type { Twin } from '../data';
import { flatten, levelsBelow, prefixesOf, rootsOf, type Branch } from './tree';

const twin = (id: string, partOf?: string): Twin => ({
  id, model: 'dtmi:test:Thing;1', revision: 1, created_at: '', updated_at: '', properties: {},
  relationships: partOf ? [{ source: id, name: 'partOf', target: partOf }] : [],
});
const node = (id: string) => ({ id, label: id, twin: true });
const branch = (...ids: string[]): Branch => ({ nodes: ids.map(node), next: null });
const show = (branches: Record<string, Branch>, ...open: string[]) =>
  flatten(new Map(Object.entries(branches)), new Set(open)).map((row) =>
    `${'.'.repeat(row.depth)}${row.kind === 'node' ? row.node.id : row.kind}`);

describe('the asset tree', () => {
  it('shows only what is open, and waits for what is not loaded', () => {
    const branches = { '': branch('site'), site: branch('works', 'zone'), works: branch('pump') };
    expect(show(branches)).toEqual(['site']);
    expect(show(branches, 'site', 'works')).toEqual(['site', '.works', '..pump', '.zone']);
    expect(show(branches, 'site', 'zone')).toEqual(['site', '.works', '.zone', '..wait']);
    expect(show({})).toEqual(['wait']);
  });
  it('has a row for the page to come', () => {
    expect(show({ '': { nodes: [node('a')], next: 'cursor' } })).toEqual(['a', 'more']);
  });
  it('does not follow a circle of parts', () => {
    const rows = show({ '': branch('a'), a: branch('b'), b: branch('a') }, 'a', 'b');
    expect(rows).toEqual(['a', '.b', '..a']);
  });
  it('stays quick with 100,000 children', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => `a/${i}`);
    expect(show({ '': branch('a'), a: branch(...many) }, 'a')).toHaveLength(100_001);
  });
  it('takes those as roots that are part of nothing', () => {
    expect(rootsOf([twin('a'), twin('a/b', 'a'), twin('river')]).map((one) => one.id))
      .toEqual(['a', 'river']);
  });
  it('shows levels that have no twin of their own, and twins as such', () => {
    const nodes = levelsBelow('a', [twin('a'), twin('a/b')], [twin('a/b/c'), twin('a/x/y/z')]);
    expect(nodes.map((one) => [one.id, one.twin])).toEqual([['a/b', true], ['a/x', false]]);
    expect(levelsBelow('', [], [twin('p10'), twin('p9')]).map((one) => one.id))
      .toEqual(['p9', 'p10']);
  });
  it('knows what stands above a path', () => {
    expect(prefixesOf('a/b/c')).toEqual(['a', 'a/b']);
    expect(prefixesOf('a')).toEqual([]);
  });
});
