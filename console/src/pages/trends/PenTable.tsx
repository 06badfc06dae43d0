import { ActionIcon, Popover } from '@mantine/core';
import { Eye, EyeOff, Settings2, X } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { useLive } from '~/lib/live';
import { formatDuration } from '~/lib/time';
import { formatNumber } from '~/lib/units';
import { ShownValue, valueText } from '~/ui';
import { rowNear } from './chart/gaps';
import { shiftOf, type Statistics } from './chart/load';
import { lookOf, symbolPaths } from './chart/looks';
import { isState, isStep, type Pen, type ShownPen } from './chart/types';
import { PenSettings } from './PenSettings';
import styles from './trends.module.css';
import { words } from './words';

const figure = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '–' : formatNumber(value);

// Colour, dash and symbol of a pen.
export function PenSign({ look, dark }: { look: number; dark: boolean }): ReactNode {
  const { dash, symbol, ...colours } = lookOf(look);
  const colour = dark ? colours.dark : colours.light;
  return (
    <svg width="34" height="14" viewBox="0 0 34 14" aria-hidden="true" style={{ flex: 'none' }}>
      <path d="M1 7H33" stroke={colour} strokeWidth="2" strokeDasharray={dash.join(' ')} />
      <path d={symbolPaths[symbol]} transform="translate(17 7)" fill={colour} />
    </svg>
  );
}

export interface AtCursor {
  text: string;
  quality: number;
}

// What a pen has at a time: as text, and how good it is; undefined in a gap.
export function valueAt(shown: ShownPen, time: number): AtCursor | undefined {
  const { track, pen, info } = shown;
  if (!track) return undefined;
  const state = isState(info);
  const row = rowNear(track, time, state || isStep(pen, info) || track.kind === 'buckets');
  if (row < 0) return undefined;
  const doubt = track.doubt.find(({ from, to }) => time >= from && time <= to)?.quality ?? 0;
  const quality = Math.max(track.quality[row] as number, doubt);
  const low = track.low[row] as number;
  const high = track.high[row] as number;
  if (state) {
    const text = track.texts?.[row];
    if (info.type !== 'bool') return { text: text ?? '', quality };
    return { quality, text: low === high ? valueText(high > 0, null, 'si')
      : `${valueText(false, null, 'si')}/${valueText(true, null, 'si')}` };
  }
  return { quality, text: low === high ? figure(high)
    : words.now('slice', { low: figure(low), high: figure(high) }) };
}

interface Props {
  shown: ShownPen[];
  linear: (index: number) => { factor: number; offset: number };
  statistics: (Statistics | undefined)[];
  cursor: number | null;
  dark: boolean;
  onChange: (index: number, pen: Pen) => void;
  onRemove: (index: number) => void;
  onStrong: (index: number) => void;
}

export function PenTable(props: Props): ReactNode {
  const { shown, cursor } = props;
  const t = words.use();
  const heads = [t(cursor === null ? 'newest' : 'cursor'), t('min'), t('mean'), t('max'), t('last'),
    t('count')];
  return (
    <div className={styles.penScroll}>
      <table className={styles.penTable} aria-label={t('pens')}>
        <thead>
          <tr>
            <th scope="col" className={styles.penName}>{t('pen')}</th>
            {heads.map((head, i) => <th key={head} scope="col"
              data-wide={i > 0} data-right="true">{head}</th>)}
            <th scope="col">{t('unit')}</th>
            <th scope="col">
              <span className="hw-visually-hidden">{t('settings', { name: '' })}</span></th>
          </tr>
        </thead>
        <tbody>
          {shown.map((one, index) => <PenRow key={`${one.pen.point} ${index}`} {...props} one={one}
            index={index} />)}
        </tbody>
      </table>
    </div>
  );
}

function Newest({ shown }: { shown: ShownPen }): ReactNode {
  const { value, trust } = useLive(shown.pen.point);
  return <ShownValue value={value?.value} trust={trust} unit={shown.info.unit} hideUnit
    quality={value?.quality} />;
}

const qualities = ['good', 'uncertain', 'bad'] as const;

const PenRow = memo(function PenRow(props: Props & { one: ShownPen; index: number }): ReactNode {
  const { one, index, cursor, dark, statistics, linear, onChange, onRemove, onStrong } = props;
  const t = words.use();
  const { pen, track, unit, info } = one;
  const at = cursor === null ? undefined : valueAt(one, cursor);
  const shift = shiftOf(pen);
  const own = statistics[index];
  const { factor, offset } = linear(index);
  const of = (value: number | undefined) => figure(value === undefined || isState(info)
    ? undefined : value * factor + offset);
  const name = pen.point;
  const parts = name.split('/');
  return (
    <tr onPointerEnter={() => onStrong(index)} onPointerLeave={() => onStrong(-1)}
      data-hidden={Boolean(pen.hidden)}>
      <th scope="row" className={styles.penName} title={name}>
        <span className={styles.penLabel}>
          <PenSign look={pen.look} dark={dark} />
          <span className={styles.penPath}>
            <span className={styles.penHead}>
              {parts.slice(0, -2).map((part) => `${part}/`).join('')}</span>
            <span className={styles.penTail}>{parts.slice(-2).join('/')}</span>
          </span>
          {pen.aggregation !== 'auto'
            && <span className={styles.chip}>{t(`agg_${pen.aggregation}`)}</span>}
          {shift > 0 && <span className={styles.chip}>
            {t('ago', { time: formatDuration(shift) })}</span>}
          {track?.error && <span className={styles.chip} data-kind="bad">✕ {t('missing')}</span>}
        </span>
      </th>
      <td data-right="true" className="hw-num">
        {cursor === null ? shift ? '–' : <Newest shown={one} />
          : at ? <span className={at.quality ? 'hw-hatched' : undefined}>
              {at.text}{at.quality > 0 && <small> {t(qualities[at.quality] ?? 'bad')}</small>}
            </span>
            : <span className="hw-dim">{t('gap')}</span>}
      </td>
      {[of(own?.min), of(own?.mean), of(own?.max), of(own?.last),
        own ? formatNumber(own.count, 0) : '–'].map((text, i) => (
        <td key={i} data-wide="true" data-right="true" className="hw-num">{text}</td>
      ))}
      <td className="hw-dim">{unit}</td>
      <td className={styles.penButtons}>
        <ActionIcon size={24} variant="subtle" color="gray" aria-pressed={!pen.hidden}
          aria-label={t(pen.hidden ? 'show' : 'hide', { name })}
          onClick={() => onChange(index, { ...pen, hidden: pen.hidden ? undefined : true })}>
          {pen.hidden ? <EyeOff size={15} /> : <Eye size={15} />}
        </ActionIcon>
        <Popover position="left-end" withArrow trapFocus shadow="md" width={320}>
          <Popover.Target>
            <ActionIcon size={24} variant="subtle" color="gray"
              aria-label={t('settings', { name })}>
              <Settings2 size={15} />
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown>
            <PenSettings pen={pen} info={info} unit={unit} dark={dark}
              onChange={(next) => onChange(index, next)} />
          </Popover.Dropdown>
        </Popover>
        <ActionIcon size={24} variant="subtle" color="gray" aria-label={t('remove', { name })}
          onClick={() => onRemove(index)}>
          <X size={15} />
        </ActionIcon>
      </td>
    </tr>
  );
});
