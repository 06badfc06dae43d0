import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ProblemAlert } from '~/ui';
import { useRelationships, type Twin } from '../data';
import { words } from '../words';
import { removeTwin, type Kept } from './remove';

// Removing a twin wants its id typed; what it was is kept for putting it back.
export function DeleteTwin({ twin, onClose, onRemoved }: {
  twin: Twin; onClose: () => void; onRemoved: (kept: Kept) => void;
}): ReactNode {
  const t = words.use();
  const related = useRelationships(twin.id).data;
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const remove = async () => {
    setBusy(true);
    try {
      onRemoved(await removeTwin(twin.id));
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const count = (related?.out.length ?? 0) + (related?.into.length ?? 0);
  return (
    <Modal opened onClose={onClose} centered title={t('deleteTitle', { id: twin.id })}
      closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (typed === twin.id) void remove();
      }}>
        <Stack gap="sm">
          <div>{t('deleteText', { count })}</div>
          <TextInput label={t('typeId', { id: twin.id })} value={typed} data-autofocus
            autoComplete="off" onChange={(event) => setTyped(event.currentTarget.value)} />
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
            <Button type="submit" color="red" loading={busy} disabled={typed !== twin.id}>
              {t('deleteTwin')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
