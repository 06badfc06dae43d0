import { ActionIcon, Button, TextInput } from '@mantine/core';
import { Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from '../rules.module.css';
import { words } from '../words';
import { fieldOf, isBackward, rangesOf, textOf, withMember, type Range, type Schedule }
  from './schedule';

// A moment of the schedule's zone; one that is written otherwise stays a text.
function Moment({ label, value, disabled, onChange }: {
  label: string; value: string; disabled: boolean; onChange: (value: string) => void;
}): ReactNode {
  const field = fieldOf(value);
  return field === null
    ? <TextInput size="xs" aria-label={label} value={value} disabled={disabled}
      onChange={(event) => onChange(event.currentTarget.value)} />
    : <TextInput size="xs" type="datetime-local" step={1} aria-label={label} value={field}
      disabled={disabled} onChange={(event) => onChange(textOf(event.currentTarget.value))} />;
}

// When the rule runs: from each moment of cron on for so long, within ranges; without any, always.
export function SchedulePane({ schedule, onChange, disabled }: {
  schedule: Schedule; onChange: (schedule: Schedule | undefined) => void; disabled: boolean;
}): ReactNode {
  const t = words.use();
  const ranges = rangesOf(schedule);
  const set = (name: string, value: unknown) => onChange(withMember(schedule, name, value));
  const change = (index: number, part: Partial<Range>) =>
    set('ranges', ranges.map((one, at) => (at === index ? { ...one, ...part } : one)));
  const text = (name: string) => String(schedule[name] ?? '');
  return (
    <>
      <h2 style={{ marginTop: 16 }}>{t('schedule')}</h2>
      <p className={styles.note}>{t('scheduleHelp')}</p>
      <div className={styles.form}>
        <TextInput size="xs" label={t('cron')} description={t('cronHelp')} value={text('cron')}
          disabled={disabled} onChange={(event) => set('cron', event.currentTarget.value)} />
        <TextInput size="xs" label={t('duration')} description={t('durationHelp')}
          value={text('duration')} disabled={disabled}
          error={schedule.cron && !schedule.duration ? t('durationNeeded') : undefined}
          onChange={(event) => set('duration', event.currentTarget.value)} />
        <TextInput size="xs" label={t('zone')} placeholder="Europe/London"
          value={text('time_zone')} disabled={disabled}
          onChange={(event) => set('time_zone', event.currentTarget.value)} />
      </div>
      <div className={styles.head} style={{ margin: '10px 0 4px' }}>
        <span style={{ fontSize: 12 }}>{t('ranges')}</span>
        <span className={styles.note}>{t('rangesHelp')}</span>
        <span className={styles.spring} />
        {!disabled && (
          <Button size="compact-xs" variant="default" leftSection={<Plus size={13} />}
            onClick={() => set('ranges', [...ranges, { begin: '', end: '' }])}>
            {t('addRange')}</Button>)}
      </div>
      {ranges.map((one, index) => (
        <div key={index} className={styles.range}>
          <Moment label={t('from')} value={one.begin} disabled={disabled}
            onChange={(begin) => change(index, { begin })} />
          <span aria-hidden="true">–</span>
          <Moment label={t('to')} value={one.end} disabled={disabled}
            onChange={(end) => change(index, { end })} />
          {!disabled && (
            <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('removeRange')}
              onClick={() => set('ranges', ranges.filter((_, at) => at !== index))}>
              <Trash2 size={14} /></ActionIcon>)}
          {isBackward(one) && <span className={styles.bad}>■ {t('rangeBackward')}</span>}
        </div>))}
    </>
  );
}
