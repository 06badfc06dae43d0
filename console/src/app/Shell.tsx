import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useEffect, useState, type ReactNode } from 'react';
import { Outlet, useLocation, useNavigate, useSearchParams } from 'react-router';
import { usePrefs } from '~/lib/prefs';
import { refreshSession, usePreferencesKept, useSession } from '~/lib/session';
import { ProblemAlert } from '~/ui/ProblemAlert';
import { Loading } from './Loading';
import { pages } from './pages';
import { Rail } from './Rail';
import styles from './shell.module.css';
import { TopBar } from './TopBar';
import { useFocusBack } from './useFocusBack';
import { useEndsSoon } from './useEndsSoon';
import { useKeys } from './useKeys';
import { useTabTitle } from './useTabTitle';
import { words } from './words';

const Palette = lazy(() => import('./Palette'));
const SessionEnd = lazy(() => import('./SessionEnd'));

// What stands around every page: rail, top bar, palette, keys. Without a session it leads to the
// sign-in.
export function Shell(): ReactNode {
  const t = words.use();
  const go = useNavigate();
  const { pathname, search } = useLocation();
  const session = useSession();
  const [params] = useSearchParams();
  const [palette, setPalette] = useState(false);
  const [keys, setKeys] = useState(false);
  const railOpen = usePrefs((prefs) => prefs.railOpen);
  const tv = params.get('tv') === '1';
  useFocusBack();
  useKeys({ openPalette: () => setPalette(true), openKeys: () => setKeys(true) });
  usePreferencesKept();
  const at = session.data;
  const page = pages.find(({ path }) => path === '/'
    ? pathname === '/' : pathname === path || pathname.startsWith(`${path}/`));
  useTabTitle(t(page?.id ?? 'notFound'));
  const client = useQueryClient();
  const ask = useCallback(() => void refreshSession(client), [client]);
  const ending = useEndsSoon(at?.user ? at : undefined, session.dataUpdatedAt, ask);
  const signIn = at && at.mode === 'users' && !at.user && !at.unclaimed;
  const setup = at?.unclaimed && at.setup_code_needed;
  useEffect(() => {
    if (setup) void go('/setup', { replace: true });
    else if (signIn)
      void go(`/login?next=${encodeURIComponent(pathname + search)}`, { replace: true });
    else if (at?.user?.must_change_password)
      void go(`/login?change=1&next=${encodeURIComponent(pathname + search)}`, { replace: true });
  }, [at, setup, signIn, go, pathname, search]);
  if (session.isPending || signIn || setup) return <Loading />;
  // Only where nothing is known: a page that runs stays when the server is gone for a while.
  if (session.isError && !at)
    return (
      <main style={{ padding: 24, maxWidth: 640, margin: '10vh auto' }}>
        <ProblemAlert error={session.error} retry={() => void session.refetch()} />
      </main>
    );
  return (
    <div className={styles.shell} data-rail={railOpen} data-tv={tv}>
      <a className={styles.skip} href="#content">{t('skip')}</a>
      {!tv && <Rail />}
      <div className={styles.main}>
        <TopBar openPalette={() => setPalette(true)} openKeys={() => setKeys(true)} tv={tv} />
        {at?.unclaimed && (
          <div className={styles.notice} role="status">
            <span>△ {t('unclaimed')}</span>
            <Button size="compact-sm" onClick={() => void go('/setup')}>{t('makeAdmin')}</Button>
          </div>
        )}
        {ending.soon && <Suspense><SessionEnd end={ending.end} /></Suspense>}
        <main id="content" className={styles.content} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      {(palette || keys) && (
        <Suspense>
          <Palette opened={palette} onClose={() => setPalette(false)} keys={keys}
            onCloseKeys={() => setKeys(false)} />
        </Suspense>
      )}
    </div>
  );
}
