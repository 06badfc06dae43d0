import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { QueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { getJson, sendJson } from '~/lib/api';
import { problemText } from '~/ui';
import { specOfDevice } from './many';
import { deviceUrl, type Device } from './model';
import { words } from './words';

function Taken({ text, onUndo }: { text: string; onUndo: () => void }): ReactNode {
  const t = words.use();
  return (
    <Group justify="space-between" wrap="nowrap">
      <span>{text}</span>
      <Button size="compact-sm" variant="default" onClick={onUndo}>{t('undo')}</Button>
    </Group>
  );
}

// Done, with a way back for a while.
export function sayUndo(text: string, undo: () => Promise<unknown>): void {
  const id = notifications.show({
    autoClose: 20_000,
    message: <Taken text={text} onUndo={() => {
      notifications.hide(id);
      undo().then(
        () => notifications.show({ message: words.now('undone') }),
        (error: unknown) => notifications.show({ color: 'red', autoClose: 12_000,
          message: problemText(error) }));
    }} />,
  });
}

// The way back from a change of a device is the device as it was, and only while nobody else has
// changed it since.
export async function sayDeviceUndo(
  client: QueryClient, before: Device, text: string,
): Promise<void> {
  const after = await getJson<Device>(deviceUrl(before.name)).catch(() => null);
  if (!after) return;
  sayUndo(text, async () => {
    await sendJson('PUT', deviceUrl(before.name), specOfDevice(before),
      { headers: { 'If-Match': `"${after.revision}"` } });
    await client.invalidateQueries({ queryKey: ['gateway'] });
  });
}
