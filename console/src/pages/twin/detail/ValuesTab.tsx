import { ActionIcon, Switch, TextInput } from '@mantine/core';
import { useViewportSize } from '@mantine/hooks';
import { ChartLine, Calculator, Link2, PenLine, CircleDashed } from 'lucide-react';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { live } from '~/lib/live';
import { formatDuration, formatTime, parseTime, useZone } from '~/lib/time';
import { convert, formatNumber, useUnits } from '~/lib/units';
import { Bar, DataTable, ShownValue, Sparkline, type Column } from '~/ui';
import { plain, trustOfTwin, useDesired, type Slot, type TwinValue } from '../data';
import styles from '../twin.module.css';
import { words } from '../words';
import type { TabContext } from './TwinView';

const hasRange = (slot: Slot) => slot.minimum !== undefined && slot.maximum !== undefined;

// Bound to nothing, or to a point on which nothing has come. A value that was lost has a time.
export const isUnset = (value: TwinValue | undefined): boolean =>
  !value || value.origin === 'none'
  || ((value.value === null || value.value === undefined) && !value.time);

interface Row {
  slot: Slot;
  value: TwinValue | undefined;
  age: number;
  wanted: boolean;
}

const icons = { point: Link2, fixed: PenLine, derived: Calculator, none: CircleDashed };

// Rounded up to the second, by the server's clock where it is known.
export function useServerNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return now + (Number.isFinite(live.link.clockOffsetMs) ? live.link.clockOffsetMs : 0);
}

// Every property: value, age, where it comes from, its limits, its last hour.
export function ValuesTab({ twin, shape, values, down }: TabContext): ReactNode {
  const t = words.use();
  const zone = useZone();
  const units = useUnits();
  const now = useServerNow();
  const [find, setFind] = useState('');
  const [all, setAll] = useState(false);
  const [sparks, setSparks] = useState<ReadonlySet<string>>(new Set());
  const desired = useDesired(twin.id).data;
  const rows = useMemo(() => {
    const wanted = new Set((desired ?? [])
      .filter((one) => ['pending', 'sent', 'applied', 'drifted'].includes(one.state))
      .map((one) => one.path));
    const known: Slot[] = shape?.slots ?? Object.keys(values).map((path) => (
      { path, kind: 'Property', schema: '', definedIn: '' }));
    const text = find.trim().toLowerCase();
    return known.map((slot): Row => ({
      slot, value: values[slot.path], wanted: wanted.has(slot.path),
      age: now - parseTime(values[slot.path]?.time),
    })).filter(({ slot }) =>
      !text || `${slot.path} ${slot.displayName ?? ''}`.toLowerCase().includes(text));
  }, [shape, values, find, now, desired]);
  // What has no value yet is told by its number, and listed below the others where it is asked for.
  const set = rows.filter(({ value }) => !isUnset(value));
  const unset = rows.filter(({ value }) => isUnset(value));
  const open = all || find.trim() !== '' || set.length === 0;
  const range = (slot: Slot) => t('rangeBoth', {
    min: formatNumber(convert(slot.minimum ?? NaN, slot.unit, units).value),
    max: formatNumber(convert(slot.maximum ?? NaN, slot.unit, units).value),
  });
  // A narrow screen has no room for the range; there it is in the value's title.
  const { width } = useViewportSize();
  const ranged = width > 1500 && rows.some(({ slot }) => hasRange(slot));
  const columns: Column<Row>[] = [
    { id: 'name', title: t('property'), width: width > 1500 ? 320 : 205,
      sort: ({ slot }) => slot.path,
      cell: ({ slot }) => (
        <span title={[slot.path, slot.description].filter(Boolean).join(': ')}>
          {slot.displayName ?? slot.path}
          {slot.displayName && <span className={styles.sub}> {slot.path}</span>}
        </span>) },
    { id: 'value', title: t('value'), width: 132, right: true,
      sort: ({ value }) => (typeof value?.value === 'number' ? value.value : String(value?.value)),
      cell: ({ value, slot }) => (
        <span title={hasRange(slot) ? range(slot) : undefined}>
          <ShownValue value={plain(value?.value)} unit={value?.unit} quality={value?.quality}
            trust={trustOfTwin(value, down)} />
        </span>) },
    { id: 'age', title: t('age'), width: 80, right: true, sort: ({ age }) => age,
      cell: ({ value, age }) => (value?.time && value.origin !== 'fixed' ? (
        <span className="hw-dim" title={formatTime(parseTime(value.time), 'ms', zone)}>
          {formatDuration(Math.max(1000, age))}
        </span>) : <span className="hw-dim">–</span>) },
    ...(ranged ? [{ id: 'limits', title: t('limits'), width: 104,
      cell: ({ slot, value }) => (slot.minimum !== undefined && slot.maximum !== undefined
        ? <span title={range(slot)}>
          <Bar value={typeof value?.value === 'number' ? value.value : undefined}
            min={slot.minimum} max={slot.maximum} width={84}
            trust={trustOfTwin(value, down)} /></span>
        : <span className="hw-dim">–</span>) } satisfies Column<Row>] : []),
    { id: 'origin', title: t('origin'), sort: ({ value }) => value?.origin ?? '',
      cell: ({ value, slot, wanted }) => (
        <Origin twin={twin.id} value={value} slot={slot} wanted={wanted} />) },
    { id: 'spark', title: t('lastHour'), width: 122, cell: ({ value, slot }) => {
      const point = value?.point;
      if (!point) return null;
      return sparks.has(slot.path) ? <Sparkline point={point} width={102} height={26} /> : (
        <ActionIcon variant="subtle" size="sm" aria-label={t('showHour', { name: slot.path })}
          title={t('showHour', { name: slot.path })}
          onClick={() => setSparks((old) => new Set(old).add(slot.path))}>
          <ChartLine size={15} />
        </ActionIcon>);
    } },
  ];
  const points = set.filter((row) => row.value?.point);
  return (
    <div className={styles.fill}>
      <div className={styles.toolbar}>
        <TextInput size="xs" placeholder={t('findProperty')} aria-label={t('findProperty')}
          value={find} onChange={(event) => setFind(event.currentTarget.value)} w={220} />
        <Switch size="xs" label={t('allSparks')} checked={points.length > 0
          && points.every(({ slot }) => sparks.has(slot.path))}
        onChange={(event) => setSparks(event.currentTarget.checked
          ? new Set(points.map(({ slot }) => slot.path)) : new Set())} />
        <span className={styles.spring} />
        {points.length > 0 && (
          <Link className={styles.pointLink} style={{ fontFamily: 'inherit' }}
            to={`/trends?pens=${points.slice(0, 16)
              .map(({ value }) => encodeURIComponent(value?.point ?? '')).join(',')}`}>
            {t('allInTrends')}
          </Link>)}
      </div>
      <div className={styles.grow}>
        <DataTable rows={open ? [...set, ...unset] : set} columns={columns}
          rowKey={(row) => row.slot.path}
          label={t('tab_values')} empty={t('noValues')} />
      </div>
      {unset.length > 0 && set.length > 0 && !find.trim() && (
        <button type="button" className={styles.unset} aria-expanded={all}
          onClick={() => setAll(!all)}>
          {all ? '▾' : '▸'} {t('withoutValue', { count: unset.length })}</button>)}
    </div>
  );
}

function Origin({ twin, value, slot, wanted }: {
  twin: string; value: TwinValue | undefined; slot: Slot; wanted: boolean;
}): ReactNode {
  const t = words.use();
  const origin = value?.origin ?? 'none';
  const Icon = icons[origin];
  return (
    <span className={styles.origin} title={slot.expression ?? value?.point}>
      <Icon size={14} aria-hidden="true" color="var(--hw-dim)" style={{ flex: 'none' }} />
      {origin === 'point' && value?.point
        ? <Link className={styles.pointLink} aria-label={t('pointTrend', { point: value.point })}
          to={`/trends?pens=${encodeURIComponent(value.point)}`}>
          {value.point.startsWith(`${twin}/`) ? `…${value.point.slice(twin.length)}` : value.point}
        </Link>
        : <span>{t(`origin_${origin}`)}
          {slot.expression && <span className={styles.sub}> {slot.expression}</span>}</span>}
      {wanted && <span title={t('hasDesired')}>◆</span>}
    </span>
  );
}
