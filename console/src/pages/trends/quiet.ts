import { useDebouncedValue } from '@mantine/hooks';
import { useMemo } from 'react';
import type { Range } from './chart/types';

const beatMs = 10_000;

// The window for what need not be asked at each step of a wheel or tick of the clock: where it has
// come to rest, and every ten seconds while it follows.
export function useQuietWindow(window: Range, following: boolean): Range {
  const span = Math.round(window.to - window.from);
  const to = following ? Math.ceil(window.to / beatMs) * beatMs : Math.round(window.to);
  const steady = useMemo(() => ({ from: to - span, to }), [to, span]);
  return useDebouncedValue(steady, 300)[0];
}
