import { Checkbox, NativeSelect, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { formatDuration } from '~/lib/time';
import { convert, useUnits } from '~/lib/units';
import { limitText } from './chart/limits';
import { shiftOf } from './chart/load';
import { looks } from './chart/looks';
import { aggregations, isState, type Aggregation, type Pen, type PenInfo } from './chart/types';
import { PenSign } from './PenTable';
import styles from './trends.module.css';
import { words } from './words';

const shifts = ['', '1h', '1d', '7d', '28d', '365d'];

const numberOf = (text: string): number | undefined => {
  const value = Number(text.replace(',', '.'));
  return text.trim() && Number.isFinite(value) ? value : undefined;
};

// Takes what is typed when the field is left or Enter pressed, so that half a number moves nothing.
function Field({ label, value, take, placeholder }: {
  label: string; value: string; take: (text: string) => void; placeholder?: string;
}): ReactNode {
  const [text, setText] = useState(value);
  return (
    <TextInput size="xs" label={label} value={text} placeholder={placeholder}
      onChange={(event) => setText(event.currentTarget.value)} onBlur={() => take(text)}
      onKeyDown={(event) => event.key === 'Enter' && take(text)} />
  );
}

export function PenSettings({ pen, info, unit, dark, onChange }: {
  pen: Pen; info: PenInfo; unit: string; dark: boolean; onChange: (pen: Pen) => void;
}): ReactNode {
  const t = words.use();
  const set = useUnits();
  const state = isState(info);
  const inUnit = unit ? ` (${unit})` : '';
  const change = (part: Partial<Pen>) => onChange({ ...pen, ...part });
  return (
    <Stack gap={8}>
      <strong style={{ overflowWrap: 'anywhere', fontSize: 13 }}>{pen.point}</strong>
      <SimpleGrid cols={2} spacing={8} verticalSpacing={8}>
        {!state && (
          <NativeSelect size="xs" label={t('aggregation')} value={pen.aggregation}
            data={aggregations.map((value) => ({ value, label: t(`agg_${value}`) }))}
            onChange={(event) =>
              change({ aggregation: event.currentTarget.value as Aggregation })} />)}
        {!state && (
          <NativeSelect size="xs" label={t('draw')} value={pen.draw ?? ''}
            data={[{ value: '', label: t('autoDraw') }, { value: 'line', label: t('line') },
              { value: 'step', label: t('step') }]}
            onChange={(event) =>
              change({ draw: (event.currentTarget.value || undefined) as Pen['draw'] })} />)}
        <NativeSelect size="xs" label={t('shift')} value={pen.shift ?? ''}
          data={[...new Set([...shifts, pen.shift ?? ''])].map((value) => ({
            value, label: value
              ? t('ago', { time: formatDuration(shiftOf({ ...pen, shift: value })) })
              : t('noShift') }))}
          onChange={(event) => change({ shift: event.currentTarget.value || undefined })} />
        {!state && (
          <NativeSelect size="xs" label={t('axis')} value={pen.side ?? ''}
            data={[{ value: '', label: t('autoAxis') }, { value: 'left', label: t('left') },
              { value: 'right', label: t('right') }]}
            onChange={(event) =>
              change({ side: (event.currentTarget.value || undefined) as Pen['side'] })} />)}
        {!state && <Field label={`${t('fixed')}${inUnit}`}
          value={String(pen.low ?? '')} take={(text) => change({ low: numberOf(text) })} />}
        {!state && <Field label={`${t('fixedTo')}${inUnit}`} value={String(pen.high ?? '')}
          take={(text) => change({ high: numberOf(text) })} />}
        {!state && <Field label={`${t('limits')}${inUnit}`} value={pen.limits.join(', ')}
          placeholder={t('limitsHint')} take={(text) => change({
            limits: text.split(/[;,\s]+/).map(numberOf)
              .filter((one): one is number => one !== undefined).slice(0, 8) })} />}
        {!state && (
          <Stack gap={6} justify="flex-end">
            <Checkbox size="xs" label={t('own')} checked={Boolean(pen.own)}
              onChange={(event) => change({ own: event.currentTarget.checked || undefined })} />
            <Checkbox size="xs" label={t('log')} checked={pen.scale === 'log'}
              onChange={(event) =>
                change({ scale: event.currentTarget.checked ? 'log' : undefined })} />
          </Stack>)}
      </SimpleGrid>
      {!state && Boolean(info.modelLimits?.length) && (
        <div>
          <Checkbox size="xs" label={t('modelLimits')} checked={!pen.noModel}
            onChange={(event) => change({ noModel: !event.currentTarget.checked || undefined })} />
          <ul className={styles.limitList}>
            {info.modelLimits?.map((limit) => (
              <li key={`${limit.kind} ${limit.value}`}>{t('modelLimitsOf', {
                twin: limit.twin.split('/').slice(-2).join('/'),
                text: limitText(limit, unit, convert(limit.value, info.unit, set).value) })}
              </li>))}
          </ul>
        </div>)}
      <div role="radiogroup" aria-label={t('look')} className={styles.looks}>
        {looks.map((_, look) => (
          <button key={look} type="button" role="radio" aria-checked={pen.look === look}
            aria-label={`${t('look')} ${look + 1}`} onClick={() => change({ look })}>
            <PenSign look={look} dark={dark} />
          </button>
        ))}
      </div>
    </Stack>
  );
}
