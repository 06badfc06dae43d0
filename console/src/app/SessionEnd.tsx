import { Button, Group, Modal, PasswordInput, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { sendJson } from '~/lib/api';
import { sessionRenewed, useSession } from '~/lib/session';
import { formatDuration, formatTime, useZone } from '~/lib/time';
import '~/styles';
import { ProblemAlert } from '~/ui/ProblemAlert';
import { later } from './later/words';
import styles from './shell.module.css';

// Tells that the session ends within minutes; the password, typed here, begins another without
// leaving the page.
export default function SessionEnd({ end }: { end: number }): ReactNode {
  const t = later.use();
  const zone = useZone();
  const [asking, setAsking] = useState(false);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return (
    <div className={styles.notice} role="status">
      {/* The seconds are for the eye: not read out each second. */}
      <span className="hw-visually-hidden">
        {t('endsAt', { time: formatTime(end, 'clock', zone) })}</span>
      <span aria-hidden="true">
        △ {t('endsIn', { time: formatDuration(Math.max(0, end - now)) })}</span>
      <Button size="compact-sm" onClick={() => setAsking(true)}>{t('staySignedIn')}</Button>
      {asking && <Again onClose={() => setAsking(false)} />}
    </div>
  );
}

function Again({ onClose }: { onClose: () => void }): ReactNode {
  const t = later.use();
  const client = useQueryClient();
  const name = useSession().data?.user?.name ?? '';
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      await sendJson('POST', '/api/v1/session', { name, password });
      await sessionRenewed(client);
      onClose();
    } catch (failed) {
      setPassword('');
      setError(failed);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('staySignedIn')} size="sm" centered
      closeButtonProps={{ 'aria-label': t('closeWindow') }}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (!busy && password) void submit();
      }}>
        <Stack gap="sm">
          <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
          <PasswordInput label={t('passwordOf', { name })} value={password} data-autofocus required
            autoComplete="current-password"
            onChange={(event) => setPassword(event.currentTarget.value)} />
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button type="submit" loading={busy} disabled={!password}>{t('staySignedIn')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
