import { Button, Group as Row, Modal, Stack, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { seg, sendJson } from '~/lib/api';
import { ProblemAlert } from '~/ui';
import { parseDuration } from './driverForm';
import styles from './gateway.module.css';
import { deviceUrl, type Device, type Group } from './model';
import { intervalText, Note } from './parts';
import { words } from './words';

const leastMs = 30;
const mostMs = 7 * 86400e3;

// "500ms", "2 s", or a plain number of milliseconds; NaN outside of what the gateway takes.
export function intervalOf(text: string): number {
  const plain = text.trim().replaceAll(' ', '');
  const ms = Math.round(/^\d+$/.test(plain) ? Number(plain) : parseDuration(plain) * 1000);
  return ms >= leastMs && ms <= mostMs ? ms : NaN;
}

function GroupLine({ device, group, onDone, onError }: {
  device: Device; group: Group | null; onDone: () => void; onError: (error: unknown) => void;
}): ReactNode {
  const t = words.use();
  const [name, setName] = useState(group?.name ?? '');
  const [text, setText] = useState(group ? intervalText(group.interval_ms) : '1 s');
  const [sure, setSure] = useState(false);
  const ms = intervalOf(text);
  const url = `${deviceUrl(device.name)}/groups/${seg(group?.name ?? name.trim())}`;
  const head = { headers: { 'If-Match': `"${device.revision}"` } };
  const run = (method: 'PUT' | 'DELETE') => {
    const body = method === 'PUT' ? { interval_ms: ms, tags: group?.tags ?? [] } : undefined;
    sendJson(method, url, body, head).then(onDone, onError);
  };
  const changed = group ? ms !== group.interval_ms : name.trim() !== '';
  return (
    <tr>
      <td>{group ? group.name
        : <TextInput size="xs" value={name} placeholder={t('newGroup')} aria-label={t('newGroup')}
          onChange={(event) => setName(event.currentTarget.value)} />}</td>
      <td><TextInput size="xs" w={110} value={text} aria-label={t('interval')}
        error={Number.isNaN(ms) ? t('intervalFlaw') : undefined}
        onChange={(event) => setText(event.currentTarget.value)} /></td>
      <td className={styles.num}>{group?.tags.length ?? ''}</td>
      <td>
        <Row gap={6} wrap="nowrap" justify="flex-end">
          <Button size="compact-xs" disabled={!changed || Number.isNaN(ms)}
            onClick={() => run('PUT')}>{group ? t('save') : t('add')}</Button>
          {group && (
            <Button size="compact-xs" variant="default" color={sure ? 'red' : undefined}
              onClick={() => (sure ? run('DELETE') : setSure(true))}>
              {sure ? t('removeGroupSure', { count: group.tags.length }) : t('delete')}
            </Button>)}
        </Row>
      </td>
    </tr>
  );
}

export function GroupDialog({ device, onClose, onDone }: {
  device: Device; onClose: () => void; onDone: () => void;
}): ReactNode {
  const t = words.use();
  const [error, setError] = useState<unknown>(null);
  return (
    <Modal opened onClose={onClose} size="lg" title={t('groups')}
      closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack gap="sm">
        <Note>{t('groupsHelp')}</Note>
        <table className={styles.plain}>
          <thead><tr><th>{t('group')}</th><th>{t('interval')}</th>
            <th className={styles.num}>{t('tags')}</th><th /></tr></thead>
          <tbody>
            {[...device.groups, null].map((group) => (
              <GroupLine key={group?.name ?? ''} device={device} group={group} onDone={onDone}
                onError={setError} />))}
          </tbody>
        </table>
        <ProblemAlert error={error} />
      </Stack>
    </Modal>
  );
}
