import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { getJson } from '~/lib/api';
import { SearchBox } from '~/pages/gateway/parts';
import { useParams } from '~/pages/gateway/useParam';
import { ProblemAlert } from '~/ui';
import { grouped, matches, operationsOf, type ApiDocument } from './model';
import { OperationView } from './OperationView';
import styles from './reference.module.css';
import { words } from './words';

// The API as the server describes it: every operation with its parameters, body, answers and role.
export default function Reference(): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const document = useQuery({
    queryKey: ['openapi'], queryFn: () => getJson<ApiDocument>('/openapi.json'),
    staleTime: Infinity,
  });
  const all = useMemo(() => (document.data ? operationsOf(document.data) : []), [document.data]);
  const find = get('q');
  const groups = useMemo(() => grouped(all.filter((one) => matches(one, find))), [all, find]);
  const chosen = all.find((one) => one.id === get('op'));
  if (document.isError) return <ProblemAlert error={document.error} />;
  if (!document.data) return <Skeleton height={320} />;
  const count = groups.reduce((sum, [, list]) => sum + list.length, 0);
  return (
    <div className={styles.page}>
      <div className={styles.side}>
        <SearchBox value={find} onChange={(text) => set({ q: text })} label={t('find')} />
        <div className={styles.dim} role="status" style={{ fontSize: 12 }}>
          {count ? t('count', { count }) : t('nothing')}</div>
        <nav className={`hw-panel ${styles.list}`} aria-label={t('list')}>
          {groups.map(([group, list]) => (
            <section key={group}>
              <h3>{group === '/' ? t('others') : group}</h3>
              {list.map((one) => (
                <button key={one.id} type="button" className={styles.row} title={one.summary}
                  aria-current={one.id === chosen?.id} onClick={() => set({ op: one.id }, true)}>
                  <span className={styles.method}>{one.method}</span>
                  <span className={styles.path}>{one.path.replace('/api/v1', '')}</span>
                </button>))}
            </section>))}
        </nav>
      </div>
      <div className={`hw-panel ${styles.detail}`} tabIndex={0}>
        {chosen ? <OperationView key={chosen.id} document={document.data} one={chosen} /> : (
          <>
            <h2>{document.data.info.title} {document.data.info.version}</h2>
            <p className={styles.sub}>{t('intro')}</p>
            <p className={styles.sub} lang="en">{document.data.info.description}</p>
            <p className={styles.sub}>{t('choose')}</p>
          </>)}
      </div>
    </div>
  );
}
