import {
  Autocomplete, Button, Checkbox, Group, Modal, NativeSelect, Stack, TextInput,
} from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ApiError, sendJson } from '~/lib/api';
import { ProblemAlert } from '~/ui';
import { flawsOfError } from './flaws';
import styles from './gateway.module.css';
import { changeOf, changeTags, emptyChange, specOfDevice, type TagChange } from './many';
import { deviceUrl, type Device, type Flaw } from './model';
import { Note } from './parts';
import { words } from './words';

const numbers = ['scale', 'offset', 'precision', 'deadband'] as const;
const shownFlaws = 8;

// Many tags of a device, changed in one go.
export function ManyTags({ device, chosen, onClose, onDone }: {
  device: Device; chosen: ReadonlySet<string>; onClose: () => void; onDone: () => void;
}): ReactNode {
  const t = words.use();
  const [draft, setDraft] = useState(emptyChange);
  const [flaws, setFlaws] = useState<Flaw[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const change = changeOf(draft);
  const ready = change !== null && Object.keys(change).length > 0;
  const save = async (wanted: TagChange) => {
    setBusy(true);
    setFlaws([]);
    setError(null);
    try {
      await sendJson('PUT', deviceUrl(device.name),
        { ...specOfDevice(device), groups: changeTags(device.groups, chosen, wanted) },
        { headers: { 'If-Match': `"${device.revision}"` } });
      onDone();
    } catch (failed) {
      if (failed instanceof ApiError && failed.status === 422) setFlaws(flawsOfError(failed));
      else setError(failed);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} size="lg" title={t('manyTitle', { count: chosen.size })}
      closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (ready && !busy) void save(change);
      }}>
        <Stack gap="sm">
          <Note>{t('manyHelp')}</Note>
          <div className={styles.form}>
            <Autocomplete size="xs" label={t('group')} value={draft.group} data-autofocus
              data={device.groups.map((one) => one.name)}
              onChange={(group) => setDraft({ ...draft, group })} />
            <NativeSelect size="xs" label={t('access')} value={draft.access}
              onChange={(event) => setDraft({ ...draft, access: event.currentTarget.value })}
              data={[{ value: '', label: t('asIs') }, { value: 'read', label: t('acRead') },
                { value: 'read,write', label: t('acBoth') },
                { value: 'write', label: t('acWrite') }]} />
            {numbers.map((name) => (
              <TextInput key={name} size="xs" label={t(name)} inputMode="decimal"
                placeholder={t('asIs')} value={draft.numbers[name]}
                error={draft.numbers[name].trim() && !Number.isFinite(Number(draft.numbers[name]))
                  ? t('notNumber') : undefined}
                onChange={(event) => setDraft({ ...draft,
                  numbers: { ...draft.numbers, [name]: event.currentTarget.value } })} />))}
            <TextInput size="xs" label={t('unit')} placeholder={t('asIs')} value={draft.unit}
              disabled={draft.clearUnit}
              onChange={(event) => setDraft({ ...draft, unit: event.currentTarget.value })} />
            <Checkbox size="xs" mt={24} label={t('noUnit')} checked={draft.clearUnit}
              onChange={(event) => setDraft({ ...draft,
                clearUnit: event.currentTarget.checked })} />
          </div>
          {flaws.slice(0, shownFlaws).map((flaw) => (
            <Note kind="alarm" key={`${flaw.tag} ${flaw.text}`}>{flaw.tag} {flaw.text}</Note>))}
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
            <Button type="submit" disabled={!ready} loading={busy}>{t('save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
