import { Autocomplete, Button, Group, Modal, Stack } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ApiError, seg, sendJson } from '~/lib/api';
import { ProblemAlert } from '~/ui';
import { flawsOfError } from './flaws';
import { deviceUrl, emptyTag, useDriver, type Device, type Flaw, type Tag } from './model';
import { Note } from './parts';
import { ReadTest } from './ReadTest';
import { AddressHelp, draftOfTag, TagFields, tagOfDraft } from './TagFields';
import type { TagRow } from './TagTable';
import { words } from './words';

const fieldNames = new Set(Object.keys(emptyTag));

// Puts a tag into a group; a group that is not there is made with it.
export async function putTag(
  device: Device, group: string, tag: Tag, before: TagRow | null,
): Promise<void> {
  const head = { headers: { 'If-Match': `"${device.revision}"` } };
  const url = deviceUrl(device.name);
  if (before)
    await sendJson('PATCH', `${url}/groups/${seg(before.group)}/tags/${seg(before.tag.name)}`,
      { ...tag, group }, head);
  else if (device.groups.some((one) => one.name === group))
    await sendJson('PUT', `${url}/groups/${seg(group)}/tags/${seg(tag.name)}`, tag, head);
  else
    await sendJson('PUT', `${url}/groups/${seg(group)}`, { interval_ms: 1000, tags: [tag] }, head);
}

export function TagDialog({ device, row, fixed, onClose, onDone }: {
  device: Device; row: TagRow | null; fixed: boolean; onClose: () => void; onDone: () => void;
}): ReactNode {
  const t = words.use();
  const driver = useDriver(device.driver).data;
  const [draft, setDraft] = useState(() => draftOfTag(row?.tag ?? emptyTag));
  const [group, setGroup] = useState(row?.group ?? device.groups[0]?.name ?? 'main');
  const [flaws, setFlaws] = useState<Flaw[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [removing, setRemoving] = useState(false);
  const { tag, wrong } = tagOfDraft(draft);
  const ready = tag.name !== '' && tag.address !== '' && group.trim() !== '' && !wrong.length;
  const attempt = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setFlaws([]);
    setError(null);
    try {
      await work();
      onDone();
    } catch (failed) {
      if (failed instanceof ApiError && (failed.status === 422 || failed.status === 400))
        setFlaws(flawsOfError(failed, [tag.name]));
      else setError(failed);
      setBusy(false);
    }
  };
  const elsewhere = flaws.filter((flaw) => !flaw.field || !fieldNames.has(flaw.field)
    || (flaw.tag !== tag.name && flaw.tag !== 'test'));
  const remove = () => sendJson('DELETE',
    `${deviceUrl(device.name)}/groups/${seg(row?.group ?? '')}/tags/${seg(row?.tag.name ?? '')}`,
    undefined, { headers: { 'If-Match': `"${device.revision}"` } });
  return (
    <Modal opened onClose={onClose} size={760} title={row ? row.tag.name : t('addTag')}
      closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (ready && !busy && !fixed)
          void attempt(() => putTag(device, group.trim(), tag, row));
      }}>
        <Stack gap="sm">
          {driver && (
            <TagFields draft={draft} onChange={setDraft} driver={driver} flaws={flaws}
              wrong={wrong} fixed={fixed} />)}
          <Autocomplete size="xs" label={t('group')} value={group} onChange={setGroup}
            disabled={fixed} data={device.groups.map((one) => one.name)} maw={300} />
          <ReadTest device={device.name} tag={{ ...tag, name: 'test' }} />
          {!fixed && driver && (
            <AddressHelp driver={driver} onTake={(address) => setDraft({ ...draft, address })} />)}
          {elsewhere.map((flaw) => <Note kind="alarm" key={flaw.text}>{flaw.text}</Note>)}
          <ProblemAlert error={error} />
          {removing && <Note kind="warn">{t('removeTagText')}</Note>}
          {!fixed && (
            <Group justify="flex-end">
              {row && (
                <Button variant="default" mr="auto" color={removing ? 'red' : undefined}
                  onClick={() => (removing ? void attempt(remove) : setRemoving(true))}>
                  {removing ? t('removeTagSure') : t('removeTag')}</Button>)}
              <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
              <Button type="submit" disabled={!ready} loading={busy}>{t('save')}</Button>
            </Group>)}
        </Stack>
      </form>
    </Modal>
  );
}
