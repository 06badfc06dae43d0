import { Button, Skeleton } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { query, seg, sendJson } from '~/lib/api';
import { formatTime, parseTime, useZone } from '~/lib/time';
import styles from '~/pages/gateway/gateway.module.css';
import { ProblemAlert, State } from '~/ui';
import { list, type SessionEntry } from './model';
import { words } from './words';

// The browser and system of an agent's long line.
export function agentText(agent: string): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari|curl|headworks)\/([\d]+)/.exec(
    agent.replace(/.*(Edg\/|OPR\/)/, '$1'));
  const system = /Windows|Android|iPhone|iPad|Mac OS X|Linux/.exec(agent)?.[0];
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera' };
  const shown = browser ? `${names[browser[1] ?? ''] ?? browser[1]} ${browser[2]}` : '';
  return [shown, system].filter(Boolean).join(', ') || agent.slice(0, 40) || '–';
}

// Sessions: one's own, or with `user` another's (administrators).
export function UserSessions({ user }: { user?: string }): ReactNode {
  const t = words.use();
  const zone = useZone();
  const client = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const sessions = useQuery({
    queryKey: ['system', 'sessions', user ?? ''],
    queryFn: ({ signal }) =>
      list<SessionEntry>(`/api/v1/sessions${query({ user })}`, signal),
  });
  const end = (ended: SessionEntry[]) => {
    Promise.all(ended.map((one) => sendJson('DELETE', `/api/v1/sessions/${seg(one.id)}`)))
      .then(() => setError(null), setError)
      .finally(() => client.invalidateQueries({ queryKey: ['system', 'sessions'] }));
  };
  const others = sessions.data?.filter((one) => !one.current) ?? [];
  if (sessions.isError) return <ProblemAlert error={sessions.error} />;
  if (!sessions.data) return <Skeleton height={60} />;
  return (
    <div>
      <div className={styles.bar}>
        <span style={{ fontWeight: 600, fontSize: 13 }}>{t('sessions')}</span>
      </div>
      {sessions.data.length === 0 && <span className={styles.dim}>{t('noSessions')}</span>}
      {sessions.data.length > 0 && (
        <table className={`${styles.plain} ${styles.lined}`} style={{ fontSize: 13 }}>
          <thead><tr><th>{t('browser')}</th><th>{t('address')}</th><th>{t('lastUsed')}</th>
            <th>{t('ends')}</th><th /></tr></thead>
          <tbody>
            {sessions.data.map((one) => (
              <tr key={one.id}>
                <td title={one.agent}>{agentText(one.agent)}</td>
                <td className="hw-mono">{one.address}</td>
                <td>{formatTime(parseTime(one.last_used), 'full', zone)}</td>
                <td>{formatTime(parseTime(one.expires), 'full', zone)}</td>
                <td className={styles.num}>{one.current
                  ? <State kind="ok">{t('thisOne')}</State>
                  : <Button size="compact-xs" variant="default" onClick={() => end([one])}>
                    {t('endSession')}</Button>}</td>
              </tr>))}
          </tbody>
        </table>)}
      {others.length > 1 && (
        <Button size="compact-xs" variant="default" mt={6} onClick={() => end(others)}>
          {t(user ? 'endAll' : 'endOthers')}</Button>)}
      <ProblemAlert error={error} />
    </div>
  );
}
