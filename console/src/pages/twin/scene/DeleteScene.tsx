import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { words } from './words';

export function DeleteScene({ site, nodes, onClose, onDelete }: {
  site: string; nodes: number; onClose: () => void; onDelete: () => Promise<void>;
}): ReactNode {
  const t = words.use();
  return (
    <Modal opened onClose={onClose} centered title={t('deleteSceneOf', { site })}
      closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack gap="sm">
        <div>{t('deleteSceneText', { count: nodes })}</div>
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={onClose}>{t('cancel')}</Button>
          <Button color="red" onClick={() => {
            void onDelete();
            onClose();
          }}>{t('deleteScene')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
