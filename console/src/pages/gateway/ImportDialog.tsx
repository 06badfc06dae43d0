import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { words } from './words';

export function ImportDialog({ onClose }: { onClose: () => void }): ReactNode {
  const t = words.use();
  return <Modal opened onClose={onClose} title={t('import')} />;
}
