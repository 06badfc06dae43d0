import { ActionIcon, Button, Group as Row, Select, Skeleton, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { ApiError, sendJson } from '~/lib/api';
import { ProblemAlert } from '~/ui';
import { flawAt, flawsOfError } from './flaws';
import styles from './gateway.module.css';
import {
  deviceUrl, emptyTag, useDriver, type Device, type Driver, type Flaw, type Group, type Tag,
} from './model';
import { Note } from './parts';
import { nextAddress, nextName } from './patterns';
import { ReadTest } from './ReadTest';
import { AddressHelp } from './TagFields';
import { words } from './words';

export function WizardTags({ device, group, onBack, onNext }: {
  device: Device; group: Group; onBack: () => void; onNext: () => void;
}): ReactNode {
  const driver = useDriver(device.driver).data;
  if (!driver) return <Skeleton height={200} />;
  return <TagRows device={device} group={group} driver={driver} onBack={onBack} onNext={onNext} />;
}

interface RowTag extends Tag {
  key: number;
}

function TagRows({ device, group, driver, onBack, onNext }: {
  device: Device; group: Group; driver: Driver; onBack: () => void; onNext: () => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [rows, setRows] = useState<RowTag[]>(() => (group.tags.length ? group.tags
    : [{ ...emptyTag }]).map((tag, key) => ({ ...tag, key })));
  const [at, setAt] = useState(0); // the row whose address an example goes to
  const [flaws, setFlaws] = useState<Flaw[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const change = (index: number, part: Partial<Tag>) =>
    setRows((old) => old.map((row, i) => (i === index ? { ...row, ...part } : row)));
  const add = () => setRows((old) => {
    const last = old[old.length - 1];
    return [...old, { ...(last ?? emptyTag), key: (last?.key ?? 0) + 1, description: '',
      name: nextName(last?.name ?? ''),
      address: nextAddress(last?.address ?? '', driver.name, last?.type ?? '') }];
  });
  const filled = rows.filter((row) => row.name.trim() || row.address.trim());
  const ready = filled.length > 0
    && filled.every((row) => row.name.trim() && row.address.trim());
  const save = async () => {
    setBusy(true);
    setFlaws([]);
    setError(null);
    const tags = filled.map(({ key: _key, ...tag }) => (
      { ...tag, name: tag.name.trim(), address: tag.address.trim() }));
    try {
      // The first group is the wizard's, also under another name; others stay as they are.
      const now = await sendJson<Device>('PATCH', deviceUrl(device.name), {
        groups: [{ name: group.name, interval_ms: group.interval_ms, tags },
          ...device.groups.slice(1)],
      }, { headers: { 'If-Match': `"${device.revision}"` } });
      client.setQueryData(['gateway', 'device', device.name], now);
      onNext();
    } catch (failed) {
      if (failed instanceof ApiError && (failed.status === 422 || failed.status === 400))
        setFlaws(flawsOfError(failed, tags.map((tag) => tag.name)));
      else setError(failed);
      setBusy(false);
    }
  };
  const shownFields = new Set(['name', 'address', 'type', 'unit', 'access']);
  return (
    <form style={{ display: 'contents' }} onSubmit={(event) => {
      event.preventDefault();
      if (ready && !busy) void save();
    }}>
      <section className={`hw-panel ${styles.panel}`}>
        <h2>{t('tagsQuestion')}</h2>
        <table className={`${styles.plain} ${styles.fixed}`}>
          <thead><tr>
            <th style={{ width: '19%' }}>{t('tag')}</th>
            <th style={{ width: '19%' }}>{t('address')}</th>
            <th style={{ width: 110 }}>{t('type')}</th><th style={{ width: 130 }}>{t('access')}</th>
            <th style={{ width: 88 }}>{t('unit')}</th><th>{t('testRead')}</th>
            <th style={{ width: 40 }} />
          </tr></thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={row.key} onFocus={() => setAt(index)}>
                <td><TextInput size="xs" value={row.name} aria-label={t('tag')} spellCheck={false}
                  placeholder="flow" autoFocus={index === 0 && !row.name}
                  error={flawAt(flaws, row.name, 'name')}
                  onChange={(event) => change(index, { name: event.currentTarget.value })} /></td>
                <td><TextInput size="xs" value={row.address} aria-label={t('address')}
                  spellCheck={false} placeholder={driver.addresses[0]?.example}
                  error={flawAt(flaws, row.name, 'address')}
                  onChange={(event) => change(index, { address: event.currentTarget.value })} />
                </td>
                <td><Select size="xs" value={row.type} data={driver.types} allowDeselect={false}
                  aria-label={t('type')} error={flawAt(flaws, row.name, 'type')}
                  onChange={(value) => change(index, { type: value ?? 'float' })} /></td>
                <td><Select size="xs" value={row.access} allowDeselect={false}
                  aria-label={t('access')} error={flawAt(flaws, row.name, 'access')}
                  data={[{ value: 'read', label: t('acRead') },
                    { value: 'read,write', label: t('acBoth') },
                    { value: 'write', label: t('acWrite') },
                    ...(['read', 'read,write', 'write'].includes(row.access) ? []
                      : [{ value: row.access, label: row.access }])]}
                  onChange={(value) => change(index, { access: value ?? 'read' })} /></td>
                <td><TextInput size="xs" value={row.unit} aria-label={t('unit')} placeholder="m3/h"
                  error={flawAt(flaws, row.name, 'unit')}
                  onChange={(event) => change(index, { unit: event.currentTarget.value })} /></td>
                <td><ReadTest device={device.name} tag={{ ...row, name: 'test' }} /></td>
                <td><ActionIcon variant="subtle" aria-label={t('removeRow')} mt={2} size="sm"
                  disabled={rows.length === 1}
                  onClick={() => setRows((old) => old.filter((_, i) => i !== index))}>
                  <Trash2 size={14} /></ActionIcon></td>
              </tr>))}
          </tbody>
        </table>
        <Button size="compact-sm" variant="default" leftSection={<Plus size={14} />} mt={8}
          onClick={add}>{t('addRow')}</Button>
      </section>
      {flaws.filter((flaw) => !shownFields.has(flaw.field ?? '')
        || !rows.some((row) => row.name === flaw.tag)).map((flaw) => (
        <Note kind="alarm" key={flaw.text}>{flaw.text}</Note>))}
      <ProblemAlert error={error} />
      <AddressHelp driver={driver} onTake={(address) => change(Math.min(at, rows.length - 1),
        { address })} />
      <Row>
        <Button variant="default" onClick={onBack}>{t('back')}</Button>
        <span className={styles.spring} />
        <Button type="submit" disabled={!ready} loading={busy}>{t('saveAndSee')}</Button>
      </Row>
    </form>
  );
}
