import { useQuery, type QueryClient } from '@tanstack/react-query';
import { getJson, sendJson, setCsrfToken } from './api';
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
  password_length_least?: number;
  version?: string;
}

const key = ['session'];

export async function loadSession(): Promise<Session> {
  let session: Session;
  try {
    session = await getJson<Session>('/api/v1/session');
  } catch (error) {
    // A server that knows no sessions is open.
    if ((error as { status?: number }).status !== 404) throw error;
    session = { mode: 'open', unclaimed: false, user: null };
  }
  setCsrfToken(session.csrf_token ?? '');
  if (session.user) takePreferences(session.user);
  return session;
}

function takePreferences(user: SessionUser): void {
  const { language, units, time_zone: zone, theme } = user;
  usePrefs.getState().set({
    ...(language && language in languages ? { language: language as Language } : {}),
    ...(units === 'si' || units === 'us' ? { units: units as UnitSet } : {}),
    ...(zone ? { zone } : {}),
    ...(theme === 'dark' || theme === 'light' || theme === 'auto'
      ? { scheme: theme as Scheme } : {}),
  });
}

export const useSession = () =>
  useQuery({ queryKey: key, queryFn: loadSession, staleTime: 60_000, retry: 1 });

export const refreshSession = (client: QueryClient) => client.invalidateQueries({ queryKey: key });

export function mayIn(session: Session | undefined, role: Role): boolean {
  if (!session) return false;
  if (session.user) return roles.indexOf(session.user.role) >= roles.indexOf(role);
  return session.mode === 'open' || session.unclaimed;
}

// Whether the person may do what needs that role. The server decides; this only keeps the page from
// offering what would be refused.
export const useMay = (role: Role): boolean => mayIn(useSession().data, role);

export async function savePreferences(session: Session | undefined): Promise<void> {
  if (!session?.user) return;
  const { language, units, zone, scheme } = usePrefs.getState();
  await sendJson('PATCH', '/api/v1/session/preferences', {
    language, units, time_zone: zone, theme: scheme,
  }).catch(() => undefined);
}
