import { useQuery, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { getJson, onSignedOut, onTokenRefused, sendJson, setCsrfToken } from './api';
import { live } from './live';
import { usePrefs, type Scheme, type UnitSet } from './prefs';
import { languages, type Language } from './words';

export const roles = ['viewer', 'operator', 'engineer', 'administrator'] as const;
export type Role = (typeof roles)[number];

export interface SessionUser {
  name: string;
  display_name: string;
  role: Role;
  scope: string;
  must_change_password?: boolean;
  language?: string;
  units?: string;
  time_zone?: string;
  theme?: string;
}

// GET /api/v1/session. In mode "open", or while nobody has set the server up, there is no user and
// everything is allowed.
export interface Session {
  mode: 'users' | 'open';
  unclaimed: boolean;
  setup_code_needed?: boolean;
  user: SessionUser | null;
  csrf_token?: string;
  expires?: string;
  time?: string; // the server's
  password_length_least?: number;
  version?: string;
}

const key = ['session'];

// What server and browser agreed on last, as text: only what differs from it is taken from the one
// or saved to the other, so that an answer on its way never undoes what was just chosen.
let agreed = '';
let saves = 0;

const agreementOf = (user: SessionUser): string =>
  JSON.stringify([user.name, user.language, user.units, user.time_zone, user.theme]);

export async function loadSession(): Promise<Session> {
  const savesBefore = saves;
  let session: Session;
  try {
    session = await getJson<Session>('/api/v1/session');
  } catch (error) {
    // A server that knows no sessions is open.
    if ((error as { status?: number }).status !== 404) throw error;
    session = { mode: 'open', unclaimed: false, user: null };
  }
  setCsrfToken(session.csrf_token ?? '');
  if (session.user && saves === savesBefore) takePreferences(session.user);
  return session;
}

function takePreferences(user: SessionUser): void {
  if (agreementOf(user) === agreed) return;
  agreed = agreementOf(user);
  const { language, units, time_zone: zone, theme } = user;
  usePrefs.getState().set({
    ...(language && language in languages ? { language: language as Language } : {}),
    ...(units === 'si' || units === 'us' ? { units: units as UnitSet } : {}),
    ...(zone ? { zone } : {}),
    ...(theme === 'dark' || theme === 'light' || theme === 'auto'
      ? { scheme: theme as Scheme } : {}),
  });
}

const retryEveryMs = 3000;

// A server that does not answer is asked again until it does.
export const sessionQuery = {
  queryKey: key, queryFn: loadSession, staleTime: 60_000, retry: 1, gcTime: Infinity,
};

export const useSession = () => useQuery({
  ...sessionQuery,
  refetchInterval: ({ state }) => (state.status === 'error' ? retryEveryMs : false),
});

// A refresh that is on its way serves all that ask for one: many refused requests at once ask once.
export const refreshSession = (client: QueryClient) =>
  client.invalidateQueries({ queryKey: key }, { cancelRefetch: false });

// Other tabs of this browser share the cookie, so they must hear of who comes and goes.
const tabs = typeof BroadcastChannel === 'undefined'
  ? null : new BroadcastChannel('headworks.session');

// What is shown is asked for anew, the rest is gone.
const forgetOthers = (client: QueryClient) =>
  void client.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== key[0] });

// After signing in or out: nothing of who was there before may show, in any tab.
export async function sessionChanged(client: QueryClient): Promise<void> {
  await client.invalidateQueries({ queryKey: key });
  forgetOthers(client);
  live.restart();
  tabs?.postMessage('changed');
}

// The same person has a new session: the page stays as it is.
export async function sessionRenewed(client: QueryClient): Promise<void> {
  await client.invalidateQueries({ queryKey: key });
  tabs?.postMessage('changed');
}

// Follows what the server and other tabs say of the session: it has ended, somebody else is there,
// the token is of an older one.
export function useSessionOfTabs(client: QueryClient): void {
  useEffect(() => {
    const nameOf = () => client.getQueryData<Session>(key)?.user?.name;
    const renew = async () => {
      const before = nameOf();
      await client.invalidateQueries({ queryKey: key });
      if (nameOf() === before) return true;
      forgetOthers(client);
      live.restart();
      return false;
    };
    const follow = () => void renew();
    onTokenRefused(renew);
    onSignedOut(() => void refreshSession(client));
    tabs?.addEventListener('message', follow);
    return () => {
      onTokenRefused(() => Promise.resolve(false));
      onSignedOut(() => undefined);
      tabs?.removeEventListener('message', follow);
    };
  }, [client]);
}

export function mayIn(session: Session | undefined, role: Role): boolean {
  if (!session) return false;
  if (session.user) return roles.indexOf(session.user.role) >= roles.indexOf(role);
  return session.mode === 'open' || session.unclaimed;
}

// Whether the person may do what needs that role. The server decides; this only keeps the page from
// offering what would be refused.
export const useMay = (role: Role): boolean => mayIn(useSession().data, role);

const saveAfterMs = 800;

async function savePreferences(name: string): Promise<void> {
  const { language, units, zone, scheme } = usePrefs.getState();
  const wanted = agreementOf({ name, language, units, time_zone: zone, theme: scheme,
    display_name: '', role: 'viewer', scope: '' });
  if (wanted === agreed) return;
  saves += 1;
  await sendJson('PATCH', '/api/v1/session/preferences', {
    language, units, time_zone: zone, theme: scheme,
  });
  agreed = wanted;
}

// Keeps what a person likes with the user, wherever in the console it is chosen. What does not
// reach the server stays in the browser and goes with the next change.
export function usePreferencesKept(): void {
  const name = useSession().data?.user?.name;
  const { language, scheme, units, zone } = usePrefs();
  useEffect(() => {
    if (!name) return;
    const timer = window.setTimeout(
      () => void savePreferences(name).catch(() => undefined), saveAfterMs);
    return () => window.clearTimeout(timer);
  }, [name, language, scheme, units, zone]);
}
