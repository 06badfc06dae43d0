import { Button, Select } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode } from 'react';
import { getJson, query } from '~/lib/api';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { ProblemAlert } from '~/ui';
import { plain, twinUrl, type Page } from '../data';
import { useUrl } from '../state';
import styles from '../twin.module.css';
import { words } from '../words';

interface PastEvent {
  time: string;
  twin: string;
  kind: string;
  path: string | null;
  actor: string | null;
  before: unknown;
  after: unknown;
  result: string;
  detail: string | null;
}

// What happened to the twin, newest first.
export function EventsList({ id }: { id: string }): ReactNode {
  const t = words.use();
  const zone = useZone();
  const url = useUrl();
  const from = url.get('from') ?? 'now-7d';
  const events = useInfiniteQuery({
    queryKey: ['twin-events', id, from],
    queryFn: ({ pageParam, signal }) => getJson<Page<PastEvent>>(
      twinUrl(id, `/events${query({ from, limit: 100, cursor: pageParam })}`), { signal }),
    initialPageParam: '', getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = events.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className={styles.section}>
      <div className={styles.toolbar} style={{ marginBottom: 8 }}>
        <Select size="xs" aria-label={t('from')} value={from} w={140}
          onChange={(next) => url.set({ from: next })}
          data={[...new Set(['now-1h', 'now-1d', 'now-7d', 'now-30d', from])]} />
      </div>
      <ProblemAlert error={events.error} />
      {!events.isPending && rows.length === 0 && <p className="hw-dim">{t('noEvents')}</p>}
      {rows.length > 0 && (
        <div className={styles.tableScroll}>
          <table className={styles.table}>
            <thead><tr>
              <th scope="col">{t('time')}</th><th scope="col">{t('what')}</th>
              <th scope="col">{t('property')}</th><th scope="col">{t('before')}</th>
              <th scope="col">{t('after')}</th><th scope="col">{t('who')}</th>
              <th scope="col">{t('result')}</th>
            </tr></thead>
            <tbody>
              {rows.map((one, index) => (
                <tr key={`${one.time} ${index}`}>
                  <td className={styles.tight}>{formatTime(parseTime(one.time), 'full', zone)}</td>
                  <td className={`${styles.tight} hw-mono`}>{one.kind}</td>
                  <td className="hw-mono">{one.path}</td>
                  <td className="hw-mono">{String(plain(one.before) ?? '')}</td>
                  <td className="hw-mono">{String(plain(one.after) ?? '')}</td>
                  <td className={styles.tight}>{one.actor || t('nobody')}</td>
                  <td>{one.result === 'ok' ? '✓' : `✕ ${one.result}`}
                    {one.detail ? ` ${one.detail}` : ''}</td>
                </tr>))}
            </tbody>
          </table>
        </div>)}
      {events.hasNextPage && (
        <Button mt={8} size="xs" variant="default" loading={events.isFetchingNextPage}
          onClick={() => void events.fetchNextPage()}>{t('older')}</Button>)}
    </section>
  );
}
