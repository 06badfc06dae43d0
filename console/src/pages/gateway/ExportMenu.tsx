import { Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { getJson, send } from '~/lib/api';
import { problemText } from '~/ui';
import { save } from './flaws';
import { devicesToml, type DeviceSpec } from './toml';
import { words } from './words';

type Format = 'json' | 'csv' | 'toml';

async function fetchAs(format: Format): Promise<Blob | string> {
  if (format !== 'toml') {
    const answer = await send(`/api/v1/devices/export?format=${format}`);
    return answer.blob();
  }
  const { devices } = await getJson<{ devices: DeviceSpec[] }>('/api/v1/devices/export');
  return devicesToml(devices);
}

export function ExportMenu({ icon }: { icon: ReactNode }): ReactNode {
  const t = words.use();
  const run = (format: Format) => {
    fetchAs(format).then(
      (text) => save(`${format === 'csv' ? 'tags' : 'devices'}.${format}`, 'text/plain', text),
      (error: unknown) => notifications.show({ color: 'red', message: problemText(error) }));
  };
  return (
    <Menu withinPortal position="bottom-end">
      <Menu.Target>
        <Button size="compact-sm" variant="default" leftSection={icon}>{t('export')}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => run('json')}>{t('exportJson')}</Menu.Item>
        <Menu.Item onClick={() => run('csv')}>{t('exportCsv')}</Menu.Item>
        <Menu.Item onClick={() => run('toml')}>{t('exportToml')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
