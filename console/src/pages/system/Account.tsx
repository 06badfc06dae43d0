import { Button, PasswordInput, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { sendJson } from '~/lib/api';
import { sessionChanged, useSession } from '~/lib/session';
import styles from '~/pages/gateway/gateway.module.css';
import { Note } from '~/pages/gateway/parts';
import { ProblemAlert, State } from '~/ui';
import { UserSessions } from './Sessions';
import { usePasswordLeast } from './UserDialog';
import { words } from './words';

// One's own password and sessions.
export function Account(): ReactNode {
  const t = words.use();
  const user = useSession().data?.user;
  if (!user) return <Note>{t('noAccount')}</Note>;
  return (
    <div className={`${styles.page} ${styles.scroll}`} tabIndex={0}>
      <section className={`hw-panel ${styles.panel}`}>
        <h2>{user.display_name || user.name}</h2>
        <dl className={styles.pairs}>
          <dt>{t('userName')}</dt><dd>{user.name}</dd>
          <dt>{t('role')}</dt><dd>{t(`role_${user.role}`)}: {t(`roleHelp_${user.role}`)}</dd>
          <dt>{t('scope')}</dt><dd className="hw-mono">{user.scope}</dd>
        </dl>
      </section>
      <section className={`hw-panel ${styles.panel}`}><PasswordForm /></section>
      <section className={`hw-panel ${styles.panel}`}><UserSessions /></section>
    </div>
  );
}

function PasswordForm(): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const passwordLeast = usePasswordLeast();
  const [old, setOld] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [done, setDone] = useState(false);
  const short = password !== '' && password.length < passwordLeast;
  const differs = again !== '' && again !== password;
  const ready = old !== '' && password !== '' && !short && again === password;
  const save = async () => {
    setError(null);
    setDone(false);
    try {
      await sendJson('POST', '/api/v1/session/password', { old_password: old, password });
      await sessionChanged(client);
      setDone(true);
      setOld('');
      setPassword('');
      setAgain('');
    } catch (failed) {
      setError(failed);
    }
  };
  return (
    <form onSubmit={(event) => {
      event.preventDefault();
      if (ready) void save();
    }}>
      <h2>{t('changePassword')}</h2>
      <Stack gap="xs" maw={360}>
        <PasswordInput size="xs" label={t('oldPassword')} value={old} required
          autoComplete="current-password" onChange={(event) => setOld(event.currentTarget.value)} />
        <PasswordInput size="xs" label={t('newPassword')} value={password} required
          autoComplete="new-password" error={short ? t('tooShort', { least: passwordLeast })
            : undefined} onChange={(event) => setPassword(event.currentTarget.value)} />
        <PasswordInput size="xs" label={t('again')} value={again} required
          autoComplete="new-password" error={differs ? t('differs') : undefined}
          onChange={(event) => setAgain(event.currentTarget.value)} />
        <ProblemAlert error={error} />
        {done && <State kind="ok">{t('passwordChanged')}</State>}
        <Button type="submit" size="xs" disabled={!ready} w="fit-content">
          {t('changePassword')}</Button>
      </Stack>
    </form>
  );
}
