import { Button, Group, Modal, Select, Stack, Switch, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { seg, sendJson } from '~/lib/api';
import { roles, type Role } from '~/lib/session';
import { Note } from '~/pages/gateway/parts';
import { CopyCode, ProblemAlert } from '~/ui';
import type { ApiKey } from './model';
import { words } from './words';

const days = [0, 7, 30, 90, 365];

export const expiryOf = (inDays: number, now: number): string | null =>
  (inDays ? new Date(now + inDays * 86400e3).toISOString() : null);

// A key's secret is shown once, when it is made.
export function KeyDialog({ apiKey, onClose }: {
  apiKey: ApiKey | null; onClose: () => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [name, setName] = useState(apiKey?.name ?? '');
  const [role, setRole] = useState<Role>(apiKey?.role ?? 'viewer');
  const [scope, setScope] = useState(apiKey?.scope ?? '#');
  const [enabled, setEnabled] = useState(apiKey?.enabled ?? true);
  const [expiry, setExpiry] = useState(apiKey ? 'keep' : '90');
  const [made, setMade] = useState('');
  const [sure, setSure] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const expires = expiry === 'keep' ? {} : { expires: expiryOf(Number(expiry), Date.now()) };
  const attempt = async (work: () => Promise<unknown>, stay = false) => {
    setError(null);
    try {
      await work();
      await client.invalidateQueries({ queryKey: ['system', 'keys'] });
      if (!stay) onClose();
    } catch (failed) {
      setError(failed);
    }
  };
  const url = `/api/v1/keys/${seg(apiKey?.id ?? '')}`;
  const save = () => (apiKey
    ? attempt(() => sendJson('PATCH', url, { name: name.trim(), role, scope, enabled, ...expires },
      { headers: { 'If-Match': `"${apiKey.revision}"` } }))
    : attempt(async () => {
      const key = await sendJson<ApiKey>('POST', '/api/v1/keys',
        { name: name.trim(), role, scope, enabled, ...expires });
      setMade(key.key ?? '');
    }, true));
  if (made)
    return (
      <Modal opened onClose={onClose} size={640} title={t('keyMade', { name })}
        closeOnClickOutside={false} closeButtonProps={{ 'aria-label': t('close') }}>
        <Stack gap="sm">
          <Note kind="warn">{t('keyOnce')}</Note>
          <CopyCode code={made} />
          <div className="hw-dim">{t('keyUse')}</div>
          <CopyCode code={`curl -H 'Authorization: Bearer ${made}' ` +
            `${window.location.origin}/api/v1/points`} />
          <div className="hw-dim">{t('keyUseMqtt')}</div>
          <CopyCode code={`mosquitto_sub -h ${window.location.hostname} -u key -P '${made}' ` +
            "-t '#' -v"} />
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('keyTaken')}</Button>
          </Group>
        </Stack>
      </Modal>
    );
  return (
    <Modal opened onClose={onClose} size={560} title={apiKey?.name ?? t('newKey')}
      closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) void save();
      }}>
        <Stack gap="sm">
          <TextInput size="xs" label={t('keyName')} value={name} required data-autofocus
            autoComplete="off" onChange={(event) => setName(event.currentTarget.value)} />
          <Select size="xs" label={t('role')} value={role} allowDeselect={false}
            description={t(`roleHelp_${role}`)}
            inputWrapperOrder={['label', 'input', 'error', 'description']}
            data={roles.map((value) => ({ value, label: t(`role_${value}`) }))}
            onChange={(value) => setRole((value ?? 'viewer') as Role)} />
          <TextInput size="xs" label={t('scope')} value={scope} description={t('scopeHelp')}
            inputWrapperOrder={['label', 'input', 'error', 'description']} spellCheck={false}
            onChange={(event) => setScope(event.currentTarget.value)} />
          <Select size="xs" label={t('expires')} value={expiry} allowDeselect={false}
            data={[...(apiKey ? [{ value: 'keep', label: t('asItIs') }] : []),
              ...days.map((count) => ({ value: String(count),
                label: count ? t('inDays', { count }) : t('never') }))]}
            onChange={(value) => setExpiry(value ?? '90')} />
          {apiKey && <Switch label={t('keyEnabled')} checked={enabled}
            onChange={(event) => setEnabled(event.currentTarget.checked)} />}
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            {apiKey && (
              <Button variant="default" mr="auto" color={sure ? 'red' : undefined}
                onClick={() => (sure ? void attempt(() => sendJson('DELETE', url))
                  : setSure(true))}>{sure ? t('removeKeySure') : t('removeKey')}</Button>)}
            <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
            <Button type="submit" disabled={!name.trim()}>{t('save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
