import {
  Button, Divider, NativeSelect, Popover, SegmentedControl, Stack, Text,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { LogIn, LogOut, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { ApiError, sendJson } from '~/lib/api';
import { usePrefs, type Scheme, type UnitSet } from '~/lib/prefs';
import { sessionChanged, useSession } from '~/lib/session';
import { zoneOf } from '~/lib/time';
import { languages, type Language } from '~/lib/words';
import '~/styles';
import { problemText } from '~/ui/ProblemAlert';
import { words } from './words';

const zones = Intl.supportedValuesOf('timeZone');

// Who one is, and how one likes it: language, theme, units, zone; kept with the user.
export default function AccountMenu(): ReactNode {
  const t = words.use();
  const go = useNavigate();
  const client = useQueryClient();
  const { data: session } = useSession();
  const { language, scheme, units, zone, set } = usePrefs();
  const user = session?.user;
  const signOut = async () => {
    try {
      await sendJson('DELETE', '/api/v1/session');
    } catch (error) {
      // Whoever leaves the desk must know that the session goes on.
      if (!(error instanceof ApiError && error.status === 401)) {
        notifications.show({ color: 'red', title: t('signOutFailed'), autoClose: false,
          message: problemText(error) });
        return;
      }
    }
    await sessionChanged(client);
    void go('/login');
  };
  return (
    <Popover position="bottom-end" width={280} trapFocus returnFocus shadow="md">
      <Popover.Target>
        <Button variant="subtle" color="gray" size="compact-md"
          leftSection={<UserRound size={17} />} title={t('account')}
          aria-label={user ? undefined : t('account')}>
          {user ? user.display_name || user.name : ''}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={4} aria-label={t('account')}>
        <Stack gap="xs" p="sm">
          <Text size="sm" fw={600}>
            {user ? `${user.name} · ${t(`role_${user.role}`)}` : t('open')}
          </Text>
          {!user && <Text size="xs" c="var(--hw-dim)">
            {t(session?.unclaimed ? 'unclaimed' : 'openHelp')}</Text>}
          <NativeSelect label={t('language')} size="xs" value={language}
            data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
            onChange={(event) => set({ language: event.currentTarget.value as Language })} />
          <Text size="xs" fw={500} component="div" id="account-theme">{t('theme')}</Text>
          <SegmentedControl size="xs" value={scheme} aria-labelledby="account-theme"
            data={(['dark', 'light', 'auto'] as const).map((value) => ({
              value, label: t(value) }))}
            onChange={(value) => set({ scheme: value as Scheme })} />
          <Text size="xs" fw={500} component="div" id="account-units">{t('units')}</Text>
          <SegmentedControl size="xs" value={units} aria-labelledby="account-units"
            data={[{ value: 'si', label: t('si') }, { value: 'us', label: t('us') }]}
            onChange={(value) => set({ units: value as UnitSet })} />
          <NativeSelect label={t('zone')} size="xs" value={zone}
            data={[{ value: 'browser', label: t('zoneBrowser', { zone: zoneOf('browser') }) },
              'UTC', ...zones]}
            onChange={(event) => set({ zone: event.currentTarget.value })} />
        </Stack>
        <Divider my={4} />
        {user
          ? <Button fullWidth justify="flex-start" variant="subtle" color="gray" size="sm"
              leftSection={<LogOut size={15} />} onClick={() => void signOut()}>
              {t('signOut')}
            </Button>
          : session?.unclaimed
            ? <Button fullWidth justify="flex-start" variant="subtle" color="gray" size="sm"
                leftSection={<LogIn size={15} />} onClick={() => void go('/setup')}>
                {t('makeAdmin')}
              </Button>
            : null}
      </Popover.Dropdown>
    </Popover>
  );
}
