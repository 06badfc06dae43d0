import { Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { RuleSpec } from '../data';
import styles from '../rules.module.css';
import { words } from '../words';

// How the rule runs: time, guarantee, limits, schedule; the late actions and ranges as JSON.
export function OptionsPane({ spec, onChange }: {
  spec: RuleSpec; onChange: (part: Partial<RuleSpec>) => void;
}): ReactNode {
  const t = words.use();
  const { options, schedule = {} } = spec;
  const set = (name: string, value: unknown) => {
    const next = { ...options };
    if (value === '' || value === null || value === false || value === undefined) delete next[name];
    else next[name] = value;
    onChange({ options: next });
  };
  const setSchedule = (name: string, value: string) => {
    const next: Record<string, unknown> = { ...schedule };
    if (value) next[name] = value;
    else delete next[name];
    onChange({ schedule: Object.keys(next).length ? next : undefined });
  };
  const text = (name: string, label: string, usual = '') => (
    <TextInput size="xs" label={label} placeholder={usual} value={String(options[name] ?? '')}
      onChange={(event) => set(name, event.currentTarget.value)} />);
  const count = (name: string, label: string) => (
    <TextInput size="xs" label={label} inputMode="numeric" value={String(options[name] ?? '')}
      onChange={(event) => {
        const digits = event.currentTarget.value.replace(/\D/g, '');
        set(name, digits ? Number(digits) : '');
      }} />);
  return (
    <>
      <div className={styles.form}>
        <Select size="xs" label={t('guarantee')} value={String(options.qos ?? 'none')}
          onChange={(value) => set('qos', value === 'none' ? '' : value)} data={[
            { value: 'none', label: t('qosNone') }, { value: 'at_least_once', label: t('qosOnce') },
            { value: 'exactly_once', label: t('qosExactly') }]} />
        <Select size="xs" label={t('dialect')} value={String(options.dialect ?? '')}
          onChange={(value) => set('dialect', value)} data={[
            { value: '', label: t('dialectAuto') }, { value: 'emqx', label: 'EMQX' },
            { value: 'ekuiper', label: 'eKuiper' }]} />
        <Switch className={styles.wide} size="xs" label={t('eventTime')}
          checked={options.event_time === true}
          onChange={(event) => set('event_time', event.currentTarget.checked)} />
        {text('timestamp', t('timestampField'))}
        {text('late_tolerance', t('lateTolerance'), '1s')}
        {text('allowed_lateness', t('allowedLateness'), '0s')}
        {text('bytes_limit', t('bytesLimit'), '64MiB')}
        {count('rows_limit', t('rowsLimit'))}
        {count('groups_limit', t('groupsLimit'))}
      </div>
      <h2 style={{ marginTop: 16 }}>{t('schedule')}</h2>
      <div className={styles.form}>
        <TextInput size="xs" label={t('cron')} description={t('cronHelp')}
          value={String(schedule.cron ?? '')}
          onChange={(event) => setSchedule('cron', event.currentTarget.value)} />
        <TextInput size="xs" label={t('duration')} description="8h"
          value={String(schedule.duration ?? '')}
          onChange={(event) => setSchedule('duration', event.currentTarget.value)} />
        <TextInput size="xs" label={t('zone')} placeholder="Europe/London"
          value={String(schedule.time_zone ?? '')}
          onChange={(event) => setSchedule('time_zone', event.currentTarget.value)} />
      </div>
      <h2 style={{ margin: '16px 0 8px' }}>{t('asJson')}</h2>
      <RuleJson spec={spec} onChange={onChange} />
    </>
  );
}

// All of it, for what has no field of its own.
function RuleJson({ spec, onChange }: {
  spec: RuleSpec; onChange: (part: Partial<RuleSpec>) => void;
}): ReactNode {
  const t = words.use();
  const whole = JSON.stringify(spec, null, 2);
  const [typed, setTyped] = useState<string | null>(null);
  const [flaw, setFlaw] = useState('');
  return (
    <Textarea aria-label={t('asJson')} autosize minRows={6} maxRows={24} value={typed ?? whole}
      error={flaw || undefined} styles={{ input: { fontFamily: 'var(--hw-mono)', fontSize: 12 } }}
      onBlur={() => {
        if (!flaw) setTyped(null);
      }}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        try {
          const read = JSON.parse(text) as RuleSpec;
          setFlaw('');
          onChange({ late_actions: undefined, schedule: undefined, ...read, id: spec.id });
        } catch (error) {
          setFlaw((error as Error).message);
        }
      }} />
  );
}
