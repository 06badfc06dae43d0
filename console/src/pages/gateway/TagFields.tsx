import { Button, MultiSelect, Select, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { flawAt } from './flaws';
import styles from './gateway.module.css';
import type { Driver, Flaw, Tag } from './model';
import { words } from './words';

// A tag while it is typed: its numbers are text.
export type TagDraft = Record<keyof Tag, string>;

const numbers = ['scale', 'offset', 'bias', 'precision', 'deadband', 'deadband_percent', 'min',
  'max'] as const;
type NumberName = (typeof numbers)[number];
const isNumberName = (name: string): name is NumberName =>
  (numbers as readonly string[]).includes(name);

export const draftOfTag = (tag: Tag): TagDraft => Object.fromEntries(
  Object.entries(tag).map(([name, value]) => [name, value === null ? '' : String(value)]),
) as TagDraft;

const usual: Record<NumberName, number | null> = {
  scale: 1, offset: 0, bias: 0, precision: -1, deadband: 0, deadband_percent: 0, min: null,
  max: null,
};

// The draft as a tag, or the names of the fields that hold no number.
export function tagOfDraft(draft: TagDraft): { tag: Tag; wrong: string[] } {
  const wrong: string[] = [];
  const entries = Object.entries(draft).map(([name, text]) => {
    const plain = text.trim();
    if (!isNumberName(name)) return [name, name === 'description' ? text : plain];
    if (plain === '') return [name, usual[name]];
    const value = Number(plain.replace(',', '.'));
    if (!Number.isFinite(value)) wrong.push(name);
    return [name, value];
  });
  return { tag: Object.fromEntries(entries) as Tag, wrong };
}

// What the driver says of its addresses; a click takes an example.
export function AddressHelp({ driver, onTake }: {
  driver: Driver; onTake: (address: string) => void;
}): ReactNode {
  const t = words.use();
  return (
    <div className="hw-panel" style={{ padding: '8px 12px' }}>
      <div className={styles.dim} style={{ fontSize: 12, marginBottom: 4 }}>
        {t('addressHelp', { driver: driver.title })}</div>
      <table className={styles.plain} style={{ fontSize: 12 }}>
        <tbody>
          {driver.addresses.map((one) => (
            <tr key={one.form}>
              <td style={{ whiteSpace: 'nowrap' }}>
                <button type="button" className={styles.example}
                  onClick={() => onTake(one.example)}>{one.example}</button></td>
              <td className="hw-mono" style={{ whiteSpace: 'nowrap' }}>{one.form}</td>
              <td className={styles.dim}>{one.help}</td>
            </tr>))}
        </tbody>
      </table>
    </div>
  );
}

export function TagFields({ draft, onChange, driver, flaws, wrong, fixed, nameLabel }: {
  draft: TagDraft; onChange: (draft: TagDraft) => void; driver: Driver; flaws: Flaw[];
  wrong: string[]; fixed: boolean; nameLabel?: string;
}): ReactNode {
  const t = words.use();
  const [more, setMore] = useState(false);
  const set = (name: keyof Tag, text: string) => onChange({ ...draft, [name]: text });
  const error = (name: keyof Tag) => flawAt(flaws, draft.name, name)
    ?? flawAt(flaws, 'test', name) ?? (wrong.includes(name) ? t('notNumber') : undefined);
  const text = (name: keyof Tag, label: string, help?: string) => (
    <TextInput size="xs" label={label} description={help} value={draft[name]} disabled={fixed}
      error={error(name)} spellCheck={false} placeholder={isNumberName(name)
        ? String(usual[name] ?? t('noneSet')) : undefined}
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      onChange={(event) => set(name, event.currentTarget.value)} />
  );
  const advanced = more || numbers.some((name) => draft[name] !== ''
    && draft[name] !== String(usual[name] ?? '')) || draft.point !== '';
  return (
    <>
      <div className={styles.form}>
        {text('name', nameLabel ?? t('tag'))}
        {text('address', t('address'))}
        <Select size="xs" label={t('type')} value={draft.type} disabled={fixed}
          allowDeselect={false} error={error('type')} data={driver.types}
          onChange={(value) => set('type', value ?? 'float')} />
        <MultiSelect size="xs" label={t('access')} disabled={fixed} error={error('access')}
          value={draft.access.split(',').map((one) => one.trim()).filter(Boolean)}
          data={[{ value: 'read', label: t('acRead') }, { value: 'write', label: t('acWrite') },
            { value: 'on_change', label: t('acChangeLong') }]}
          onChange={(value) => set('access', value.join(','))} />
        {text('unit', t('unit'))}
        {text('description', t('description'))}
      </div>
      {advanced ? (
        <div className={styles.form}>
          {text('scale', t('scale'), t('scaleHelp'))}
          {text('offset', t('offset'))}
          {text('bias', t('bias'), t('biasHelp'))}
          {text('precision', t('precision'), t('precisionHelp'))}
          {text('min', t('min'), t('minHelp'))}
          {text('max', t('max'))}
          {text('deadband', t('deadband'), t('deadbandHelp'))}
          {text('deadband_percent', t('deadbandPercent'))}
          {text('point', t('point'), t('pointHelp'))}
        </div>
      ) : (
        <Button variant="subtle" size="compact-sm" w="fit-content" onClick={() => setMore(true)}>
          {t('moreTag')}</Button>)}
    </>
  );
}
