import { Autocomplete, Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { getJson, query } from '~/lib/api';
import { formatDuration, formatTime, parseTime, useZone } from '~/lib/time';
import { formatNumber } from '~/lib/units';
import { ProblemAlert } from '~/ui';
import { twinUrl } from '../data';
import { useUrl } from '../state';
import styles from '../twin.module.css';
import { words } from '../words';
import type { TabContext } from './TwinView';

interface Interval {
  from: string;
  to: string;
  seconds: number;
}

interface WhenAnswer {
  from: string;
  to: string;
  count: number;
  seconds: number;
  held_before: boolean;
  still_holds: boolean;
  samples: number;
  error: string | null;
  intervals: Interval[];
}

// "When was the flow above 5?": the intervals, how many, how long.
export function WhenForm({ twin, shape }: TabContext): ReactNode {
  const t = words.use();
  const zone = useZone();
  const url = useUrl();
  const condition = url.get('when') ?? '';
  const from = url.get('from') ?? 'now-1d';
  const [draft, setDraft] = useState({ when: condition, from });
  const answer = useQuery({
    queryKey: ['twin-when', twin.id, condition, from],
    queryFn: ({ signal }) => getJson<WhenAnswer>(
      twinUrl(twin.id, `/when${query({ condition, from, limit: 200 })}`), { signal }),
    enabled: condition !== '', staleTime: Infinity,
  });
  const word = /[\w/]*$/.exec(draft.when)?.[0] ?? '';
  const names = (shape?.slots ?? []).map((slot) => slot.path.replace(/\//g, '.'));
  const { data } = answer;
  const start = data ? parseTime(data.from) : 0;
  const length = data ? Math.max(1, parseTime(data.to) - start) : 1;
  return (
    <>
      <form className={styles.toolbar} onSubmit={(event) => {
        event.preventDefault();
        url.set({ when: draft.when.trim(), from: draft.from });
        if (draft.when.trim() === condition) void answer.refetch();
      }}>
        <Autocomplete size="xs" label={t('condition')} w={340} value={draft.when}
          placeholder="flow > 100 AND running"
          data={word.length > 0 ? names.filter((one) => one.startsWith(word) && one !== word)
            .map((one) => draft.when.slice(0, draft.when.length - word.length) + one) : []}
          filter={({ options }) => options}
          onChange={(when) => setDraft({ ...draft, when })} />
        <TextInput size="xs" label={t('from')} w={180} value={draft.from}
          onChange={(event) => setDraft({ ...draft, from: event.currentTarget.value })} />
        <Button size="xs" mt={20} type="submit" loading={answer.isFetching}
          disabled={!draft.when.trim()}>{t('ask')}</Button>
      </form>
      <div style={{ marginTop: 10 }}><ProblemAlert error={answer.error} /></div>
      {data && (
        <section className={styles.section} style={{ marginTop: 10 }}>
          <p role="status">
            {t('whenSum', {
              count: data.count, time: formatDuration(data.seconds * 1000),
              share: formatNumber((data.seconds * 1000 / length) * 100, 1),
            })}{' '}
            {data.still_holds ? `◆ ${t('stillHolds')}` : t('holdsNot')}
            {data.held_before ? ` · ${t('heldBefore')}` : ''}
            <span className="hw-dim"> · {t('samples', { count: formatNumber(data.samples) })}</span>
          </p>
          {data.error && <p>△ {data.error}</p>}
          <svg className={styles.chart} height="22" role="img" aria-label={t('whenBar')}
            viewBox="0 0 1000 22" preserveAspectRatio="none">
            <rect x="0" y="8" width="1000" height="6" fill="var(--hw-bar-band)" />
            {data.intervals.map((one) => (
              <rect key={one.from} y="2" height="18" fill="var(--hw-accent)"
                x={((parseTime(one.from) - start) / length) * 1000}
                width={Math.max(1, (one.seconds * 1e6) / length)} />))}
          </svg>
          <table className={styles.table} style={{ marginTop: 10 }}>
            <thead><tr><th scope="col">{t('from')}</th><th scope="col">{t('to')}</th>
              <th scope="col" className={styles.num}>{t('howLong')}</th></tr></thead>
            <tbody>
              {data.intervals.map((one) => (
                <tr key={one.from}>
                  <td>{formatTime(parseTime(one.from), 'full', zone)}</td>
                  <td>{formatTime(parseTime(one.to), 'full', zone)}</td>
                  <td className={styles.num}>{formatDuration(one.seconds * 1000)}</td>
                </tr>))}
              {data.intervals.length === 0 && <tr><td colSpan={3} className="hw-dim">
                {t('neverHeld')}</td></tr>}
            </tbody>
          </table>
        </section>)}
    </>
  );
}
