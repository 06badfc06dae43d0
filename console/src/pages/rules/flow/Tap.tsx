import { ActionIcon, Button, Group, Switch } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { getJson, send, sendJson } from '~/lib/api';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { ProblemAlert } from '~/ui';
import { rulePath, type Rule } from '../data';
import { sayProblem } from '../notify';
import styles from '../rules.module.css';
import { words } from '../words';
import { tapRows, type TapTarget, type Traces } from './taps';

// What runs along one line of the flow, from the server's trace of the rule.
export function Tap({ target, rule, dirty, fromName, toName, onClose }: {
  target: TapTarget; rule: Rule | null; dirty: boolean;
  fromName: string; toName: string; onClose: () => void;
}): ReactNode {
  const t = words.use();
  const zone = useZone();
  const client = useQueryClient();
  const [only, setOnly] = useState(false);
  const path = `${rulePath(rule?.id ?? '')}/trace`;
  const key = ['trace', rule?.id];
  const usable = rule !== null && !dirty && rule.status === 'running';
  const traces = useQuery({
    queryKey: key, queryFn: () => getJson<Traces>(path), enabled: usable, staleTime: 0,
    refetchInterval: (state) => (state.state.data?.running ? 1000 : false),
  });
  const start = () => sendJson('POST', path, { events: 100, duration: '1m' })
    .then(() => client.invalidateQueries({ queryKey: key })).catch(sayProblem);
  const stop = () => send(path, { method: 'DELETE' })
    .then(() => client.invalidateQueries({ queryKey: key })).catch(sayProblem);
  const data = traces.data;
  const rows = data ? tapRows(data.traces, target) : [];
  const shown = (only ? rows.filter((row) => row.passed) : rows).slice(-100).reverse();
  return (
    <section className={styles.tap} aria-label={t('tap', { from: fromName, to: toName })}>
      <Group gap="xs">
        <strong>{t('tap', { from: fromName, to: toName })}</strong>
        {usable && (data?.running
          ? <Button size="compact-xs" variant="default" onClick={() => void stop()}>
            {t('tapStop')}</Button>
          : <Button size="compact-xs" onClick={() => void start()}>{t('tapStart')}</Button>)}
        {usable && data && (data.running || rows.length > 0) && (
          <span className="hw-dim" role="status">{data.running
            ? t('tapRunning', { left: data.left }) : t('tapEnded')}</span>)}
        <Switch size="xs" label={t('tapOnly')} checked={only}
          onChange={(event) => setOnly(event.currentTarget.checked)} />
        <ActionIcon ml="auto" size="sm" variant="subtle" color="gray" aria-label={t('close')}
          onClick={onClose}><X size={15} /></ActionIcon>
      </Group>
      {!usable && <p className={styles.note}>{t('tapUnsaved')}</p>}
      <ProblemAlert error={traces.error} />
      {usable && shown.length === 0 && <p className={styles.note}>{t('tapNone')}</p>}
      {shown.length > 0 && (
        <table className={styles.result}>
          <thead><tr>
            <th scope="col">{t('rowTime')}</th><th scope="col">{t('tapOutcome')}</th>
            <th scope="col">{t('tapEvent')}</th><th scope="col">{t('tapRow')}</th>
          </tr></thead>
          <tbody>
            {shown.map((row, index) => (
              <tr key={`${row.key}/${index}`}>
                <td className="hw-num hw-dim">{formatTime(parseTime(row.time), 'clock', zone)}</td>
                <td title={row.outcome}>{row.passed ? `● ${t('passedOn')}`
                  : `○ ${t('notPassed')}`}</td>
                <td className={styles.mono} title={row.event}>{row.event}</td>
                <td className={styles.mono} title={row.row}>{row.row}</td>
              </tr>))}
          </tbody>
        </table>)}
    </section>
  );
}
