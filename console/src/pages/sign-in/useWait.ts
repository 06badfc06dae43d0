import { useEffect, useState } from 'react';
import { ApiError } from '~/lib/api';

// Counts down the seconds that the server wants one to wait after wrong passwords.
export function useWait(): { seconds: number; take: (error: unknown) => boolean } {
  const [until, setUntil] = useState(0);
  const [now, setNow] = useState(() => Date.now());
  const seconds = Math.max(0, Math.ceil((until - now) / 1000));
  useEffect(() => {
    if (seconds === 0) return;
    const timer = window.setInterval(() => setNow(Date.now()), 250);
    return () => window.clearInterval(timer);
  }, [seconds]);
  return {
    seconds,
    take: (error) => {
      if (!(error instanceof ApiError) || error.status !== 429) return false;
      const wait = Number(error.problem.retry_after ?? 1);
      setNow(Date.now());
      setUntil(Date.now() + Math.max(1, wait) * 1000);
      return true;
    },
  };
}
