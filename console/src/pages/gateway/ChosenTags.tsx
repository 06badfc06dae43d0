import { Button, Checkbox } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { PencilLine, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { sendJson } from '~/lib/api';
import { ProblemAlert, type Column } from '~/ui';
import styles from './gateway.module.css';
import { changeTags, specOfDevice, tagKey } from './many';
import { ManyTags } from './ManyTags';
import { deviceUrl, type Device } from './model';
import type { TagRow } from './TagTable';
import { sayDeviceUndo } from './undo';
import { words, type T } from './words';

export const rowKeyOf = ({ group, tag }: TagRow): string => tagKey(group, tag.name);

export const tagChoice = (
  t: T, chosen: ReadonlySet<string>, toggle: (key: string) => void,
): Column<TagRow> => ({
  id: 'choice', title: '', width: 38, cell: (row) => (
    <span onClick={(event) => event.stopPropagation()} role="presentation">
      <Checkbox size="xs" aria-label={t('chooseOne', { name: row.tag.name })}
        checked={chosen.has(rowKeyOf(row))} onChange={() => toggle(rowKeyOf(row))} />
    </span>),
});

// What is done with many tags at once; each of it is one change of the device and has a way back.
export function ChosenTags({ device, chosen, shown, onChoose }: {
  device: Device; chosen: ReadonlySet<string>; shown: TagRow[];
  onChoose: (keys: string[]) => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [editing, setEditing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const done = async (text: string) => {
    onChoose([]);
    await client.invalidateQueries({ queryKey: ['gateway'] });
    await sayDeviceUndo(client, device, text);
  };
  const remove = async () => {
    setBusy(true);
    setError(null);
    try {
      await sendJson('PUT', deviceUrl(device.name),
        { ...specOfDevice(device), groups: changeTags(device.groups, chosen, 'remove') },
        { headers: { 'If-Match': `"${device.revision}"` } });
      await done(t('manyRemoved', { count: chosen.size }));
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <div className={styles.bar} role="toolbar" aria-label={t('tagsChosen', {
        count: chosen.size })}>
        <strong>{t('tagsChosen', { count: chosen.size })}</strong>
        <Button size="compact-sm" variant="default" leftSection={<PencilLine size={14} />}
          onClick={() => setEditing(true)}>{t('editMany')} …</Button>
        <Button size="compact-sm" variant="default" leftSection={<Trash2 size={14} />}
          loading={busy} onClick={() => void remove()}>{t('delete')}</Button>
        <span className={styles.spring} />
        <Button size="compact-sm" variant="subtle"
          onClick={() => onChoose(shown.map(rowKeyOf))}>
          {t('chooseAll', { count: shown.length })}</Button>
        <Button size="compact-sm" variant="subtle" onClick={() => onChoose([])}>
          {t('chooseNone')}</Button>
      </div>
      <ProblemAlert error={error} />
      {editing && <ManyTags device={device} chosen={chosen} onClose={() => setEditing(false)}
        onDone={() => {
          setEditing(false);
          void done(t('manyChanged', { count: chosen.size }));
        }} />}
    </>
  );
}
