import { useElementSize } from '@mantine/hooks';
import { useMemo, useState, type PointerEvent, type ReactNode } from 'react';
import { formatTime } from '~/lib/time';
import { State } from '~/ui';
import styles from './replay.module.css';
import { clustered, type Cluster, type Mark } from './marks';

const reach = 7; // px from a tick at which it is meant
const toldAtMost = 5;
const height = 22;

// The events of a day over its slider. Kinds have their shapes: troubles and warnings stand as
// triangles and squares, orders as full bars, changes as short ones, doubtful stretches as hatched
// bands, notes as rings with a line as long as they are about.
export function Ticks({ marks, from, to, zone, onGo }: {
  marks: Mark[]; from: number; to: number; zone: string; onGo: (mark: Mark) => void;
}): ReactNode {
  const { ref, width } = useElementSize();
  const [near, setNear] = useState<Cluster | null>(null);
  const clusters = useMemo(() => clustered(marks, to - from), [marks, from, to]);
  const x = (time: number) => ((time - from) / Math.max(1, to - from)) * width;
  const lasts = ({ kind }: Cluster) => kind === 'quality' || kind === 'note';
  const find = (event: PointerEvent): Cluster | null => {
    const place = event.clientX - event.currentTarget.getBoundingClientRect().left;
    let best: Cluster | null = null;
    let distance = reach;
    for (const one of clusters) {
      const away = Math.max(0, x(one.time) - place,
        place - (lasts(one) ? Math.max(x(one.time) + 4, x(one.to)) : x(one.time)));
      // A tick in a band comes before the band, and before what a note is about.
      const by = away + (one.kind === 'quality' ? 1
        : one.kind === 'note' && Math.abs(x(one.time) - place) > reach ? 2 : 0);
      if (by < distance) [best, distance] = [one, by];
    }
    return best;
  };
  return (
    <div ref={ref} className={styles.ticks} aria-hidden="true" data-near={near !== null}
      onPointerMove={(event) => setNear(find(event))} onPointerLeave={() => setNear(null)}
      onClick={() => {
        const [first] = near?.marks ?? [];
        if (first) onGo(first);
      }}>
      {width > 0 && (
        <svg width={width} height={height}>
          <defs>
            <pattern id="tick-hatch" width="5" height="5" patternUnits="userSpaceOnUse"
              patternTransform="rotate(45)">
              <path d="M0 0V5" stroke="var(--hw-dim)" strokeWidth="2" />
            </pattern>
          </defs>
          {clusters.filter((one) => one.kind === 'quality').map((one) => (
            <rect key={`q ${one.time} ${one.marks.length}`} x={x(one.time)} y={height - 6}
              width={Math.max(3, x(one.to) - x(one.time))} height="6" fill="url(#tick-hatch)" />))}
          {clusters.filter((one) => one.kind !== 'quality').map((one) => (
            <g key={`${one.kind} ${one.time}`} data-state={one.state} data-kind={one.kind}
              transform={`translate(${x(one.time).toFixed(1)} 0)`}>
              <Shape cluster={one} wide={x(one.to) - x(one.time)} /></g>))}
        </svg>)}
      {near && (
        <div className={styles.tip} style={{ left: Math.min(width - 150, Math.max(150,
          x(near.time))) }}>
          {near.marks.slice(0, toldAtMost).map((one, index) => (
            <div key={index}>
              <span className="hw-num">{formatTime(one.time, 'clock', zone)}</span>
              <State kind={one.state}>{one.text}</State>
              {one.detail && <small>{one.detail}</small>}
            </div>))}
          {near.marks.length > toldAtMost && (
            <div className="hw-dim">+ {near.marks.length - toldAtMost}</div>)}
        </div>)}
    </div>
  );
}

function Shape({ cluster, wide }: { cluster: Cluster; wide: number }): ReactNode {
  const { kind, state } = cluster;
  if (kind === 'trouble')
    return state === 'alarm' ? <path d="M-4 3h8v8h-8z" />
      : state === 'warn' ? <path d="M0 2L5 11H-5z" /> : <path d="M0 2L5 7L0 12L-5 7z" />;
  if (kind === 'note')
    return (
      <>
        {wide > 8 && <path d={`M4 7H${wide.toFixed(1)}m0 -3v6`} fill="none" strokeWidth="1.5" />}
        <circle cy="7" r="3.5" strokeWidth="2" />
      </>);
  if (kind === 'order') return <path d="M-1 2h2.5v18h-2.5z" />;
  return <path d="M-0.75 12h1.5v8h-1.5z" />;
}
