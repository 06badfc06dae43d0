import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { problemText } from '~/ui';
import { words } from './words';

export const say = (message: string): void => void notifications.show({ message });
export const sayProblem = (error: unknown): void =>
  void notifications.show({ message: problemText(error), color: 'red', autoClose: 12_000 });

// Done, with a way back.
export function sayWithUndo(message: string, undo: () => Promise<unknown>): void {
  const id = notifications.show({
    autoClose: 15_000,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <span>{message}</span>
        <Button size="compact-sm" variant="default" onClick={() => {
          notifications.hide(id);
          undo().catch(sayProblem);
        }}>{words.now('undo')}</Button>
      </Group>),
  });
}

// A file for the person to keep.
export function saveFile(name: string, text: string, type = 'application/json'): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
