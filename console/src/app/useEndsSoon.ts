import { useEffect, useState } from 'react';
import type { Session } from '~/lib/session';
import { parseTime } from '~/lib/time';

// A timer of a browser takes 24.8 days at most, and a sleeping machine sets none off in time.
const lookMs = 60_000;
const warnMs = 10 * 60_000;

// The end in this browser's time; NaN where the session has none.
export const endOf = (session: Session | undefined, answeredAt: number): number => {
  const ahead = parseTime(session?.time) - answeredAt;
  return parseTime(session?.expires) - (Number.isFinite(ahead) ? ahead : 0);
};

export type EndState = 'far' | 'soon' | 'over';

export const endState = (end: number, now: number): EndState =>
  (!(now >= end - warnMs) ? 'far' : now < end ? 'soon' : 'over');

// Whether the session ends within ten minutes. The server is asked first: being asked puts the end
// by idleness off, so only the longest life of a session is told.
export function useEndsSoon(
  session: Session | undefined, answeredAt: number, ask: () => void,
): { soon: boolean; end: number } {
  const end = endOf(session, answeredAt);
  const [state, setState] = useState<EndState>('far');
  useEffect(() => {
    const look = () => {
      const now = endState(end, Date.now());
      setState(now);
      // Asked once more when it is soon, and as long as it seems to be over.
      if (now === 'over' || (now === 'soon' && Date.now() - answeredAt > lookMs)) ask();
    };
    look();
    if (Number.isNaN(end)) return;
    const timer = window.setInterval(look, lookMs / 4);
    return () => window.clearInterval(timer);
  }, [end, answeredAt, ask]);
  return { soon: state === 'soon', end };
}
