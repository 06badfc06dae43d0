import { Button, Checkbox } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { Power, PowerOff } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { sendJson } from '~/lib/api';
import { problemText, type Column } from '~/ui';
import styles from './gateway.module.css';
import { deviceUrl, readOnly, type DeviceSummary } from './model';
import { sayUndo } from './undo';
import { words, type T } from './words';

export const deviceChoice = (
  t: T, chosen: ReadonlySet<string>, toggle: (name: string) => void,
): Column<DeviceSummary> => ({
  id: 'choice', title: '', width: 38, cell: (device) => (
    <span onClick={(event) => event.stopPropagation()} role="presentation">
      <Checkbox size="xs" aria-label={t('chooseOne', { name: device.name })}
        disabled={readOnly(device)} checked={chosen.has(device.name)}
        title={readOnly(device) ? t('fileHelp', { file: device.origin }) : undefined}
        onChange={() => toggle(device.name)} />
    </span>),
});

// Many devices paused or let run; those that are so already are left alone.
export function ManyDevices({ devices, onChoose }: {
  devices: DeviceSummary[]; onChoose: (names: string[]) => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const all = async (names: string[], on: boolean) => {
    try {
      for (const name of names)
        await sendJson('POST', `${deviceUrl(name)}/${on ? 'enable' : 'disable'}`);
    } finally {
      await client.invalidateQueries({ queryKey: ['gateway'] });
    }
  };
  const run = (on: boolean) => {
    const names = devices.filter(({ enabled }) => enabled !== on).map(({ name }) => name);
    setBusy(true);
    all(names, on).then(
      () => sayUndo(t(on ? 'manyEnabled' : 'manyDisabled', { count: names.length }),
        () => all(names, !on)),
      (error: unknown) => notifications.show({ color: 'red', message: problemText(error) }),
    ).finally(() => setBusy(false));
  };
  return (
    <div className={styles.bar} role="toolbar" aria-label={t('devicesChosen', {
      count: devices.length })}>
      <strong>{t('devicesChosen', { count: devices.length })}</strong>
      <Button size="compact-sm" variant="default" leftSection={<Power size={14} />} loading={busy}
        disabled={devices.every(({ enabled }) => enabled)} onClick={() => run(true)}>
        {t('enable')}</Button>
      <Button size="compact-sm" variant="default" leftSection={<PowerOff size={14} />}
        loading={busy} disabled={devices.every(({ enabled }) => !enabled)}
        onClick={() => run(false)}>{t('disable')}</Button>
      <span className={styles.spring} />
      <Button size="compact-sm" variant="subtle" onClick={() => onChoose([])}>
        {t('chooseNone')}</Button>
    </div>
  );
}
