import { Button, Group, NumberInput, Select, Stack, TextInput, Textarea } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { convert, convertBack, unitText, useUnits, formatNumber } from '~/lib/units';
import { initial, type Field } from './schema';
import styles from './twin.module.css';
import { words } from './words';

interface Props {
  field: Field;
  label: string;
  value: unknown;
  onChange: (value: unknown) => void;
  description?: string;
  error?: string;
  required?: boolean;
  autoFocus?: boolean;
}

// The form of a DTDL schema. Numbers are typed in the person's units and kept in the stored ones.
export function SchemaField(props: Props): ReactNode {
  const { field, label, value, onChange, description, error, required, autoFocus } = props;
  const t = words.use();
  const common = { label, description, error, required, 'data-autofocus': autoFocus };
  switch (field.kind) {
    case 'number':
      return <NumberField {...props} field={field} />;
    case 'boolean':
      return (
        <Select {...common} data={[{ value: 'true', label: t('true') },
          { value: 'false', label: t('false') }]} clearable={!required}
        value={value === undefined ? null : String(value)}
        onChange={(next) => onChange(next === null ? undefined : next === 'true')} />);
    case 'enum':
      return (
        <Select {...common} clearable={!required} searchable={field.options.length > 8}
          data={field.options.map((one) => ({ value: String(one.value), label: one.label }))}
          value={value === undefined ? null : String(value)}
          onChange={(next) =>
            onChange(field.options.find((one) => String(one.value) === next)?.value)} />);
    case 'text':
      return (
        <TextInput {...common} value={typeof value === 'string' ? value : ''}
          type={field.format === 'date' ? 'date' : 'text'}
          placeholder={field.format === 'dateTime' ? '2026-01-31T12:00:00Z'
            : field.format === 'duration' ? 'PT1H30M' : undefined}
          onChange={(event) => onChange(event.currentTarget.value || undefined)} />);
    case 'object':
      return (
        <fieldset className={styles.fieldset}>
          <legend>{label}</legend>
          <Stack gap="xs">
            {field.fields.map((one) => (
              <SchemaField key={one.name} field={one.field} label={one.label}
                value={(value as Record<string, unknown> | undefined)?.[one.name]}
                onChange={(next) => onChange(withMember(value, one.name, next))} />))}
          </Stack>
          {error && <div className={styles.fieldError}>{error}</div>}
        </fieldset>);
    case 'array':
      return <ListField {...props} field={field} />;
    default:
      return <JsonField {...props} />;
  }
}

function withMember(object: unknown, name: string,
  value: unknown): Record<string, unknown> | undefined {
  const next = { ...(object as Record<string, unknown> | undefined) };
  if (value === undefined) delete next[name];
  else next[name] = value;
  return Object.keys(next).length ? next : undefined;
}

function NumberField({ field, label, value, onChange, description, error, required, autoFocus }:
Props & { field: Extract<Field, { kind: 'number' }> }): ReactNode {
  const t = words.use();
  const set = useUnits();
  const shown = (stored: number) => convert(stored, field.unit, set).value;
  // What is typed stays as it is typed; only a new value from outside is written anew.
  const [typed, setTyped] = useState<string | number>(
    typeof value === 'number' ? Number(shown(value).toPrecision(9)) : '');
  const { min, max } = field;
  const range = min !== undefined && max !== undefined
    ? t('rangeBoth', { min: formatNumber(shown(min)), max: formatNumber(shown(max)) })
    : min !== undefined ? t('rangeMin', { min: formatNumber(shown(min)) })
      : max !== undefined ? t('rangeMax', { max: formatNumber(shown(max)) }) : '';
  const unit = unitText(field.unit, set);
  return (
    <NumberInput label={label} error={error} required={required} hideControls
      data-autofocus={autoFocus} description={[description, range].filter(Boolean).join(' · ')}
      allowDecimal={!field.integer} rightSection={unit
        ? <span className="hw-dim" style={{ fontSize: 12, paddingRight: 8 }}>{unit}</span>
        : undefined} rightSectionWidth={unit ? Math.max(40, 16 + unit.length * 8) : undefined}
      value={typed} onChange={(next) => {
        setTyped(next);
        const number = next === '' ? NaN : Number(next);
        onChange(Number.isFinite(number) ? convertBack(number, field.unit, set) : undefined);
      }} />
  );
}

function ListField({ field, label, value, onChange, error, description }:
Props & { field: Extract<Field, { kind: 'array' }> }): ReactNode {
  const t = words.use();
  const list = Array.isArray(value) ? (value as unknown[]) : [];
  const put = (next: unknown[]) => onChange(next.length ? next : undefined);
  return (
    <fieldset className={styles.fieldset}>
      <legend>{label}</legend>
      {description && <div className="hw-dim">{description}</div>}
      {list.map((one, index) => (
        // Items have no names of their own; the place is what tells them apart.
        <Group key={index} gap="xs" align="flex-end" wrap="nowrap">
          <div style={{ flex: 1 }}>
            <SchemaField field={field.item} label={`${index + 1}`} value={one}
              onChange={(next) => put(list.map((old, i) => (i === index ? next : old)))} />
          </div>
          <Button variant="default" size="xs"
            onClick={() => put(list.filter((_, i) => i !== index))}>{t('remove')}</Button>
        </Group>))}
      <Button variant="subtle" size="compact-sm"
        onClick={() => put([...list, initial(field.item) ?? ''])}>
        {t('addItem')}
      </Button>
      {error && <div className={styles.fieldError}>{error}</div>}
    </fieldset>
  );
}

function JsonField({ label, value, onChange, description, error }: Props): ReactNode {
  const t = words.use();
  const [text, setText] = useState(value === undefined ? '' : JSON.stringify(value));
  const [broken, setBroken] = useState(false);
  return (
    <Textarea label={label} description={description ?? t('asJson')} autosize minRows={1}
      maxRows={8} error={broken ? t('notJson') : error} value={text}
      styles={{ input: { fontFamily: 'var(--hw-mono)', fontSize: 12 } }}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        if (!next.trim()) {
          setBroken(false);
          onChange(undefined);
          return;
        }
        try {
          onChange(JSON.parse(next));
          setBroken(false);
        } catch {
          setBroken(true);
        }
      }} />
  );
}
