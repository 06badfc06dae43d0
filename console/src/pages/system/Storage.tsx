import { Button, Group, Skeleton, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { query, sendJson } from '~/lib/api';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { formatNumber } from '~/lib/units';
import { bytesText } from '~/pages/gateway/DeviceState';
import styles from '~/pages/gateway/gateway.module.css';
import { Figure } from '~/pages/gateway/parts';
import { CopyCode, ProblemAlert, State } from '~/ui';
import { forecastOf } from './checks';
import { Largest } from './Largest';
import { fullness, useFacts } from './model';
import { NeedsRole } from './NeedsRole';
import { words, type T } from './words';

interface Job {
  kind: 'backup' | 'compact';
  answer: string;
}

// As a shell takes it for one word.
export const shellWord = (text: string): string =>
  (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function Jobs(): ReactNode {
  const t = words.use();
  const [folder, setFolder] = useState('');
  const [busy, setBusy] = useState<Job['kind'] | null>(null);
  const [done, setDone] = useState<Job | null>(null);
  const [error, setError] = useState<unknown>(null);
  const wanted = shellWord(folder.trim() || '/backups/monday');
  const run = async (kind: Job['kind']) => {
    setBusy(kind);
    setDone(null);
    setError(null);
    try {
      const path = kind === 'backup'
        ? `/api/v1/backup${query({ folder: folder.trim() })}` : '/api/v1/compact';
      const answer = await sendJson<Record<string, unknown> | undefined>('POST', path);
      setDone({ kind, answer: Object.entries(answer ?? {})
        .map(([name, value]) => `${name.replaceAll('_', ' ')}: ${String(value)}`).join(', ') });
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(null);
    }
  };
  return (
    <>
      <section className={`hw-panel ${styles.panel}`}>
        <h2>{t('backup')}</h2>
        <p className={styles.dim} style={{ margin: '0 0 8px' }}>{t('backupHelp')}</p>
        <form onSubmit={(event) => {
          event.preventDefault();
          if (folder.trim() && !busy) void run('backup');
        }}>
          <Group gap="xs" align="flex-end">
            <TextInput size="xs" w={360} label={t('folder')} placeholder="/backups/monday"
              value={folder} spellCheck={false}
              onChange={(event) => setFolder(event.currentTarget.value)} />
            <Button type="submit" size="xs" loading={busy === 'backup'}
              disabled={!folder.trim() || busy !== null}>{t('backUp')}</Button>
          </Group>
        </form>
        <h3 style={{ marginTop: 14 }}>{t('backupRestore')}</h3>
        <ol style={{ margin: '0 0 10px', paddingLeft: 20, display: 'grid', gap: 6 }}>
          <li>{t('restoreStop')}</li>
          <li>{t('restoreRun')}
            <CopyCode code={`headworks restore ${wanted} --data ./data-restored`} /></li>
          <li>{t('restoreStart')}
            <CopyCode code="headworks serve --data ./data-restored" /></li>
        </ol>
        <h3>{t('backupDaily')}</h3>
        <p className={styles.dim} style={{ margin: '0 0 6px' }}>{t('backupDailyHelp')}</p>
        <CopyCode code={'0 3 * * * headworks backup /backups/$(date +\\%F)'} />
      </section>
      <section className={`hw-panel ${styles.panel}`}>
        <h2>{t('compact')}</h2>
        <p className={styles.dim} style={{ margin: '0 0 8px' }}>{t('compactHelp')}</p>
        <Button size="xs" variant="default" loading={busy === 'compact'} disabled={busy !== null}
          onClick={() => void run('compact')}>{t('compactNow')}</Button>
      </section>
      <div aria-live="polite">
        {done && (
          <State kind="ok">{t(done.kind === 'backup' ? 'backupDone' : 'compactDone')}
            {done.answer && <span className={styles.dim}>{done.answer}</span>}</State>)}
        <ProblemAlert error={error} />
      </div>
    </>
  );
}

const yearDays = 365;

// Nobody plans by a forecast of more than ten years.
const daysText = (t: T, days: number): string =>
  (Number.isNaN(days) ? '–'
    : days > 10 * yearDays ? t('yearsOver', { count: 10 })
      : days > 2 * yearDays ? t('yearsAbout', { count: Math.floor(days / yearDays) })
        : t('daysAbout', { count: Math.floor(days) }));

export function Storage(): ReactNode {
  const t = words.use();
  const zone = useZone();
  const facts = useFacts();
  if (facts.isError && !facts.data)
    return <ProblemAlert error={facts.error} retry={() => void facts.refetch()} />;
  if (!facts.data) return <Skeleton height={200} />;
  const { storage, history } = facts.data;
  const disk = fullness(storage.disk_total_bytes - storage.disk_free_bytes,
    storage.disk_total_bytes);
  const forecast = forecastOf(facts.data, parseTime(facts.data.time));
  return (
    <div className={`${styles.page} ${styles.scroll}`} tabIndex={0}>
      <dl className={styles.figures} style={{ margin: 0 }}>
        <Figure label={t('data')} title={storage.folder}>{bytesText(storage.data_bytes)}</Figure>
        <Figure label={t('diskFull')} title={bytesText(storage.disk_total_bytes)}>
          <State kind={disk.kind}>{formatNumber(disk.share * 100, 1)} %</State></Figure>
        <Figure label={t('perDay')} title={t('forecastHelp')}>
          {Number.isNaN(forecast.perDay) ? '–' : bytesText(forecast.perDay)}</Figure>
        <Figure label={t('diskLasts')} title={t('forecastHelp')}>
          <State kind={forecast.days < 30 ? 'warn' : 'ok'}>{daysText(t, forecast.days)}</State>
        </Figure>
        <Figure label={t('diskFree')}>{bytesText(storage.disk_free_bytes)}</Figure>
        <Figure label={t('journal')}>{bytesText(history.journal_bytes)}</Figure>
        <Figure label={t('chunks')}>{bytesText(history.chunk_bytes)}</Figure>
        <Figure label={t('oldest')}>
          {formatTime(parseTime(history.oldest_sample), 'date', zone)}</Figure>
      </dl>
      <section className={`hw-panel ${styles.panel}`}>
        <h2>{t('retention')}</h2>
        <p className={styles.dim} style={{ margin: 0 }}>{t('inFolder')}{' '}
          <span className="hw-mono">{storage.folder}</span></p>
        {history.retention.length === 0 ? <p style={{ margin: '6px 0 0' }}>{t('keepsAll')}</p> : (
          <table className={`${styles.plain} ${styles.lined}`}>
            <thead><tr><th>{t('filter')}</th><th>{t('keep')}</th></tr></thead>
            <tbody>{history.retention.map((rule) => (
              <tr key={rule.filter}><td className="hw-mono">{rule.filter}</td>
                <td>{rule.keep}</td></tr>))}</tbody>
          </table>)}
      </section>
      <NeedsRole role="administrator"><Jobs /></NeedsRole>
      <Largest />
    </div>
  );
}
