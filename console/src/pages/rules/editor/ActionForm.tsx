import { Autocomplete, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useConnectors, type Action, type ConnectorKind, type Property } from '../data';
import { en } from '../en';
import styles from '../rules.module.css';
import { words } from '../words';
import {
  furtherOf, innerKinds, newAction, outletSettings, propertiesOf, sinkKinds, withSetting,
} from './actionKinds';
import { levelsBelow } from './topics';

const deepest = 3; // fallbacks of fallbacks

// Paths typed ahead level by level.
function PathField({ label, help, value, onChange, disabled }: {
  label: string; help?: string; value: string; onChange: (value: string) => void;
  disabled: boolean;
}): ReactNode {
  const prefix = value.includes('/') ? value.slice(0, value.lastIndexOf('/')) : '';
  const levels = useQuery({
    queryKey: ['levels', prefix], queryFn: () => levelsBelow(prefix),
    enabled: !/[${}+#]/.test(prefix), staleTime: 30_000,
  });
  return (
    <Autocomplete size="xs" label={label} description={help} value={value} disabled={disabled}
      onChange={onChange} limit={30} styles={{ input: { fontFamily: 'var(--hw-mono)' } }}
      data={(levels.data ?? []).map((one) => (one.has_below ? `${one.topic}/` : one.topic))} />
  );
}

function Field({ property, value, onChange, disabled, inner }: {
  property: Property; value: unknown; onChange: (value: unknown) => void; disabled: boolean;
  inner: boolean;
}): ReactNode {
  const t = words.use();
  const { name, type, choices } = property;
  const help = property.help in en ? t(property.help as keyof typeof en) : property.help;
  const description = help || undefined;
  const label = name;
  if (type === 'boolean')
    return <Switch size="xs" label={label} description={description} disabled={disabled}
      checked={value === undefined ? property.default === 'true' : value === true}
      onChange={(event) => onChange(event.currentTarget.checked)} />;
  if (choices)
    return <Select size="xs" label={label} description={description} disabled={disabled}
      data={choices.split('|')} value={String(value ?? property.default)}
      onChange={(next) => onChange(inner && name === 'qos' ? Number(next) : next)} />;
  if (type === 'list of texts')
    return <TagsInput size="xs" label={label} description={description} disabled={disabled}
      value={Array.isArray(value) ? value.map(String) : []} onChange={onChange} />;
  const shown = value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value)
    : String(value);
  if (inner && (name === 'topic' || name === 'point' || name === 'prefix'))
    return <PathField label={label} help={description} value={shown} onChange={onChange}
      disabled={disabled} />;
  const long = type === 'text'
    && ['payload', 'body', 'sql', 'line', 'text', 'value'].includes(name);
  const placeholder = property.default ? t('usual', { value: property.default }) : undefined;
  const number = (text: string) =>
    (type === 'integer' && /^-?\d+$/.test(text) ? Number(text) : text);
  return long
    ? <Textarea className={styles.wide} size="xs" label={label} description={description} autosize
      minRows={1} maxRows={8} value={shown} placeholder={placeholder} disabled={disabled}
      styles={{ input: { fontFamily: 'var(--hw-mono)' } }}
      onChange={(event) => onChange(event.currentTarget.value)} />
    : <TextInput size="xs" label={label} description={description} value={shown}
      placeholder={placeholder} disabled={disabled}
      onChange={(event) => onChange(number(event.currentTarget.value))} />;
}

// One action: its settings as the kind tells them, what all have, and the rest as JSON.
export function ActionForm({ action, kinds, onChange, mayEdit, depth = 0 }: {
  action: Action; kinds: ConnectorKind[]; onChange: (action: Action) => void; mayEdit: boolean;
  depth?: number;
}): ReactNode {
  const t = words.use();
  const connections = (useConnectors().data ?? []).filter((one) => one.kind === action.type);
  const inner = action.type in innerKinds;
  const properties = propertiesOf(action.type, kinds, Boolean(action.connector));
  const set = (name: string, value: unknown) => {
    const next: Action = { ...action };
    if (value === undefined || value === '' || value === null) delete next[name];
    else next[name] = value;
    onChange(next);
  };
  const disabled = !mayEdit;
  return (
    <>
      {action.type === 'write' && <p className={styles.care}>△ {t('writeCare')}</p>}
      <div className={styles.form}>
        {!inner && (
          <Select size="xs" label={t('connection')} value={action.connector ?? ''}
            disabled={disabled} onChange={(value) => set('connector', value)} data={[
              { value: '', label: t('ownConnection') },
              ...connections.map((one) => one.name)]} />)}
        {properties.map((property) => (
          <Field key={property.name} property={property} value={action[property.name]}
            disabled={disabled} inner={inner}
            onChange={(value) => onChange(withSetting(action, property, value))} />))}
        <TagsInput size="xs" label={t('fields')} value={(action.fields as string[]) ?? []}
          disabled={disabled}
          onChange={(value) => set('fields', value.length ? value : undefined)} />
        <TextInput size="xs" label={t('actionName')} value={action.name ?? ''} disabled={disabled}
          onChange={(event) => set('name', event.currentTarget.value)} />
        <Switch size="xs" label={t('onlyOnChange')} checked={action.only_on_change === true}
          disabled={disabled}
          onChange={(event) => set('only_on_change', event.currentTarget.checked || undefined)} />
        <Switch size="xs" label={t('sendSingle')} checked={action.send_single !== false}
          disabled={disabled} onChange={(event) =>
            set('send_single', event.currentTarget.checked ? undefined : false)} />
        <Switch size="xs" label={t('omitEmpty')} checked={action.omit_empty === true}
          disabled={disabled}
          onChange={(event) => set('omit_empty', event.currentTarget.checked || undefined)} />
        <Further action={action} properties={properties} onChange={onChange} disabled={disabled} />
      </div>
      {!inner && <Outlet action={action} disabled={disabled} onChange={onChange} />}
      {depth < deepest && <Fallback action={action} kinds={kinds} mayEdit={mayEdit} depth={depth}
        onChange={onChange} />}
    </>
  );
}

// How rows wait for the peer and are sent again; folded, since what is usual mostly fits.
function Outlet({ action, disabled, onChange }: {
  action: Action; disabled: boolean; onChange: (action: Action) => void;
}): ReactNode {
  const t = words.use();
  const set = outletSettings.filter((one) => action[one.name] !== undefined).length;
  return (
    <details className={styles.outlet}>
      <summary>{t('outlet')}{set > 0 && ` (${set})`}</summary>
      <div className={styles.form}>
        {outletSettings.map((property) => (
          <Field key={property.name} property={property} value={action[property.name]}
            disabled={disabled} inner={false}
            onChange={(value) => onChange(withSetting(action, property, value))} />))}
      </div>
    </details>
  );
}

// What is done with a row that the action could not take; it may have one of its own again.
function Fallback({ action, kinds, onChange, mayEdit, depth }: {
  action: Action; kinds: ConnectorKind[]; onChange: (action: Action) => void; mayEdit: boolean;
  depth: number;
}): ReactNode {
  const t = words.use();
  const fallback = action.fallback as Action | undefined;
  const choose = (type: string | null) => {
    const { fallback: _, ...rest } = action;
    onChange(type ? { ...rest, fallback: newAction(type) } : rest);
  };
  return (
    <div className={styles.fallback}>
      <Select size="xs" label={t('ifItFails')} value={fallback?.type ?? null} clearable
        placeholder={t('onlyCounted')} disabled={!mayEdit} onChange={choose} searchable
        data={[...Object.keys(innerKinds).map((type) => (
          { value: type, label: t(type as keyof typeof en) })),
        ...sinkKinds(kinds).map((kind) => ({ value: kind.kind, label: kind.title }))]} />
      {fallback && <ActionForm action={fallback} kinds={kinds} mayEdit={mayEdit} depth={depth + 1}
        onChange={(next) => onChange({ ...action, fallback: next })} />}
    </div>
  );
}

function Further({ action, properties, onChange, disabled }: {
  action: Action; properties: Property[]; onChange: (action: Action) => void; disabled: boolean;
}): ReactNode {
  const t = words.use();
  const rest = furtherOf(action, properties);
  const [typed, setTyped] = useState<string | null>(null);
  const [flaw, setFlaw] = useState('');
  const shown = typed ?? (Object.keys(rest).length ? JSON.stringify(rest, null, 2) : '');
  return (
    <Textarea className={styles.wide} size="xs" label={t('further')} autosize minRows={1}
      maxRows={8} value={shown} error={flaw || undefined} disabled={disabled}
      placeholder="{}"
      styles={{ input: { fontFamily: 'var(--hw-mono)' } }}
      onBlur={() => {
        if (!flaw) setTyped(null);
      }}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        try {
          const read = (text.trim() ? JSON.parse(text) : {}) as Record<string, unknown>;
          const kept = Object.fromEntries(
            Object.entries(action).filter(([name]) => !(name in rest)));
          setFlaw('');
          onChange({ ...kept, ...read, type: action.type });
        } catch (error) {
          setFlaw((error as Error).message);
        }
      }} />
  );
}
