import { SegmentedControl } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo, useState, type ReactNode } from 'react';
import { useMay } from '~/lib/session';
import { Empty } from '~/ui';
import { TwinView } from './detail/TwinView';
import { useModels } from './data';
import { Figures } from './Figures';
import { useUrl } from './state';
import { isSql, parseSearch } from './tree/filter';
import { Results, SqlResults } from './tree/Results';
import { Tree } from './tree/Tree';
import { useKnown } from './tree/useSearch';
import type { TreeMode } from './tree/useTree';
import styles from './twin.module.css';
import { words } from './words';

const SearchInput = lazy(() => import('./tree/SearchInput'));

// Left the tree and the search, right the twin. `made` counts the twins made here; the tree loads
// anew with each.
export function Twins({ made, onCreate }: { made: number; onCreate: () => void }): ReactNode {
  const t = words.use();
  const url = useUrl();
  const client = useQueryClient();
  const models = useModels();
  const may = useMay('engineer');
  const [version, setVersion] = useState(0);
  const id = url.get('id');
  const q = url.get('q') ?? '';
  const mode: TreeMode = url.get('tree') === 'paths' ? 'paths' : 'parts';
  const select = (next: string) => url.set({ id: next, at: null }, false);
  const changed = () => {
    setVersion((old) => old + 1);
    void client.invalidateQueries({ queryKey: ['twin'] });
  };
  return (
    <div className={styles.page}>
      <aside className={styles.side} aria-label={t('find')}>
        <Finder q={q} onQ={(next) => url.set({ q: next })} selected={id} onSelect={select}
          tree={
            <>
              <div className={styles.sideRow} style={{ padding: '0 12px 6px' }}>
                <SegmentedControl size="xs" value={mode} aria-label={t('treeBy')}
                  onChange={(next) => url.set({ tree: next === 'paths' ? next : null })}
                  data={[{ value: 'parts', label: t('byParts') },
                    { value: 'paths', label: t('byPaths') }]} />
              </div>
              <Tree mode={mode} selected={id} onSelect={select} version={version + made} />
            </>
          } />
        <Figures />
      </aside>
      <div className={styles.main}>
        {id ? <TwinView key={id} id={id} onSelect={select} onChanged={changed}
          onRemoved={() => {
            url.set({ id: null, tab: null, at: null });
            changed();
          }} />
          : models.data?.length === 0
            ? <Empty title={t('noModels')} text={t('noModelsText')}
              command="headworks twin model install-library" />
            : <Empty title={t('chooseTitle')} text={t('chooseText')}
              action={may ? { label: t('newTwin'), run: onCreate } : undefined}
              command="headworks twin template examples/waterworks/twins.json" />}
      </div>
    </div>
  );
}

function Finder({ q, onQ, tree, selected, onSelect }: {
  q: string; onQ: (q: string) => void; tree: ReactNode; selected: string | null;
  onSelect: (id: string) => void;
}): ReactNode {
  const t = words.use();
  const [text, setText] = useState(q);
  const [asked, setAsked] = useState<string | null>(isSql(q) ? q : null);
  useEffect(() => setText(q), [q]);
  const model = useMemo(() => parseSearch(text, { models: [], properties: [] }).search.model,
    [text]);
  const [focused, setFocused] = useState(false);
  const wanted = focused || text !== '';
  const names = useKnown(undefined, wanted);
  const full = model
    ? names.models.find((one) => one.id === model
      || one.short.toLowerCase() === model.toLowerCase())?.id : undefined;
  const known = useKnown(full, wanted);
  const sql = isSql(text);
  const parsed = useMemo(() => parseSearch(sql ? '' : text, known), [text, sql, known]);
  const flaws = useMemo(() => parsed.flaws.map((one) => (
    { from: one.from, to: one.to, text: t(one.key, one.values) })), [parsed, t]);
  // A search goes into the URL, and runs, when the typing rests and nothing is wrong with it.
  useEffect(() => {
    if (text === q || sql || flaws.length) return;
    const timer = window.setTimeout(() => onQ(text), 300);
    return () => window.clearTimeout(timer);
  }, [text, q, sql, flaws, onQ]);
  return (
    <>
      <div className={styles.sideTop} onFocus={() => setFocused(true)}>
        <Suspense fallback={<div className={styles.searchInput} />}>
          <SearchInput text={text} onChange={setText} flaws={flaws} known={known}
            label={t('search')} hint={t('searchHint')} onEnter={() => {
              if (flaws.length) return;
              onQ(text);
              setAsked(sql ? text : null);
            }} />
        </Suspense>
        {flaws.length > 0 && (
          <div className={styles.flaws} role="alert">
            {flaws.map((one) => <span key={`${one.from} ${one.text}`}>✕ {one.text}</span>)}
          </div>)}
        {text.trim() !== '' && (
          <div className={styles.sideRow}>
            <span className={styles.hint}>{sql ? t('sqlHint') : t('filterHint')}</span>
            <span className={styles.spring} />
            <button type="button" className={styles.linkish} onClick={() => {
              setText('');
              setAsked(null);
              onQ('');
            }}>{t('clear')}</button>
          </div>)}
      </div>
      {sql ? <SqlResults sql={asked} onSelect={onSelect} />
        : q.trim() && flaws.length === 0
          ? <Results search={parsed.search} selected={selected} onSelect={onSelect} />
          : tree}
    </>
  );
}
