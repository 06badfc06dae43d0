import { ActionIcon, Button, CloseButton } from '@mantine/core';
import { PenLine } from 'lucide-react';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { useMay } from '~/lib/session';
import { formatTime, useZone } from '~/lib/time';
import { Bar, ProblemAlert, ShownValue, Sparkline, State } from '~/ui';
import { shortModel, trustOfTwin, useOrders, useShape, useTwin, plain, type Slot,
  type TwinValue } from '../twin/data';
import { AskForm, type Ask } from '../twin/detail/AskForm';
import { useTwinStream } from '../twin/useTwinStream';
import { words as twinWords } from '../twin/words';
import type { Trouble } from './contract';
import styles from './plant.module.css';
import { words } from './words';

const ordersShown = 4;

// What one sees at the equipment: its values with their last hour and limits, what may be set, and
// how the last orders ended. Nothing is done until the plant has read it back.
export function Faceplate({ twin: id, name, trouble, at, onClose }: {
  twin: string | undefined; name: string; trouble: Trouble | undefined;
  at: number | null; // the moment of a replay
  onClose: () => void;
}): ReactNode {
  const t = words.use();
  const zone = useZone();
  return (
    <aside className={styles.face} aria-label={t('faceplate', { name })}>
      <div className={styles.faceHead}>
        <div>
          <h2>{name}</h2>
          {id && <span className="hw-dim hw-mono">{id}</span>}
        </div>
        <CloseButton aria-label={t('close')} onClick={onClose} />
      </div>
      {at !== null && <State kind="note">{t('replayOf', { time: formatTime(at, 'minute', zone) })}
      </State>}
      {trouble && (
        <div className={styles.trouble} data-kind={trouble.kind} role="status">
          <State kind={trouble.kind}>{trouble.text}</State>
        </div>)}
      {id ? <Body id={id} at={at} /> : <p className="hw-dim">{t('noTwin')}</p>}
    </aside>
  );
}

// The values at a moment of the past, by the minute; the ones before stay until they are read.
function usePast(id: string, at: number | null): Record<string, TwinValue> | null {
  const minute = at === null ? null : new Date(Math.floor(at / 60e3) * 60e3).toISOString();
  const past = useTwin(minute === null ? null : id, minute);
  const [last, setLast] = useState<Record<string, TwinValue> | null>(null);
  useEffect(() => {
    if (past.data) setLast(past.data.properties);
  }, [past.data]);
  return minute === null ? null : last ?? {};
}

function Body({ id, at }: { id: string; at: number | null }): ReactNode {
  const t = words.use();
  const twin = useTwin(id);
  const shape = useShape(twin.data?.model);
  const stream = useTwinStream(twin.data);
  const past = usePast(id, at);
  const replaying = past !== null;
  const values = past ?? stream.values;
  const down = !replaying && stream.down;
  const may = useMay('operator') && !replaying;
  const [ask, setAsk] = useState<Ask | null>(null);
  const slots = shape.data?.slots;
  const { moving, settable } = useMemo(() => ({
    moving: (slots ?? []).filter((slot) => {
      const value = values[slot.path];
      return value && value.origin !== 'none' && value.origin !== 'fixed';
    }),
    settable: (slots ?? []).filter((slot) => slot.writable && !slot.fixed
      && values[slot.path]?.origin === 'point'),
  }), [slots, values]);
  if (twin.isError) return <ProblemAlert error={twin.error} retry={() => void twin.refetch()} />;
  if (!twin.data) return null;
  const points = moving.map((slot) => values[slot.path]?.point).filter(Boolean) as string[];
  const commands = shape.data?.commands ?? [];
  return (
    <>
      <div className={styles.links}>
        <span className="hw-dim">{shortModel(twin.data.model)}</span>
        <Link to={`/twin?id=${encodeURIComponent(id)}`}>{t('allOf')}</Link>
        {points.length > 0 && (
          <Link to={`/trends?pens=${points.slice(0, 8).map(encodeURIComponent).join(',')}`}>
            {t('trend')}
          </Link>)}
      </div>
      <section aria-label={t('main')}>
        {moving.length === 0 && <p className="hw-dim">{t('noMain')}</p>}
        {moving.map((slot) => (
          <ValueRow key={slot.path} slot={slot} value={values[slot.path]} down={down}
            replaying={replaying}
            onSet={may && settable.includes(slot)
              ? () => setAsk({ kind: 'desired', slot }) : undefined} />))}
      </section>
      {commands.length > 0 && (
        <section>
          <h3>{t('commands')}</h3>
          <div className={styles.buttons}>
            {commands.map((command) => (
              <Button key={command.name} size="compact-sm" variant="default" disabled={!may}
                title={command.description} onClick={() => setAsk({ kind: 'command', command })}>
                {command.displayName ?? command.name}
              </Button>))}
          </div>
        </section>)}
      {!may && (settable.length > 0 || commands.length > 0) && !replaying && (
        <p className="hw-dim">{t('needOperator')}</p>)}
      {!replaying && <Orders id={id} />}
      {ask && <AskForm twin={twin.data} ask={ask} values={values} down={down}
        onClose={() => setAsk(null)} />}
    </>
  );
}

function ValueRow({ slot, value, down, replaying, onSet }: {
  slot: Slot; value: TwinValue | undefined; down: boolean; replaying: boolean;
  onSet?: () => void;
}): ReactNode {
  const t = words.use();
  const name = slot.displayName ?? slot.path;
  const ranged = slot.minimum !== undefined && slot.maximum !== undefined;
  const number = typeof value?.value === 'number' ? value.value : undefined;
  return (
    <div className={styles.row}>
      <span className={styles.name} title={slot.description}>{name}</span>
      <span className={styles.buttons}>
        <ShownValue value={plain(value?.value)} unit={value?.unit} quality={value?.quality}
          trust={trustOfTwin(value, down)} />
        {onSet && (
          <ActionIcon size="sm" variant="default" aria-label={t('set', { name })}
            title={t('set', { name })} onClick={onSet}><PenLine size={13} /></ActionIcon>)}
      </span>
      {number !== undefined && (ranged || (value?.point && !replaying)) && (
        <span className={styles.under}>
          {value?.point && !replaying ? <Sparkline point={value.point} width={210} height={24}
            low={slot.minimum} high={slot.maximum} /> : <span />}
          {ranged && <Bar value={number} min={slot.minimum ?? 0} max={slot.maximum ?? 1}
            width={110} trust={trustOfTwin(value, down)} />}
        </span>)}
    </div>
  );
}

function Orders({ id }: { id: string }): ReactNode {
  const t = words.use();
  const say = twinWords.use();
  const orders = useOrders(id).data;
  if (!orders?.length) return null;
  const kinds: Record<string, 'ok' | 'busy' | 'warn'> = {
    applied: 'ok', done: 'ok', pending: 'busy', sent: 'busy', accepted: 'busy',
  };
  return (
    <section>
      <h3>{t('orders')}</h3>
      {orders.slice(0, ordersShown).map((one) => (
        <div key={one.id} className={styles.row}>
          <span className={styles.name}>
            {one.path ?? one.command}{one.reason ? ` · ${one.reason}` : ''}
          </span>
          <State kind={kinds[one.state] ?? 'warn'} title={one.detail}>
            {say(`order_${one.state}` as Parameters<typeof say>[0])}
          </State>
        </div>))}
    </section>
  );
}
