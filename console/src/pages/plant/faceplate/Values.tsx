import { ActionIcon, Button } from '@mantine/core';
import { PenLine } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { useMay } from '~/lib/session';
import { useUnits, convert, formatNumber } from '~/lib/units';
import { Bar, ShownValue, SparkLine, Sparkline, State } from '~/ui';
import { plain, trustOfTwin, useOrders, type Shape, type Slot, type Twin, type TwinValue,
} from '../../twin/data';
import { AskForm, type Ask } from '../../twin/detail/AskForm';
import { stateKinds } from '../../twin/detail/orders';
import { words as twinWords } from '../../twin/words';
import { stateWord } from '../model/state';
import { words } from '../words';
import { usePastHour } from './data';
import styles from './faceplate.module.css';
import { rangeOf, type Limits } from './limits';

const ordersShown = 4;

export function Values({ twin, shape, values, limits, down, at }: {
  twin: Twin; shape: Shape | undefined; values: Record<string, TwinValue>;
  limits: ReadonlyMap<string, Limits> | undefined; down: boolean; at: number | null;
}): ReactNode {
  const t = words.use();
  const may = useMay('operator') && at === null;
  const [ask, setAsk] = useState<Ask | null>(null);
  const slots = shape?.slots;
  const { moving, settable } = useMemo(() => ({
    moving: (slots ?? []).filter((slot) => {
      const value = values[slot.path];
      return value && value.origin !== 'none' && value.origin !== 'fixed';
    }),
    settable: new Set((slots ?? []).filter((slot) => slot.writable && !slot.fixed
      && values[slot.path]?.origin === 'point').map((slot) => slot.path)),
  }), [slots, values]);
  const commands = shape?.commands ?? [];
  return (
    <>
      <section aria-label={t('main')}>
        {slots && moving.length === 0 && <p className="hw-dim">{t('noMain')}</p>}
        {moving.map((slot) => (
          <ValueRow key={slot.path} slot={slot} value={values[slot.path]} down={down} at={at}
            limits={limits?.get(slot.path)} onSet={may && settable.has(slot.path)
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
      {!may && (settable.size > 0 || commands.length > 0) && at === null && (
        <p className="hw-dim">{t('needOperator')}</p>)}
      {at === null && <Orders id={twin.id} />}
      {ask && <AskForm twin={twin} ask={ask} values={values} down={down}
        onClose={() => setAsk(null)} />}
    </>
  );
}

const spark = { width: 196, height: 24 };

function ValueRow({ slot, value, limits, down, at, onSet }: {
  slot: Slot; value: TwinValue | undefined; limits: Limits | undefined; down: boolean;
  at: number | null; onSet?: () => void;
}): ReactNode {
  const t = words.use();
  const set = useUnits();
  const name = slot.displayName ?? slot.path;
  const number = typeof value?.value === 'number' ? value.value : undefined;
  const range = rangeOf(limits, slot);
  const trust = trustOfTwin(value, down);
  const shown = typeof value?.value === 'string' ? stateWord(value.value) : plain(value?.value);
  const text = (one: number) => formatNumber(convert(one, value?.unit, set).value);
  const { low, high } = range ?? {};
  return (
    <div className={styles.row}>
      <span className={styles.name} title={slot.description}>{name}</span>
      <span className={styles.buttons}>
        <ShownValue value={shown} unit={value?.unit} quality={value?.quality} trust={trust} />
        {onSet && (
          <ActionIcon size="sm" variant="default" aria-label={t('set', { name })}
            title={t('set', { name })} onClick={onSet}><PenLine size={13} /></ActionIcon>)}
      </span>
      {number !== undefined && (range || value?.point) && (
        <span className={styles.under}>
          {value?.point ? (at === null
            ? <Sparkline point={value.point} {...spark} low={low} high={high} />
            : <PastLine point={value.point} at={at} low={low} high={high} />) : <span />}
          {range && (
            <span className={styles.range} title={low === undefined && high === undefined
              ? undefined : t('limitsOf', { low: low === undefined ? '–' : text(low),
                high: high === undefined ? '–' : text(high) })}>
              <Bar value={number} {...range} width={118} trust={trust} />
              <span className="hw-num">{text(range.min)}<span>{text(range.max)}</span></span>
            </span>)}
        </span>)}
    </div>
  );
}

function PastLine({ point, at, low, high }: {
  point: string; at: number; low?: number; high?: number;
}): ReactNode {
  const t = words.use();
  const hour = usePastHour(point, at);
  if (!hour) return <span style={spark} />;
  return <SparkLine rows={hour.rows} {...spark} from={hour.to - 3600e3} to={hour.to} low={low}
    high={high} label={`${point}, ${t('lastHour')}`} />;
}

function Orders({ id }: { id: string }): ReactNode {
  const t = words.use();
  const say = twinWords.use();
  const orders = useOrders(id).data;
  if (!orders?.length) return null;
  return (
    <section>
      <h3>{t('orders')}</h3>
      {orders.slice(0, ordersShown).map((one) => (
        <div key={one.id} className={styles.row}>
          <span className={styles.name}>
            {one.path ?? one.command}{one.reason ? ` · ${one.reason}` : ''}
          </span>
          <State kind={stateKinds[one.state] ?? 'warn'} title={one.detail}>
            {say(`order_${one.state}` as Parameters<typeof say>[0])}
          </State>
        </div>))}
    </section>
  );
}
