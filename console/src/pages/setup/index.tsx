import {
  Button, NativeSelect, SegmentedControl, Stack, Text, TextInput,
} from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { sendJson } from '~/lib/api';
import { usePrefs, type UnitSet } from '~/lib/prefs';
import { sessionChanged, useSession } from '~/lib/session';
import { zoneOf } from '~/lib/time';
import { problemText } from '~/ui';
import { Gate } from '../sign-in/Gate';
import styles from '../sign-in/gate.module.css';
import { PasswordRules } from '../sign-in/PasswordRules';
import { rulesKept } from '../sign-in/rules';
import { Secret } from '../sign-in/Secret';
import { useWait } from '../sign-in/useWait';
import { strengthOf } from './strength';
import { words } from './words';

const levels = ['weak', 'fair', 'good', 'strong'] as const;

// First run: whoever comes first makes the administrator.
export default function Setup(): ReactNode {
  const t = words.use();
  const go = useNavigate();
  const session = useSession();
  const title = t('title');
  useEffect(() => {
    document.title = `${title} · Headworks`;
  }, [title]);
  if (session.data && !session.data.unclaimed)
    return (
      <Gate title="Headworks" lead={t('done')}>
        <Button fullWidth onClick={() => void go('/login')}>{t('toSignIn')}</Button>
      </Gate>
    );
  return (
    <Gate title={t('title')} lead={t('lead')} wide>
      <SetupForm codeNeeded={Boolean(session.data?.setup_code_needed)}
        least={session.data?.password_length_least ?? 12} />
    </Gate>
  );
}

function SetupForm({ codeNeeded, least }: { codeNeeded: boolean; least: number }): ReactNode {
  const t = words.use();
  const go = useNavigate();
  const client = useQueryClient();
  const { language, units, zone, set } = usePrefs();
  const [name, setName] = useState('');
  const [display, setDisplay] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [tried, setTried] = useState(false);
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const wait = useWait();
  const level = strengthOf(password, name, least);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError('');
    if (!rulesKept(password, name, least)) return setError(t('rulesNot'));
    setTried(true);
    if (password !== again) return undefined;
    setBusy(true);
    setError('');
    try {
      await sendJson('POST', '/api/v1/setup', {
        name: name.trim(), display_name: display.trim(), password, language, units,
        ...(zone === 'browser' ? {} : { time_zone: zone }),
        ...(code ? { code: code.trim() } : {}),
      });
      await sessionChanged(client);
      await go('/', { replace: true });
    } catch (failure) {
      if (!wait.take(failure)) setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        {codeNeeded && <TextInput label={t('code')} description={t('codeHelp')} required
          autoComplete="off" value={code}
          onChange={(event) => setCode(event.currentTarget.value)} />}
        <TextInput label={t('name')} description={t('nameHelp')} required autoFocus
          autoComplete="username" autoCapitalize="none" spellCheck={false} maxLength={64}
          pattern="[a-z0-9._@\-]+" value={name}
          onChange={(event) => setName(event.currentTarget.value.toLowerCase())} />
        <TextInput label={t('display')} description={t('displayHelp')} autoComplete="name"
          maxLength={128} value={display}
          onChange={(event) => setDisplay(event.currentTarget.value)} />
        <div>
          <Secret label={t('password')} required autoComplete="new-password" maxLength={256}
            value={password} aria-describedby="rules"
            onChange={(event) => setPassword(event.currentTarget.value)} />
          <PasswordRules id="rules" password={password} name={name} least={least} />
        </div>
        <div aria-live="polite">
          <div className={styles.meter} aria-hidden="true">
            {levels.map((one, i) => (
              <span key={one} data-on={password.length > 0 && i <= level} />))}
          </div>
          <Text size="xs" c="var(--hw-dim)" mt={4}>
            {password ? t('strength', { word: t(levels[level] ?? 'weak') }) : '\u00a0'}
          </Text>
        </div>
        <Secret label={t('again')} required autoComplete="new-password" value={again}
          error={again !== '' && (tried ? again !== password : !password.startsWith(again))
            ? t('differ') : undefined}
          onChange={(event) => setAgain(event.currentTarget.value)} />
        <SegmentedControl fullWidth value={units} aria-label={t('units')}
          data={[{ value: 'si', label: t('si') }, { value: 'us', label: t('us') }]}
          onChange={(value) => set({ units: value as UnitSet })} />
        <NativeSelect label={t('zone')} value={zone}
          data={[{ value: 'browser', label: zoneOf('browser') }, 'UTC',
            ...Intl.supportedValuesOf('timeZone')]}
          onChange={(event) => set({ zone: event.currentTarget.value })} />
        <div role={wait.seconds > 0 ? 'timer' : 'alert'}>
          {wait.seconds > 0
            ? <div className={styles.error}>{t('wait', { seconds: wait.seconds })}</div>
            : error && <div className={styles.error}>{error}</div>}
        </div>
        <Button type="submit" loading={busy} disabled={wait.seconds > 0}>{t('make')}</Button>
        {!codeNeeded && (
          <>
            <Button variant="subtle" color="gray" onClick={() => void go('/')}>{t('look')}</Button>
            <Text size="xs" c="var(--hw-dim)" ta="center">{t('lookHelp')}</Text>
          </>
        )}
      </Stack>
    </form>
  );
}
