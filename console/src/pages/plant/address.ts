import { useCallback, useMemo } from 'react';
import { useLocation, useNavigate, useParams, useSearchParams } from 'react-router';
import { resolveTime } from '~/lib/time';
import type { Playback } from './ReplayBar';
import { speeds } from './replay/usePlayer';

// The page's state lives in its address: which twin, mode, node, view, layers, what is replayed.
export type SetAddress = (change: Record<string, string | null>) => void;

export interface Address {
  twin: string | undefined; // of /plant/<twin>, or ?site=
  search: URLSearchParams;
  set: SetAddress;
  open: (site: string) => void;
}

export function useAddress(): Address {
  const [search, setSearch] = useSearchParams();
  const go = useNavigate();
  const { pathname } = useLocation();
  const splat = useParams()['*'];
  const set = useCallback((change: Record<string, string | null>) => setSearch((old) => {
    const next = new URLSearchParams(old);
    for (const [name, value] of Object.entries(change))
      if (value === null) next.delete(name);
      else next.set(name, value);
    return next;
  }, { replace: true }), [setSearch]);
  const open = useCallback((site: string) => {
    const mode = new URLSearchParams(window.location.search).get('mode');
    void go(`/plant/${site.split('/').map(encodeURIComponent).join('/')}` +
      (mode ? `?mode=${mode}` : ''));
  }, [go, pathname]);
  return { twin: splat || search.get('site') || undefined, search, set, open };
}

// The scene that shows a twin by its id alone: its own, that of the site it is in, or of a site in
// it. Null: its id does not tell.
export function sceneOf(sites: string[], twin: string | undefined): string | null {
  if (twin === undefined) return sites[0] ?? null;
  if (sites.includes(twin)) return twin;
  const around = sites.filter((site) => twin.startsWith(`${site}/`))
    .sort((a, b) => b.length - a.length);
  return around[0] ?? sites.find((site) => site.startsWith(`${twin}/`)) ?? null;
}

export const usualSpeed = 60;

export function playbackOf(search: URLSearchParams, now: number): Playback {
  const at = search.get('at');
  const time = at ? resolveTime(at, now) : NaN;
  const speed = Number(search.get('speed'));
  return {
    at: Number.isFinite(time) ? Math.min(time, now) : null,
    speed: speeds.includes(speed) ? speed : usualSpeed,
    playing: Number.isFinite(time) && search.get('play') === '1',
  };
}

export function usePlayback(search: URLSearchParams, set: SetAddress):
  [Playback, (change: Partial<Playback>) => void] {
  const [at, speed, play] = [search.get('at'), search.get('speed'), search.get('play')];
  const playback = useMemo(() => playbackOf(new URLSearchParams({
    ...(at ? { at } : {}), ...(speed ? { speed } : {}), ...(play ? { play } : {}),
  }), Date.now()), [at, speed, play]);
  const change = useCallback((next: Partial<Playback>) => set({
    ...('at' in next
      ? { at: next.at === null || next.at === undefined ? null : new Date(next.at).toISOString() }
      : {}),
    ...(next.speed === undefined ? {} : { speed: String(next.speed) }),
    ...(next.playing === undefined ? {} : { play: next.playing ? '1' : null }),
  }), [set]);
  return [playback, change];
}
