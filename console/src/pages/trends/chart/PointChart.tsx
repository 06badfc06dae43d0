import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { resolveTime } from '~/lib/time';
import { ProblemAlert } from '~/ui';
import { words } from '../words';
import { Chart } from './Chart';
import type { Pen, Range } from './types';
import { usePenData } from './usePenData';

// The chart of some points for other pages (a faceplate, a tag, a rule): it fills its parent, asks
// for what it shows, follows now, and can be zoomed; a double click goes back to following.
export function PointChart({ points, span = '1h', limits = [] }: {
  points: string[]; span?: string; limits?: number[];
}): ReactNode {
  const t = words.use();
  const key = points.join('\n');
  const marks = limits.join(' ');
  const pens = useMemo<Pen[]>(() => key.split('\n').filter(Boolean).map((point, look) => ({
    point, look, aggregation: 'auto', limits: marks ? marks.split(' ').map(Number) : [],
  })), [key, marks]);
  const [pixels, setPixels] = useState(0);
  const [held, setHeld] = useState<Range | null>(null);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (held) return;
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, [held]);
  const range = useMemo(
    () => held ?? { from: resolveTime(`now-${span}`, now), to: now }, [held, span, now]);
  const data = usePenData(pens, range, pixels, held === null);
  return (
    <>
      <ProblemAlert error={data.error} retry={data.retry} />
      <Chart shown={data.shown} window={range} version={data.version}
        label={t('chart', { count: pens.length })} onMove={setHeld} onReset={() => setHeld(null)}
        onPixels={setPixels} onKey={(pressed) => pressed === 'live' && setHeld(null)} />
    </>
  );
}
