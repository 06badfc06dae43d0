import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { specOf, type Rule, type RuleSpec } from '../data';
import { words } from '../words';
import SidesView from './SidesView';

// Both sides of a conflict; what happens is chosen, never assumed.
export function Conflict({ mine, myVersion, theirs, onClose, onTheirs, onMine }: {
  mine: RuleSpec; myVersion: number; theirs: Rule; onClose: () => void; onTheirs: () => void;
  onMine: () => void;
}): ReactNode {
  const t = words.use();
  return (
    <Modal opened onClose={onClose} size="80%" centered title={t('conflictTitle')}
      closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack gap="sm">
        <div role="alert">{t('conflictText', {
          theirs: theirs.version, yours: myVersion,
          actor: theirs.updated_by || t('nobody') })}</div>
        <SidesView left={specOf(theirs)} right={mine} rightLabel={t('yours')}
          leftLabel={t('theirs', { version: theirs.version })} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onTheirs}>{t('takeTheirs')}</Button>
          <Button variant="default" onClick={onMine}>{t('keepMine')}</Button>
          <Button onClick={onClose} data-autofocus>{t('goOn')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
