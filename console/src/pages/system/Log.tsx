import { Button, SegmentedControl } from '@mantine/core';
import { Download } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { getJson, query } from '~/lib/api';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { save } from '~/pages/gateway/flaws';
import styles from '~/pages/gateway/gateway.module.css';
import { SearchBox } from '~/pages/gateway/parts';
import { useParams } from '~/pages/gateway/useParam';
import { ProblemAlert, State, type StateKind } from '~/ui';
import type { LogLine } from './model';
import { words } from './words';

const levels = ['debug', 'info', 'warning', 'error'] as const;
const kinds: Record<LogLine['level'], StateKind> = {
  debug: 'idle', info: 'ok', warning: 'warn', error: 'alarm',
};
export const keptLines = 2000;
const askEveryMs = 2000;
const atEndPixels = 40;

// What came is put behind what is there; a server that began anew counts from one again.
export function joined(old: LogLine[], more: LogLine[]): LogLine[] {
  const last = old[old.length - 1]?.number ?? 0;
  const fresh = more.filter((line) => line.number > last);
  const anew = more.length > 0 && fresh.length === 0 && (more[0]?.number ?? 0) <= last
    && (more[more.length - 1]?.number ?? 0) < last;
  return (anew ? more : [...old, ...fresh]).slice(-keptLines);
}

function useLog(level: string, follow: boolean): { lines: LogLine[]; error: unknown } {
  const [lines, setLines] = useState<LogLine[]>([]);
  const [error, setError] = useState<unknown>(null);
  const last = useRef(0);
  useEffect(() => {
    last.current = 0;
    setLines([]);
  }, [level]);
  useEffect(() => {
    const stop = new AbortController();
    const ask = async () => {
      try {
        const page = await getJson<{ items: LogLine[]; last: number }>(
          `/api/v1/system/log${query({ level, after: last.current || undefined, limit: 1000 })}`,
          { signal: stop.signal });
        // A server that was started again: its numbers are small, so all is asked anew.
        last.current = page.last < last.current ? 0 : page.last;
        setLines((old) => joined(old, page.items));
        setError(null);
      } catch (failed) {
        if (!stop.signal.aborted) setError(failed);
      }
    };
    // One after the other: a server that answers slowly is not asked more than once at a time.
    let timer = 0;
    const loop = async () => {
      if (document.visibilityState === 'visible') await ask();
      if (follow && !stop.signal.aborted)
        timer = window.setTimeout(() => void loop(), askEveryMs);
    };
    void loop();
    return () => {
      stop.abort();
      window.clearTimeout(timer);
    };
  }, [level, follow]);
  return { lines, error };
}

export function Log(): ReactNode {
  const t = words.use();
  const zone = useZone();
  const { get, set } = useParams();
  const level = get('level') || 'info';
  const [follow, setFollow] = useState(true);
  const { lines, error } = useLog(level, follow);
  const end = useRef<HTMLDivElement>(null);
  const q = get('q').toLowerCase();
  const shown = useMemo(() => lines.filter((line) =>
    !q || `${line.room} ${line.message}`.toLowerCase().includes(q)), [lines, q]);
  // Whoever has scrolled up reads there: new lines do not pull them away.
  const [atEnd, setAtEnd] = useState(true);
  const toEnd = () => end.current?.scrollTo({ top: end.current.scrollHeight });
  useEffect(() => {
    if (follow && atEnd) toEnd();
  }, [shown, follow, atEnd]);
  const file = () => save('headworks.log', 'text/plain', `${shown.map((line) =>
    `${line.time} ${line.level} ${line.room}: ${line.message}`).join('\n')}\n`);
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <SegmentedControl size="xs" value={level} aria-label={t('level')}
          onChange={(value) => set({ level: value === 'info' ? null : value })}
          data={levels.map((value) => ({ value, label: t(`level_${value}`) }))} />
        <SearchBox value={get('q')} onChange={(text) => set({ q: text })} label={t('searchLog')} />
        <span className={styles.spring} />
        {!atEnd && <Button size="compact-sm" variant="default" onClick={toEnd}>
          {t('newest')}</Button>}
        <Button size="compact-sm" variant="default" disabled={shown.length === 0}
          leftSection={<Download size={14} />} onClick={file}>{t('saveLog')}</Button>
        <Button size="compact-sm" variant="default" aria-pressed={follow}
          onClick={() => setFollow((old) => !old)}>{follow ? t('pause') : t('follow')}</Button>
      </div>
      <ProblemAlert error={error} />
      <div className={`hw-panel ${styles.fill} ${styles.scroll}`} ref={end} tabIndex={0} role="log"
        onScroll={({ currentTarget: box }) =>
          setAtEnd(box.scrollHeight - box.scrollTop - box.clientHeight < atEndPixels)}
        aria-label={t('tab_log')}>
        <table className={`${styles.plain} ${styles.lined}`} style={{ fontSize: 13 }}>
          <tbody>
            {shown.map((line) => (
              <tr key={line.number}>
                <td className={styles.num} style={{ width: 110, textAlign: 'left' }}
                  title={line.time}>{formatTime(parseTime(line.time), 'clock', zone)}</td>
                <td style={{ width: 110 }}>
                  <State kind={kinds[line.level]}>{t(`level_${line.level}`)}</State></td>
                <td style={{ width: 120 }} className={styles.dim} lang="en">{line.room}</td>
                <td style={{ overflowWrap: 'anywhere' }} lang="en">{line.message}</td>
              </tr>))}
          </tbody>
        </table>
        {shown.length === 0 && <p className={styles.dim} style={{ padding: 12 }}>{t('noLines')}</p>}
      </div>
    </div>
  );
}
