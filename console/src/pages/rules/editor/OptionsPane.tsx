import { Select, Switch, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { JsonText } from '~/ui/code';
import type { RuleSpec } from '../data';
import styles from '../rules.module.css';
import { words } from '../words';
import { ActionsPane } from './ActionsPane';
import { SchedulePane } from './SchedulePane';

// How the rule runs: time, guarantee, limits, schedule, what is done with late events; and all of
// it as JSON.
export function OptionsPane({ spec, onChange, mayEdit }: {
  spec: RuleSpec; onChange: (part: Partial<RuleSpec>) => void; mayEdit: boolean;
}): ReactNode {
  const t = words.use();
  const { options, schedule = {} } = spec;
  const set = (name: string, value: unknown) => {
    const next = { ...options };
    if (value === '' || value === null || value === false || value === undefined) delete next[name];
    else next[name] = value;
    onChange({ options: next });
  };
  const text = (name: string, label: string, usual = '') => (
    <TextInput size="xs" label={label} placeholder={usual} value={String(options[name] ?? '')}
      disabled={!mayEdit}
      onChange={(event) => set(name, event.currentTarget.value)} />);
  const count = (name: string, label: string) => (
    <TextInput size="xs" label={label} inputMode="numeric" value={String(options[name] ?? '')}
      disabled={!mayEdit}
      onChange={(event) => {
        const digits = event.currentTarget.value.replace(/\D/g, '');
        set(name, digits ? Number(digits) : '');
      }} />);
  return (
    <>
      <div className={styles.form}>
        <Select size="xs" disabled={!mayEdit} label={t('guarantee')}
          value={String(options.qos ?? 'none')}
          onChange={(value) => set('qos', value === 'none' ? '' : value)} data={[
            { value: 'none', label: t('qosNone') }, { value: 'at_least_once', label: t('qosOnce') },
            { value: 'exactly_once', label: t('qosExactly') }]} />
        <Select size="xs" disabled={!mayEdit} label={t('dialect')}
          value={String(options.dialect ?? '')}
          onChange={(value) => set('dialect', value)} data={[
            { value: '', label: t('dialectAuto') }, { value: 'emqx', label: 'EMQX' },
            { value: 'ekuiper', label: 'eKuiper' }]} />
        <Switch className={styles.wide} size="xs" label={t('eventTime')} disabled={!mayEdit}
          checked={options.event_time === true}
          onChange={(event) => set('event_time', event.currentTarget.checked)} />
        {text('timestamp', t('timestampField'))}
        {text('late_tolerance', t('lateTolerance'), '1s')}
        {text('allowed_lateness', t('allowedLateness'), '0s')}
        {text('bytes_limit', t('bytesLimit'), '64MiB')}
        {count('rows_limit', t('rowsLimit'))}
        {count('groups_limit', t('groupsLimit'))}
      </div>
      <SchedulePane schedule={schedule} disabled={!mayEdit}
        onChange={(next) => onChange({ schedule: next })} />
      <div style={{ marginTop: 16 }}>
        <ActionsPane title={t('lateActions')} help={t('lateHelp')} none={t('noLate')}
          actions={spec.late_actions ?? []} mayEdit={mayEdit}
          onChange={(late) => onChange({ late_actions: late.length ? late : undefined })} />
      </div>
      <h2 style={{ margin: '16px 0 8px' }}>{t('asJson')}</h2>
      <RuleJson spec={spec} onChange={onChange} mayEdit={mayEdit} />
    </>
  );
}

// All of it, to copy or to edit at once.
function RuleJson({ spec, onChange, mayEdit }: {
  spec: RuleSpec; onChange: (part: Partial<RuleSpec>) => void; mayEdit: boolean;
}): ReactNode {
  const t = words.use();
  const whole = JSON.stringify(spec, null, 2);
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <div className={styles.json} onBlur={() => {
      if (readsAs(typed)) setTyped(null);
    }}>
      <JsonText label={t('asJson')} text={typed ?? whole} readOnly={!mayEdit}
        onChange={(text) => {
          if (text === (typed ?? whole)) return;
          setTyped(text);
          const read = readsAs(text);
          if (read) onChange(
            { late_actions: undefined, schedule: undefined, ...read, id: spec.id });
        }} />
    </div>
  );
}

function readsAs(text: string | null): RuleSpec | null {
  try {
    const read: unknown = JSON.parse(text ?? '');
    return typeof read === 'object' && read !== null && 'sql' in read ? read as RuleSpec : null;
  } catch {
    return null;
  }
}
