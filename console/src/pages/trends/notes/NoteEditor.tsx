import {
  Button, Group, Modal, MultiSelect, SegmentedControl, Stack, TagsInput, Textarea, TextInput,
} from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { formatTime, zoneOf } from '~/lib/time';
import type { NoteSpec } from '~/lib/notes';
import { ProblemAlert } from '~/ui';
import type { ShownPen } from '../chart/types';
import { words } from '../words';
import { aboutChoices, specOf, type Draft, type DraftFlaw } from './draft';
import type { Editing } from './useTrendNotes';

const tagsLimit = 16;

// Writes a note or changes one. Ctrl-Enter keeps it.
export function NoteEditor({ editing, shown, zone, tags, onSave, onDelete, onClose }: {
  editing: Editing; shown: ShownPen[]; zone: string; tags: string[];
  onSave: (spec: NoteSpec) => Promise<void>; onDelete: () => void; onClose: () => void;
}): ReactNode {
  const t = words.use();
  const [draft, setDraft] = useState(editing.draft);
  const [flaw, setFlaw] = useState<DraftFlaw | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<Draft>) => {
    setDraft({ ...draft, ...part });
    setFlaw(null);
  };
  const save = () => {
    const spec = specOf(draft, zone, editing.note);
    if (typeof spec === 'string') return setFlaw(spec);
    setBusy(true);
    setError(null);
    onSave(spec).catch((failed: unknown) => {
      setError(failed);
      setBusy(false);
    });
  };
  const choices = aboutChoices(shown, editing.draft.about);
  const time = (name: 'from' | 'to', label: string) => (
    <TextInput size="sm" type="datetime-local" step="1" label={label} value={draft[name]}
      error={flaw === name ? t(name === 'to' ? 'badRange' : 'noteBadTime') : undefined}
      onChange={(event) => change({ [name]: event.currentTarget.value })} />
  );
  const { note } = editing;
  return (
    <Modal opened onClose={onClose} size={560} centered
      title={t(note ? 'noteEdit' : 'noteAdd')} closeButtonProps={{ 'aria-label': t('noteCancel') }}>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        if (!busy) save();
      }}>
        <Stack gap="sm">
          <Textarea label={t('noteText')} autosize minRows={3} maxRows={10} data-autofocus
            value={draft.text} error={flaw === 'text' ? t('noteNoText') : undefined}
            onChange={(event) => change({ text: event.currentTarget.value })}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
            }} />
          <Group gap="sm" align="flex-end" wrap="wrap">
            <SegmentedControl size="sm" aria-label={t('time')} value={draft.range ? 'range' : 'at'}
              data={[{ value: 'at', label: t('noteMoment') },
                { value: 'range', label: t('noteRange') }]}
              onChange={(value) => change({ range: value === 'range' })} />
            {time('from', draft.range ? t('from') : t('time'))}
            {draft.range && time('to', t('to'))}
          </Group>
          <MultiSelect label={t('noteAbout')} description={draft.about.length
            ? undefined : t('noteAboutSite')} value={draft.about} searchable clearable
            hidePickedOptions maxDropdownHeight={260}
            clearButtonProps={{ 'aria-label': t('noteAboutClear') }}
            data={[{ group: t('notePoints'), items: choices.points },
              { group: t('noteTwins'), items: choices.twins },
              { group: t('notePaths'), items: choices.paths },
            ].filter(({ items }) => items.length > 0)}
            onChange={(about) => change({ about })} />
          <TagsInput label={t('noteTags')} value={draft.tags} data={tags} maxTags={tagsLimit}
            placeholder={draft.tags.length ? undefined : t('noteTagsHint')}
            splitChars={[',', ' ']} onChange={(all) => change({ tags: all })} />
          {note && <span className="hw-dim" style={{ fontSize: 12 }}>
            {t('noteBy', { author: note.author,
              time: formatTime(Date.parse(note.created_at), 'full', zone) })}
            {note.revision > 1 && ` ${t('noteChangedBy', { author: note.updated_by,
              time: formatTime(Date.parse(note.updated_at), 'full', zone) })}`}</span>}
          {error ? <ProblemAlert error={error} /> : null}
          <Group justify="space-between">
            {note ? <Button variant="default" onClick={onDelete} disabled={busy}>
              {t('noteDelete')}</Button>
              : <span className="hw-dim" style={{ fontSize: 12 }}>{zoneOf(zone)}</span>}
            <Group gap="xs">
              <Button variant="default" onClick={onClose}>{t('noteCancel')}</Button>
              <Button type="submit" loading={busy}>{t('noteSave')}</Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
