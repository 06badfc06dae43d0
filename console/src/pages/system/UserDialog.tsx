import {
  Button, Group, Modal, PasswordInput, Select, Stack, Switch, TextInput,
} from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { seg, sendJson } from '~/lib/api';
import { roles, useSession, type Role } from '~/lib/session';
import { Note } from '~/pages/gateway/parts';
import { CopyCode, ProblemAlert } from '~/ui';
import { makePassword } from './makePassword';
import type { User } from './model';
import { UserSessions } from './Sessions';
import { words } from './words';

// The least length of a password, as the server is configured.
export const usePasswordLeast = (): number =>
  useSession().data?.password_length_least ?? 12;

// One user: role, scope, password, whether they may sign in; their sessions; removal by name.
export function UserDialog({ user, me, onClose }: {
  user: User | null; me: string; onClose: () => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const passwordLeast = usePasswordLeast();
  const [name, setName] = useState(user?.name ?? '');
  const [display, setDisplay] = useState(user?.display_name ?? '');
  const [role, setRole] = useState<Role>(user?.role ?? 'viewer');
  const [scope, setScope] = useState(user?.scope ?? '#');
  const [enabled, setEnabled] = useState(user?.enabled ?? true);
  const [password, setPassword] = useState('');
  const [made, setMade] = useState(false);
  // The dialog's own change raises it, when the password behind it is refused.
  const [revision, setRevision] = useState(user?.revision ?? 0);
  const [typed, setTyped] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const short = password !== '' && password.length < passwordLeast;
  const ready = name.trim() !== '' && scope.trim() !== '' && !short
    && (user !== null || password !== '');
  const attempt = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
      await client.invalidateQueries({ queryKey: ['system'] });
      onClose();
    } catch (failed) {
      setError(failed);
      setBusy(false);
    }
  };
  const save = async () => {
    if (!user)
      return sendJson('POST', '/api/v1/users',
        { name: name.trim(), display_name: display, role, scope, enabled, password });
    const url = `/api/v1/users/${seg(user.name)}`;
    const changed = await sendJson<User>('PATCH', url,
      { display_name: display, role, scope, enabled },
      { headers: { 'If-Match': `"${revision}"` } });
    setRevision(changed.revision);
    if (password) await sendJson('POST', `${url}/password`, { password });
    return undefined;
  };
  const remove = () => sendJson('DELETE', `/api/v1/users/${seg(user?.name ?? '')}`);
  return (
    <Modal opened onClose={onClose} size={640} title={user?.name ?? t('newUser')}
      closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (ready && !busy) void attempt(save);
      }}>
        <Stack gap="sm">
          {user?.name === me && <Note kind="warn">{t('thatIsYou')}</Note>}
          <Group grow align="flex-start">
            <TextInput size="xs" label={t('userName')} value={name} required data-autofocus
              disabled={user !== null} autoComplete="off" spellCheck={false}
              onChange={(event) => setName(event.currentTarget.value)} />
            <TextInput size="xs" label={t('displayName')} value={display} autoComplete="off"
              onChange={(event) => setDisplay(event.currentTarget.value)} />
          </Group>
          <Group grow align="flex-start">
            <Select size="xs" label={t('role')} value={role} allowDeselect={false}
              description={t(`roleHelp_${role}`)}
              inputWrapperOrder={['label', 'input', 'error', 'description']}
              data={roles.map((value) => ({ value, label: t(`role_${value}`) }))}
              onChange={(value) => setRole((value ?? 'viewer') as Role)} />
            <TextInput size="xs" label={t('scope')} value={scope} description={t('scopeHelp')}
              disabled={role === 'administrator'} spellCheck={false}
              inputWrapperOrder={['label', 'input', 'error', 'description']}
              onChange={(event) => setScope(event.currentTarget.value)} />
          </Group>
          <Group gap="xs" align="flex-start" wrap="nowrap">
            <PasswordInput size="xs" flex={1} label={user ? t('newPassword') : t('firstPassword')}
              value={password} required={!user} autoComplete="new-password" visible={made}
              onVisibilityChange={setMade}
              description={t('passwordHelp', { least: passwordLeast })}
              error={short ? t('tooShort', { least: passwordLeast }) : undefined}
              inputWrapperOrder={['label', 'input', 'error', 'description']}
              onChange={(event) => setPassword(event.currentTarget.value)} />
            <Button size="xs" variant="default" mt={20} onClick={() => {
              setPassword(makePassword((bytes) => crypto.getRandomValues(bytes)));
              setMade(true);
            }}>{t('makePassword')}</Button>
          </Group>
          {made && password && (
            <div><CopyCode code={password} /><span className="hw-dim" style={{ fontSize: 12 }}>
              {t('passwordMade')}</span></div>)}
          <Switch label={t('maySignIn')} checked={enabled}
            onChange={(event) => setEnabled(event.currentTarget.checked)} />
          {user && <UserSessions user={user.name} />}
          {typed !== null && (
            <TextInput size="xs" label={t('typeName', { name: user?.name ?? '' })} value={typed}
              autoComplete="off" onChange={(event) => setTyped(event.currentTarget.value)} />)}
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            {user && (
              <Button variant="default" mr="auto" color={typed === null ? undefined : 'red'}
                disabled={typed !== null && typed !== user.name}
                onClick={() => (typed === null ? setTyped('') : void attempt(remove))}>
                {t('removeUser')}</Button>)}
            <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
            <Button type="submit" disabled={!ready} loading={busy}>{t('save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
