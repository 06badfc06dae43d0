import { Button, Select, Switch, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { boundsText, flawOf, type Field, type FormValues } from './driverForm';
import styles from './gateway.module.css';
import { words } from './words';

// The inputs of a driver's or a connector kind's own table. `flaws` are texts of the server.
export function SettingsFields({ fields, values, onChange, flaws = {}, strict = false, fixed }: {
  fields: Field[]; values: FormValues; onChange: (values: FormValues) => void;
  flaws?: Record<string, string | undefined>; strict?: boolean; fixed?: boolean;
}): ReactNode {
  const t = words.use();
  const [more, setMore] = useState(false);
  const isOpen = (field: Field) => field.main || more || flaws[field.name] !== undefined
    || (values[field.name] ?? '') !== field.default;
  const shown = fields.filter(isOpen);
  const hidden = fields.length - shown.length;
  return (
    <>
      <div className={styles.form}>
        {shown.map((field) => (
          <SettingInput key={field.name} field={field} value={values[field.name] ?? ''}
            fixed={fixed} strict={strict} flaw={flaws[field.name]}
            onChange={(text) => onChange({ ...values, [field.name]: text })} />))}
      </div>
      {(hidden > 0 || more) && (
        <Button variant="subtle" size="compact-sm" aria-expanded={more} w="fit-content"
          onClick={() => setMore((old) => !old)}>
          {more ? t('lessSettings') : t('moreSettings', { count: hidden })}
        </Button>)}
    </>
  );
}

function SettingInput({ field, value, onChange, flaw, strict, fixed }: {
  field: Field; value: string; onChange: (text: string) => void; flaw: string | undefined;
  strict: boolean; fixed: boolean | undefined;
}): ReactNode {
  const t = words.use();
  const [left, setLeft] = useState(false);
  const own = flawOf(field, value);
  const bounds = boundsText(field, t('to'));
  const error = flaw ?? (own && (left || strict) ? t(`fl_${own}`, { bounds }) : undefined);
  const label = (
    <span className="hw-mono" style={{ fontSize: 12 }}>{field.name}</span>
  );
  const description = [field.help.replace(/[.。]$/, ''), bounds,
    field.default !== '' ? t('usually', { value: field.default }) : ''].filter(Boolean).join(' · ');
  if (field.kind === 'switch')
    return (
      <Switch label={label} description={description} checked={value === 'true'} disabled={fixed}
        error={error} onChange={(event) => onChange(String(event.currentTarget.checked))} />
    );
  if (field.kind === 'choice')
    return (
      <Select label={label} description={description} value={value} disabled={fixed} error={error}
        allowDeselect={false} inputWrapperOrder={['label', 'input', 'error', 'description']}
        size="xs" data={field.choices ?? []} onChange={(choice) => onChange(choice ?? '')} />
    );
  return (
    <TextInput label={label} description={description} value={value} disabled={fixed} size="xs"
      error={error} required={field.required} placeholder={field.default || undefined}
      inputWrapperOrder={['label', 'input', 'error', 'description']} spellCheck={false}
      inputMode={field.kind === 'number' ? 'decimal' : undefined} onBlur={() => setLeft(true)}
      onChange={(event) => onChange(event.currentTarget.value)} />
  );
}
