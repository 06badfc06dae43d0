import { Autocomplete, Button, Group, Modal, NumberInput, Stack } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { seg, sendJson } from '~/lib/api';
import { flawsOfError } from './flaws';
import styles from './gateway.module.css';
import {
  deviceUrl, emptyTag, pointOf, useDriver, type Device, type Flaw, type Tag,
} from './model';
import { Note } from './parts';
import { expand, usualStep } from './patterns';
import { ReadTest } from './ReadTest';
import { draftOfTag, TagFields, tagOfDraft } from './TagFields';
import { words } from './words';

export const rangeLimit = 10_000;
const shownRows = 6;

export function tagsOfRange(pattern: Tag, count: number, driver: string): Tag[] {
  const step = usualStep(driver, pattern.type);
  return Array.from({ length: Math.min(count, rangeLimit) }, (_, index) => ({
    ...pattern,
    name: expand(pattern.name, index),
    address: expand(pattern.address, index, step),
    point: pattern.point ? expand(pattern.point, index) : '',
  }));
}

// Many tags at once: a name and an address whose numbers run, seen before they are made.
export function RangeDialog({ device, onClose, onDone }: {
  device: Device; onClose: () => void; onDone: () => void;
}): ReactNode {
  const t = words.use();
  const driver = useDriver(device.driver).data;
  const [draft, setDraft] = useState(() => draftOfTag({
    ...emptyTag, name: 'tag{1}', address: driver?.addresses[0]?.example ?? '',
  }));
  const [count, setCount] = useState(8);
  const [group, setGroup] = useState(device.groups[0]?.name ?? 'main');
  const [flaws, setFlaws] = useState<Flaw[]>([]);
  const [busy, setBusy] = useState(false);
  const { tag, wrong } = tagOfDraft(draft);
  const tags = tag.name && tag.address ? tagsOfRange(tag, count, device.driver) : [];
  const there = new Set(device.groups.flatMap((one) => one.tags.map((old) => old.name)));
  const twice = tags.filter((one) => there.has(one.name)).length;
  const save = async () => {
    setBusy(true);
    setFlaws([]);
    const old = device.groups.find((one) => one.name === group.trim());
    try {
      await sendJson('PUT', `${deviceUrl(device.name)}/groups/${seg(group.trim())}`, {
        interval_ms: old?.interval_ms ?? 1000, tags: [...(old?.tags ?? []), ...tags],
      }, { headers: { 'If-Match': `"${device.revision}"` } });
      onDone();
    } catch (error) {
      setFlaws(flawsOfError(error, [...(old?.tags ?? []), ...tags].map((one) => one.name)));
      setBusy(false);
    }
  };
  const preview = [...tags.slice(0, shownRows - 1), ...tags.slice(shownRows - 1).slice(-1)];
  return (
    <Modal opened onClose={onClose} size={800} title={t('addRange')}
      closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (tags.length && !twice && !wrong.length && !busy) void save();
      }}>
        <Stack gap="sm">
          <Note>{t('rangeHelp')}</Note>
          {driver && (
            <TagFields draft={draft} onChange={setDraft} driver={driver} flaws={[]} wrong={wrong}
              fixed={false} nameLabel={t('namePattern')} />)}
          <Group align="flex-end">
            <NumberInput size="xs" w={120} label={t('count')} min={1} max={rangeLimit}
              value={count} onChange={(value) => setCount(Math.max(1, Number(value) || 1))} />
            <Autocomplete size="xs" label={t('group')} value={group} onChange={setGroup}
              data={device.groups.map((one) => one.name)} />
          </Group>
          <table className={`${styles.plain} ${styles.lined}`}>
            <thead><tr><th>{t('tag')}</th><th>{t('address')}</th><th>{t('point')}</th><th /></tr>
            </thead>
            <tbody>
              {preview.map((one, index) => (
                <tr key={one.name + one.address}>
                  <td>{index === shownRows - 1 && tags.length > shownRows ? '… ' : ''}
                    {one.name}</td>
                  <td className="hw-mono">{one.address}</td>
                  <td className={styles.dim}>{pointOf(device.name, one)}</td>
                  <td><ReadTest device={device.name} tag={one} /></td>
                </tr>))}
            </tbody>
          </table>
          {twice > 0 && <Note kind="warn">{t('rangeTwice', { count: twice })}</Note>}
          {flaws.slice(0, 8).map((flaw) => (
            <Note kind="alarm" key={`${flaw.tag}${flaw.text}`}>{flaw.tag} {flaw.text}</Note>))}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
            <Button type="submit" loading={busy} disabled={!tags.length || twice > 0}>
              {t('addTags', { count: tags.length })}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
