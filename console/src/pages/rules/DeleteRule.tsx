import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ProblemAlert } from '~/ui';
import { createRule, deleteRule, refreshRules, specOf, type Rule } from './data';
import { say, sayWithUndo } from './notify';
import { words } from './words';

// Deleting asks for the name, and can be taken back for a while: the rule is made again as it was.
export function DeleteRule({ rule, onClose, onDone }: {
  rule: Rule; onClose: () => void; onDone?: () => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<unknown>(null);
  const remove = async () => {
    try {
      await deleteRule(rule.id);
      sayWithUndo(t('deleted', { id: rule.id }), async () => {
        await createRule(specOf(rule));
        say(words.now('restored', { id: rule.id }));
        await refreshRules(client);
      });
      onClose();
      onDone?.();
      await refreshRules(client);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('deleteTitle', { id: rule.id })} centered
      closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (typed === rule.id) void remove();
      }}>
        <Stack gap="sm">
          <div>{t('deleteText')}</div>
          <TextInput label={t('typeName', { name: rule.id })} value={typed} data-autofocus
            onChange={(event) => setTyped(event.currentTarget.value)} />
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
            <Button type="submit" color="red" disabled={typed !== rule.id}>{t('delete')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
