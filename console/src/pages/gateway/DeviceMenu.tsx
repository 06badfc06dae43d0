import { ActionIcon, Button, Group, Menu, Modal, Stack, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import {
  Copy, Download, EllipsisVertical, LayoutTemplate, Power, PowerOff, Trash2, Upload,
} from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { getJson, query, seg, send, sendJson } from '~/lib/api';
import { useMay } from '~/lib/session';
import { ProblemAlert, problemText } from '~/ui';
import { save } from './flaws';
import { ImportDialog } from './ImportDialog';
import { specOfDevice, templateOf } from './many';
import { deviceUrl, readOnly, type Device, type DeviceSummary } from './model';
import { Note } from './parts';
import { sayUndo } from './undo';
import { useParams } from './useParam';
import { words } from './words';

type Order = 'enable' | 'disable' | 'copy' | 'delete';

// One question before each change of a device; a device is deleted by typing its name.
function OrderDialog({ device, order, onClose }: {
  device: Pick<DeviceSummary, 'name'>; order: Order; onClose: () => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const { get, set } = useParams();
  const [text, setText] = useState(order === 'copy' ? `${device.name}-2` : '');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const ready = order === 'delete' ? text === device.name
    : order !== 'copy' || (text.trim() !== '' && text !== device.name);
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      const url = deviceUrl(device.name);
      const before = order === 'delete' ? await getJson<Device>(url) : null;
      if (order === 'delete') await sendJson('DELETE', url);
      else if (order === 'copy') await sendJson('POST', `${url}/copy`, { name: text.trim() });
      else await sendJson('POST', `${url}/${order}`);
      await client.invalidateQueries({ queryKey: ['gateway'] });
      onClose();
      if (before) sayUndo(t('deviceRemoved', { name: before.name }), async () => {
        await sendJson('PUT', url, specOfDevice(before));
        await client.invalidateQueries({ queryKey: ['gateway'] });
      });
      if (order === 'delete' && get('device')) set({ device: null });
      if (order === 'copy') set({ device: text.trim(), part: 'settings' }, true);
    } catch (failed) {
      setError(failed);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t(`ask_${order}`, { name: device.name })} centered
      closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (ready && !busy) void run();
      }}>
        <Stack gap="sm">
          <Note kind={order === 'delete' ? 'alarm' : undefined}>{t(`askText_${order}`)}</Note>
          {(order === 'delete' || order === 'copy') && (
            <TextInput data-autofocus value={text} autoComplete="off" spellCheck={false}
              label={order === 'delete' ? t('typeName', { name: device.name }) : t('newName')}
              onChange={(event) => setText(event.currentTarget.value)} />)}
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
            <Button type="submit" disabled={!ready} loading={busy}
              data-autofocus={order === 'enable' || order === 'disable' || undefined}
              color={order === 'delete' ? 'red' : undefined}>{t(order)}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

const tell = (error: unknown) =>
  void notifications.show({ color: 'red', message: problemText(error) });

const exportTags = (name: string) =>
  send(`/api/v1/devices/export${query({ format: 'csv', filter: name })}`)
    .then((answer) => answer.blob())
    .then((csv) => save(`${name.replaceAll('/', '_')}.csv`, 'text/csv', csv), tell);

// A template out of a device: its link's address becomes a parameter.
async function asTemplate(name: string): Promise<string> {
  const device = await getJson<Device>(deviceUrl(name));
  const template = templateOf(device);
  await sendJson('PUT', `/api/v1/templates/${seg(template.name)}`, template,
    { headers: { 'If-None-Match': '*' } });
  return template.name;
}

export function DeviceMenu({ device }: {
  device: Pick<DeviceSummary, 'name' | 'enabled' | 'origin'>;
}): ReactNode {
  const t = words.use();
  const mayChange = useMay('engineer');
  const [order, setOrder] = useState<Order | null>(null);
  const [importing, setImporting] = useState(false);
  const { set } = useParams();
  const fixed = readOnly(device);
  if (!mayChange) return null;
  return (
    <span onClick={(event) => event.stopPropagation()} role="presentation">
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" size="sm" aria-label={t('menuOf', { name: device.name })}>
            <EllipsisVertical size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {fixed && <Menu.Label>{t('fileHelp', { file: device.origin })}</Menu.Label>}
          {device.enabled ? (
            <Menu.Item leftSection={<PowerOff size={14} />} disabled={fixed}
              onClick={() => setOrder('disable')}>{t('disable')} …</Menu.Item>
          ) : (
            <Menu.Item leftSection={<Power size={14} />} disabled={fixed}
              onClick={() => setOrder('enable')}>{t('enable')} …</Menu.Item>)}
          {/* A first that is disabled takes no focus, and keys would go past the menu. */}
          <Menu.Item leftSection={<Copy size={14} />} data-autofocus={fixed || undefined}
            onClick={() => setOrder('copy')}>
            {t('copy')} …</Menu.Item>
          <Menu.Item leftSection={<Download size={14} />}
            onClick={() => void exportTags(device.name)}>
            {t('exportTags')}</Menu.Item>
          <Menu.Item leftSection={<Upload size={14} />} disabled={fixed}
            onClick={() => setImporting(true)}>{t('importTags')} …</Menu.Item>
          <Menu.Item leftSection={<LayoutTemplate size={14} />}
            onClick={() => void asTemplate(device.name).then((name) => set(
              { device: null, part: null, tab: 'templates', template: name }, true), tell)}>
            {t('asTemplate')}</Menu.Item>
          <Menu.Item leftSection={<Trash2 size={14} />} disabled={fixed}
            onClick={() => setOrder('delete')}>{t('delete')} …</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {importing && <ImportDialog device={device.name} onClose={() => setImporting(false)} />}
      {order && <OrderDialog device={device} order={order} onClose={() => setOrder(null)} />}
    </span>
  );
}
