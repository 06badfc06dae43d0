import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { getJson, query } from '~/lib/api';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { ProblemAlert } from '~/ui';
import { twinUrl, type Relationship, type TwinValue } from '../data';
import { useUrl } from '../state';
import styles from '../twin.module.css';
import { words } from '../words';
import { diffRow } from './diff';
import { DiffTable } from './PastTab';
import type { TabContext } from './TwinView';

interface DiffItem {
  twin: string;
  what: 'added' | 'removed' | 'changed';
  values?: { path: string; before: TwinValue; after: TwinValue }[];
  relationships?: { added?: Relationship[]; removed?: Relationship[] } | Relationship[];
}

interface DiffAnswer {
  from: string;
  to: string;
  items: DiffItem[];
}

// What differs of the twin, and if wanted of its parts, between two times.
export function DiffOfTimes({ twin, down, values }: TabContext): ReactNode {
  const t = words.use();
  const zone = useZone();
  const url = useUrl();
  const from = url.get('from') ?? 'now-1h';
  const to = url.get('to') ?? 'now';
  const depth = url.get('depth') ?? '0';
  const [draft, setDraft] = useState({ from, to, depth });
  // The answer has no units; those of this twin are known.
  const unitOf = (id: string, path: string) =>
    (id === twin.id ? values[path]?.unit : undefined);
  const answer = useQuery({
    queryKey: ['twin-diff', twin.id, from, to, depth],
    queryFn: ({ signal }) => getJson<DiffAnswer>(twinUrl(twin.id, `/diff${query({
      from, to, ...(Number(depth) > 0
        ? { depth: Number(depth), along: 'partOf', incoming: true } : {}),
    })}`), { signal }),
    staleTime: Infinity,
  });
  return (
    <>
      <form className={styles.toolbar} onSubmit={(event) => {
        event.preventDefault();
        url.set({ ...draft, depth: draft.depth === '0' ? null : draft.depth });
        if (draft.from === from && draft.to === to && draft.depth === depth)
          void answer.refetch();
      }}>
        <TextInput size="xs" label={t('from')} value={draft.from} w={210}
          onChange={(event) => setDraft({ ...draft, from: event.currentTarget.value })} />
        <TextInput size="xs" label={t('to')} value={draft.to} w={210}
          onChange={(event) => setDraft({ ...draft, to: event.currentTarget.value })} />
        <TextInput size="xs" label={t('depth')} value={draft.depth} w={110} inputMode="numeric"
          onChange={(event) =>
            setDraft({ ...draft, depth: event.currentTarget.value.replace(/\D/g, '') })} />
        <Button size="xs" type="submit" loading={answer.isFetching} mt={20}>{t('compare')}</Button>
      </form>
      <div style={{ marginTop: 10 }}><ProblemAlert error={answer.error} /></div>
      {answer.data?.items.length === 0 && <p className="hw-dim">{t('nothingDiffers')}</p>}
      {answer.data?.items.map((item) => (
        <div key={item.twin}>
          {(answer.data.items.length > 1 || item.twin !== twin.id || item.what !== 'changed') && (
            <h3 style={{ fontSize: 13, margin: '14px 0 0' }}>
              <span className="hw-mono">{item.twin}</span> · {t(`diff_${item.what}`)}</h3>)}
          <DiffTable onlyDifferent down={down}
            before={formatTime(parseTime(answer.data.from), 'full', zone)}
            after={formatTime(parseTime(answer.data.to), 'full', zone)}
            rows={(item.values ?? []).map((one) => diffRow(one.path,
              { ...one.before, unit: unitOf(item.twin, one.path) },
              { ...one.after, unit: unitOf(item.twin, one.path) }))} />
          {item.relationships && (
            <pre className="hw-mono">{JSON.stringify(item.relationships, null, 1)}</pre>)}
        </div>))}
    </>
  );
}
