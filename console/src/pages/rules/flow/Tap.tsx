import { ActionIcon, Button, Group, Select, Switch, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { Fragment, useState, type ReactNode } from 'react';
import { getJson, send, sendJson } from '~/lib/api';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { ProblemAlert } from '~/ui';
import { rulePath, type Rule } from '../data';
import { sayProblem } from '../notify';
import { RowsTable } from '../parts/RowsTable';
import styles from '../rules.module.css';
import { words } from '../words';
import { orderBody, rowOf, tapRows, type TapOrder, type TapRow, type TapTarget, type Traces }
  from './taps';

const shownEvents = 100;

// What runs along one line of the flow, from the server's trace of the rule.
export function Tap({ target, rule, dirty, fromName, toName, order, onOrder, onClose }: {
  target: TapTarget; rule: Rule | null; dirty: boolean; fromName: string; toName: string;
  order: TapOrder; onOrder: (order: TapOrder) => void; onClose: () => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [only, setOnly] = useState(false);
  const path = `${rulePath(rule?.id ?? '')}/trace`;
  const key = ['trace', rule?.id];
  const usable = rule !== null && !dirty && rule.status === 'running';
  const traces = useQuery({
    queryKey: key, queryFn: () => getJson<Traces>(path), enabled: usable, staleTime: 0,
    refetchInterval: (state) => (state.state.data?.running ? 1000 : false),
  });
  const again = () => client.invalidateQueries({ queryKey: key });
  const start = () => sendJson('POST', path, orderBody(order)).then(again).catch(sayProblem);
  const stop = () => send(path, { method: 'DELETE' }).then(again).catch(sayProblem);
  const data = traces.data;
  const rows = data ? tapRows(data.traces, target) : [];
  const shown = (only ? rows.filter((row) => row.passed) : rows).slice(-shownEvents).reverse();
  const running = Boolean(data?.running);
  return (
    <section className={styles.tap} aria-label={t('tap', { from: fromName, to: toName })}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}>
      <Group gap="xs">
        <strong>{t('tap', { from: fromName, to: toName })}</strong>
        {usable && data && (running || rows.length > 0) && (
          <span className="hw-dim" role="status">{running
            ? t('tapRunning', { left: data.left }) : t('tapEnded')}</span>)}
        <ActionIcon ml="auto" size="sm" variant="subtle" color="gray" aria-label={t('close')}
          onClick={onClose}><X size={15} /></ActionIcon>
      </Group>
      {usable && (
        <Group gap="xs" my={6}>
          {running
            ? <Button size="compact-xs" variant="default" onClick={() => void stop()}>
              {t('tapStop')}</Button>
            : <Button size="compact-xs" onClick={() => void start()}>{t('tapStart')}</Button>}
          <Select size="xs" w={120} aria-label={t('tapEvents')} disabled={running}
            value={String(order.events)} allowDeselect={false}
            onChange={(value) => onOrder({ ...order, events: Number(value) })}
            data={[20, 100, 1000].map((count) => (
              { value: String(count), label: t('tapCount', { count }) }))} />
          <TextInput size="xs" w={170} placeholder={t('tapTopic')} aria-label={t('tapTopic')}
            disabled={running} value={order.topic} spellCheck={false}
            onChange={(event) => onOrder({ ...order, topic: event.currentTarget.value })} />
          <TextInput size="xs" w={130} placeholder={t('tapClient')} aria-label={t('tapClient')}
            disabled={running} value={order.clientid} spellCheck={false}
            onChange={(event) => onOrder({ ...order, clientid: event.currentTarget.value })} />
          <Switch size="xs" label={t('tapOnly')} checked={only}
            onChange={(event) => setOnly(event.currentTarget.checked)} />
        </Group>)}
      {!usable && <p className={styles.note}>{t('tapUnsaved')}</p>}
      <ProblemAlert error={traces.error} />
      {usable && shown.length === 0 && <p className={styles.note}>{t('tapNone')}</p>}
      {shown.length > 0 && <TapTable rows={shown} />}
    </section>
  );
}

// One line an event; opened, it shows the event and the rows that came of it here.
function TapTable({ rows }: { rows: TapRow[] }): ReactNode {
  const t = words.use();
  const zone = useZone();
  const [open, setOpen] = useState('');
  const brief = (row: TapRow) => {
    const [one] = row.rows;
    if (!one) return '';
    const more = row.rows.length > 1 ? ` +${row.rows.length - 1}` : '';
    return JSON.stringify(one) + more;
  };
  return (
    <table className={styles.result}>
      <thead><tr>
        <th scope="col">{t('rowTime')}</th><th scope="col">{t('tapOutcome')}</th>
        <th scope="col">{t('tapRow')}</th><th scope="col">{t('tapEvent')}</th>
      </tr></thead>
      <tbody>
        {rows.map((row) => (
          <Fragment key={row.key}>
            <tr>
              <td className="hw-num hw-dim">
                <button type="button" className={styles.fold} aria-expanded={open === row.key}
                  onClick={() => setOpen(open === row.key ? '' : row.key)}>
                  {open === row.key ? '▾' : '▸'}{' '}
                  {formatTime(parseTime(row.time), 'clock', zone)}</button></td>
              <td title={row.outcome}>{row.passed ? `● ${t('passedOn')}`
                : `○ ${t('notPassed')}`}</td>
              <td className={styles.mono} title={brief(row)}>{brief(row)}</td>
              <td className={`${styles.mono} hw-dim`} title={row.event}>{row.event}</td>
            </tr>
            {open === row.key && (
              <tr><td colSpan={4} className={styles.unfolded}>
                <div className="hw-dim">{t('tapEvent')}</div>
                <RowsTable rows={[rowOf(row.event)]} label={t('tapEvent')} />
                <div className="hw-dim">{t('tapHere')}{row.outcome && ` (${row.outcome})`}</div>
                {row.rows.length > 0 ? <RowsTable rows={row.rows} label={t('tapHere')} />
                  : <p className={styles.note}>{t('noRowsHere')}</p>}
              </td></tr>)}
          </Fragment>))}
      </tbody>
    </table>
  );
}
