import { Button, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { ApiError, sendJson } from '~/lib/api';
import { sessionChanged, useSession, type Session } from '~/lib/session';
import { CopyCode, problemText } from '~/ui';
import { Gate } from './Gate';
import styles from './gate.module.css';
import { PasswordRules } from './PasswordRules';
import { rulesKept } from './rules';
import { Secret } from './Secret';
import { useWait } from './useWait';
import { words } from './words';

// Only a place of this console: never an address of somebody else.
export function nextPlace(text: string | null): string {
  return text && /^\/(?![/\\])/.test(text) && !text.startsWith('/login') ? text : '/';
}

export default function SignIn(): ReactNode {
  const t = words.use();
  const go = useNavigate();
  const [params] = useSearchParams();
  const session = useSession();
  const next = nextPlace(params.get('next'));
  const user = session.data?.user;
  const change = Boolean(user?.must_change_password) || (params.get('change') === '1' && user);
  const title = t(change ? 'changeTitle' : 'title');
  useEffect(() => {
    document.title = `${title} · Headworks`;
  }, [title]);
  useEffect(() => {
    if (session.data && !change && (user || session.data.mode === 'open'))
      void go(next, { replace: true });
    else if (session.data?.unclaimed) void go('/setup', { replace: true });
  }, [session.data, user, change, go, next]);
  return change
    ? <Gate title={t('changeTitle')}
      lead={t(user?.must_change_password ? 'changeLead' : 'changeOwnLead')}>
      <ChangePassword to={next} /></Gate>
    : <Gate title="Headworks" lead={t('lead')}><Password /></Gate>;
}

function Password(): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const wait = useWait();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError('');
    try {
      await sendJson<Session>('POST', '/api/v1/session', { name: name.trim(), password });
      await sessionChanged(client);
    } catch (failure) {
      setPassword('');
      if (!wait.take(failure))
        setError(failure instanceof ApiError && failure.status === 401
          ? t('wrong') : problemText(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        <TextInput label={t('name')} autoComplete="username" autoFocus required value={name}
          autoCapitalize="none" spellCheck={false}
          onChange={(event) => setName(event.currentTarget.value)} />
        <Secret label={t('password')} autoComplete="current-password" required
          value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
        <div role={wait.seconds > 0 ? 'timer' : 'alert'}>
          {wait.seconds > 0
            ? <div className={styles.error}>{t('wait', { seconds: wait.seconds })}</div>
            : error && <div className={styles.error}>{error}</div>}
        </div>
        <Button type="submit" loading={busy} disabled={wait.seconds > 0}>{t('signIn')}</Button>
      </Stack>
      <details className={styles.foot}>
        <summary>{t('forgotten')}</summary>
        <p>{t('forgot')}</p>
        <CopyCode code="headworks user reset-password NAME --data DIR" />
      </details>
    </form>
  );
}

function ChangePassword({ to }: { to: string }): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const go = useNavigate();
  const session = useSession();
  const name = session.data?.user?.name ?? '';
  const least = session.data?.password_length_least ?? 12;
  const wait = useWait();
  const [old, setOld] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError('');
    if (!rulesKept(next, name, least)) return setError(t('rulesNot'));
    setTried(true);
    if (next !== again) return undefined;
    setBusy(true);
    setError('');
    try {
      await sendJson('POST', '/api/v1/session/password', { old_password: old, password: next });
      await sessionChanged(client);
      await go(to, { replace: true });
    } catch (failure) {
      if (!wait.take(failure)) setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        <Secret label={t('old')} autoComplete="current-password" autoFocus required
          value={old} onChange={(event) => setOld(event.currentTarget.value)} />
        <div>
          <Secret label={t('next')} autoComplete="new-password" required value={next}
            aria-describedby="rules" maxLength={256}
            onChange={(event) => setNext(event.currentTarget.value)} />
          <PasswordRules id="rules" password={next} name={name} least={least} />
        </div>
        <Secret label={t('again')} autoComplete="new-password" required value={again}
          error={again !== '' && (tried ? again !== next : !next.startsWith(again))
            ? t('differ') : undefined}
          onChange={(event) => setAgain(event.currentTarget.value)} />
        <div role={wait.seconds > 0 ? 'timer' : 'alert'}>
          {wait.seconds > 0
            ? <div className={styles.error}>{t('wait', { seconds: wait.seconds })}</div>
            : error && <div className={styles.error}>{error}</div>}
        </div>
        <Button type="submit" loading={busy} disabled={wait.seconds > 0}>{t('change')}</Button>
      </Stack>
    </form>
  );
}
