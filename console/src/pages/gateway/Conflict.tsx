import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './gateway.module.css';
import { words } from './words';

export interface Difference {
  field: string;
  mine: string | undefined; // undefined: not changed
  theirs: string | undefined;
}

// Somebody else saved meanwhile: both sides beside each other, and a person decides.
export function Conflict({ differences, onMine, onTheirs, onClose }: {
  differences: Difference[]; onMine: () => void; onTheirs: () => void; onClose: () => void;
}): ReactNode {
  const t = words.use();
  return (
    <Modal opened onClose={onClose} title={t('conflictTitle')} size="lg" centered
      closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack gap="sm">
        <p style={{ margin: 0 }}>{t('conflictText')}</p>
        <table className={`${styles.plain} ${styles.lined}`}>
          <thead><tr><th>{t('setting')}</th><th>{t('mine')}</th><th>{t('theirs')}</th></tr></thead>
          <tbody>
            {differences.map((one) => (
              <tr key={one.field}>
                <td className="hw-mono">{one.field}</td>
                <td>{one.mine === undefined ? <span className={styles.dim}>{t('unchanged')}</span>
                  : <strong>{one.mine || t('emptyValue')}</strong>}</td>
                <td>{one.theirs === undefined
                  ? <span className={styles.dim}>{t('unchanged')}</span>
                  : one.theirs || t('emptyValue')}</td>
              </tr>))}
            {differences.length === 0 && <tr><td colSpan={3}>{t('conflictElsewhere')}</td></tr>}
          </tbody>
        </table>
        <Group justify="flex-end">
          <Button variant="default" onClick={onTheirs}>{t('takeTheirs')}</Button>
          <Button onClick={onMine} data-autofocus>{t('takeMine')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
