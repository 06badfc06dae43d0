import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState, type ReactNode } from 'react';
import { useMay } from '~/lib/session';
import { ProblemAlert, ShownValue } from '~/ui';
import { ManyOfMany } from '../bulk/OfMany';
import { words as manyWords } from '../bulk/words';
import { nameOf, plain, trustOfTwin, useModelName } from '../data';
import styles from '../twin.module.css';
import { words } from '../words';
import type { Search } from './filter';
import { useScan, useSql } from './useSearch';

// What a search found, with the values it asked for.
export function Results({ search, selected, onSelect }: {
  search: Search; selected: string | null; onSelect: (id: string) => void;
}): ReactNode {
  const t = words.use();
  const tm = manyWords.use();
  const nameOfModel = useModelName();
  const may = useMay('operator');
  const [setting, setSetting] = useState(false);
  const scroll = useRef<HTMLDivElement>(null);
  const { items, scanned, state, error, more } = useScan(search);
  const virtual = useVirtualizer({
    count: items.length, getScrollElement: () => scroll.current, estimateSize: () => 46,
    overscan: 8,
  });
  return (
    <>
      <div className={styles.sideRow} style={{ padding: '0 12px 6px' }} role="status">
        <span className={styles.hint}>
          {state === 'running' ? t('searching', { count: scanned })
            : t('hits', { count: items.length, scanned })}
        </span>
        {state === 'paused' && (
          <Button size="compact-xs" variant="default" onClick={more}>{t('searchMore')}</Button>)}
        <span className={styles.spring} />
        {may && items.length > 0 && state !== 'running' && (
          <Button size="compact-xs" variant="default" onClick={() => setSetting(true)}>
            {tm('setThese')}</Button>)}
      </div>
      {setting && <ManyOfMany twins={items} onClose={() => setSetting(false)} />}
      {error !== null && <div style={{ padding: '0 12px' }}><ProblemAlert error={error} /></div>}
      <div className={styles.hits} ref={scroll}>
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const twin = items[item.index];
            if (!twin) return null;
            return (
              <button type="button" key={twin.id} className={styles.hit}
                aria-current={twin.id === selected}
                style={{ transform: `translateY(${item.start}px)` }}
                onClick={() => onSelect(twin.id)}>
                <div>{nameOf(twin)}</div>
                <div className={styles.hitSub}>
                  <span>{nameOfModel(twin.model)}</span>
                  {search.conditions.map(({ path }) => (
                    <span key={path}>{path} <ShownValue value={plain(twin.properties[path]?.value)}
                      unit={twin.properties[path]?.unit}
                      trust={trustOfTwin(twin.properties[path], false)} /></span>))}
                  {search.conditions.length === 0 && <span>{twin.id}</span>}
                </div>
              </button>);
          })}
        </div>
      </div>
    </>
  );
}

// SQL over the twins; an id or twin column leads to the twin.
export function SqlResults({ sql, onSelect }: {
  sql: string | null; onSelect: (id: string) => void;
}): ReactNode {
  const t = words.use();
  const answer = useSql(sql);
  if (!sql) return <p className={styles.hint} style={{ padding: '0 12px' }}>{t('sqlEnter')}</p>;
  if (answer.isError)
    return <div style={{ padding: '0 12px' }}><ProblemAlert error={answer.error} /></div>;
  if (!answer.data)
    return <p className={styles.hint} style={{ padding: '0 12px' }}>{t('sqlRunning')}</p>;
  const { columns, rows, cut } = answer.data;
  return (
    <>
      <div className={styles.hint} style={{ padding: '0 12px 6px' }}>
        {t('sqlRows', { count: rows.length })}{cut ? ` · ${t('sqlCut')}` : ''}
      </div>
      <div className={styles.sqlTable}>
        <table aria-label={t('search')}>
          <thead><tr>{columns.map((one) => <th key={one.name} scope="col">{one.name}</th>)}</tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={index}>
                {columns.map((column, at) => {
                  const text = String(plain(row[at]) ?? '–');
                  const leads = ['id', 'twin', 'source', 'target'].includes(column.name);
                  return (
                    <td key={column.name}>
                      {leads ? <button type="button" className={styles.linkish}
                        onClick={() => onSelect(text)}>{text}</button> : text}
                    </td>);
                })}
              </tr>))}
          </tbody>
        </table>
      </div>
    </>
  );
}
