import { Checkbox, Select, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { query, send, sendJson, type Schemas } from '~/lib/api';
import { base, clientUrl, refresh, type Ban, type BanSpec } from './model';
import { Ask } from './parts';
import { words } from './words';

// The questions before a client is sent away, banned, or let in again.
export function KickDialog({ id, onClose }: { id: string; onClose: () => void }): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [session, setSession] = useState(false);
  return (
    <Ask title={t('kickTitle', { id })} verb={t('kick')} onClose={onClose} run={async (reason) => {
      await send(`${clientUrl(id)}${query({ session: session || undefined, reason })}`,
        { method: 'DELETE' });
      notifications.show({ message: t(session ? 'kickedSession' : 'kicked', { id }) });
      await refresh(client);
    }}>
      <div>{t('kickText')}</div>
      <Checkbox label={t('kickSession')} description={t('kickSessionHint')} checked={session}
        onChange={(event) => setSession(event.currentTarget.checked)} />
    </Ask>
  );
}

export const banLengths = ['10m', '1h', '24h', '168h', ''] as const;

export function BanDialog({ kind: initialKind = 'client', value: initialValue = '', onClose }: {
  kind?: BanSpec['kind']; value?: string; onClose: () => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [kind, setKind] = useState<BanSpec['kind']>(initialKind);
  const [value, setValue] = useState(initialValue);
  const [length, setLength] = useState<string>('1h');
  const [reason, setReason] = useState('');
  return (
    <Ask title={t('banTitle')} verb={t('ban')} reason={false} ready={value.trim() !== ''}
      onClose={onClose} run={async () => {
        const body: BanSpec = { kind, value: value.trim(), reason: reason.trim() || null,
          for: length || null };
        const done = await sendJson<Schemas['MqttBanned']>('POST', `${base}/bans`, body);
        notifications.show({ message: t('banned', { value: body.value, count: done.kicked }) });
        await refresh(client);
      }}>
      <div>{t('banText')}</div>
      <Select label={t('kind')} value={kind} allowDeselect={false}
        onChange={(next) => setKind((next ?? 'client') as BanSpec['kind'])}
        data={(['client', 'user', 'address'] as const).map((one) => (
          { value: one, label: t(`kind_${one}`) }))} />
      <TextInput label={t(`kind_${kind}`)} value={value} required spellCheck={false}
        description={kind === 'address' ? t('addressHint') : undefined}
        onChange={(event) => setValue(event.currentTarget.value)} />
      <Select label={t('howLong')} value={length} allowDeselect={false}
        onChange={(next) => setLength(next ?? '')}
        data={banLengths.map((one) => ({ value: one, label: t(`for_${one || 'ever'}`) }))} />
      <Textarea label={t('reason')} description={t('banReasonHint')} autosize minRows={1}
        value={reason} maxLength={500} onChange={(event) => setReason(event.currentTarget.value)} />
    </Ask>
  );
}

export function LiftDialog({ ban, onClose }: { ban: Ban; onClose: () => void }): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  return (
    <Ask title={t('liftTitle', { value: ban.value })} verb={t('lift')} danger={false}
      onClose={onClose} run={async (reason) => {
        await send(`${base}/bans${query({ kind: ban.kind, value: ban.value, reason })}`,
          { method: 'DELETE' });
        notifications.show({ message: t('lifted', { value: ban.value }) });
        await refresh(client);
      }}>
      <div>{t('liftText')}</div>
    </Ask>
  );
}

export function ForgetDialog({ topic, onClose, onDone }: {
  topic: string; onClose: () => void; onDone?: () => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  return (
    <Ask title={t('forgetTitle')} verb={t('forget')} onClose={onClose} run={async (reason) => {
      await send(`${base}/retained${query({ topic, reason })}`, { method: 'DELETE' });
      notifications.show({ message: t('forgotten', { topic }) });
      onDone?.();
      await refresh(client);
    }}>
      <div>{t('forgetText')}</div>
      <code style={{ overflowWrap: 'anywhere' }}>{topic}</code>
    </Ask>
  );
}
