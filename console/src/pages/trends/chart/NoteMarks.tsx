import { useState, type ReactNode } from 'react';
import { formatTime } from '~/lib/time';
import styles from '../notes/notes.module.css';
import { words } from '../words';
import { noteLane } from './lanes';
import type { Marker, Range } from './types';

// Where the plot is within the chart's box, in CSS pixels.
export interface Frame {
  left: number;
  width: number;
  top: number; // of the lanes
}

const reach = 9; // to each side of a moment
const tipsMost = 3;

interface Place {
  marker: Marker;
  left: number;
  width: number;
}

// Where each note can be pointed at; what lies outside of the window is left out.
export function placesOf(markers: Marker[], window: Range, width: number): Place[] {
  const scale = width / Math.max(1, window.to - window.from);
  return markers.flatMap((marker) => {
    const from = (marker.time - window.from) * scale;
    const to = marker.to === undefined ? from : (marker.to - window.from) * scale;
    if (to < 0 || from > width) return [];
    const left = Math.max(-reach, from - reach);
    return [{ marker, left, width: Math.min(width + reach, to + reach) - left }];
  });
}

// The flags themselves are drawn by the engine, so that pictures have them; these are their places
// for the pointer and the keyboard, and what they say.
export function NoteMarks({ markers, window, frame, zone, onOpen, onStrong }: {
  markers: Marker[]; window: Range; frame: Frame; zone: string;
  onOpen?: (id: string) => void; onStrong?: (id: string | null) => void;
}): ReactNode {
  const t = words.use();
  const [tip, setTip] = useState<{ notes: Marker[]; x: number; y: number } | null>(null);
  const places = placesOf(markers, window, frame.width);
  const timeOf = ({ time, to }: Marker) => formatTime(time, 'full', zone)
    + (to === undefined ? '' : ` – ${formatTime(to, 'full', zone)}`);
  const show = (box: DOMRect, notes: Marker[], x: number) => {
    setTip({ notes, y: box.top, x: Math.min(globalThis.innerWidth - 190, Math.max(190, x)) });
    onStrong?.(notes[0]?.id ?? null);
  };
  const hide = () => {
    setTip(null);
    onStrong?.(null);
  };
  return (
    <>
      <div className={styles.lane} role="group" aria-label={t('notes')}
        style={{ left: frame.left, top: frame.top, width: frame.width, height: noteLane }}>
        {places.map(({ marker, left, width }) => (
          <button key={marker.id} type="button" className={styles.mark} style={{ left, width }}
            aria-label={`${t('note')}: ${marker.text}. ${marker.detail}. ${timeOf(marker)}`}
            onClick={() => marker.id && onOpen?.(marker.id)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') hide();
              else if (event.key !== 'Enter' && event.key !== ' ') return;
              // The chart has its own meaning for keys.
              event.stopPropagation();
            }}
            onFocus={(event) => {
              const box = event.currentTarget.getBoundingClientRect();
              show(box, [marker], box.left + Math.min(box.width / 2, reach));
            }}
            onBlur={hide} onPointerLeave={hide}
            onPointerMove={(event) => {
              const box = event.currentTarget.getBoundingClientRect();
              const x = event.clientX - box.left + left;
              show(box, places.filter((one) => x >= one.left && x <= one.left + one.width)
                .map((one) => one.marker).reverse(), event.clientX);
            }} />
        ))}
      </div>
      {tip && (
        <div className={styles.tip} style={{ left: tip.x, top: tip.y }} aria-hidden="true">
          {tip.notes.slice(0, tipsMost).map((marker) => (
            <div key={marker.id}>
              <p className={styles.tipText}>{marker.text}</p>
              <p className="hw-num">{timeOf(marker)}</p>
              <p className="hw-dim">{marker.detail}</p>
            </div>))}
          {tip.notes.length > tipsMost && <p className="hw-dim">
            {t('noteMoreHere', { count: tip.notes.length - tipsMost })}</p>}
        </div>)}
    </>
  );
}
