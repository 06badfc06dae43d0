import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import {
  useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState, type KeyboardEvent,
  type ReactNode, type Ref,
} from 'react';
import { formatTime, useZone } from '~/lib/time';
import { useUnits } from '~/lib/units';
import { valueText } from '~/ui';
import { words } from '../words';
import { allocateAxes } from './axes';
import styles from './chart.module.css';
import { ChartEngine, type Scene } from './engine';
import { listenGestures, panned, zoomed } from './gestures';
import { limitsOf } from './limits';
import { NoteMarks, type Frame } from './NoteMarks';
import { isState, type Marker, type Range, type ShownPen } from './types';

export interface ChartHandle {
  picture: (legend: { text: string; look: number }[], lines: string[]) =>
  HTMLCanvasElement | null;
  pixels: () => number;
  cursorTo: (time: number) => void;
}

export interface ChartProps {
  shown: ShownPen[];
  window: Range;
  // Grows when tracks were changed in place (live values).
  version: number;
  markers?: Marker[];
  tagRanges?: boolean; // lines of the tags' ranges
  strong?: number; // a pen to bring forward
  strongNote?: string | null; // a note to bring forward
  onNote?: (id: string) => void; // one was chosen
  onStrongNote?: (id: string | null) => void;
  zone?: string;
  label: string;
  onMove: (range: Range, moving: boolean) => void;
  onReset: () => void;
  onKey?: (key: 'back' | 'forward' | 'live') => void;
  onCursor?: (time: number | null, byKey: boolean) => void;
  onPixels?: (pixels: number) => void;
  handle?: Ref<ChartHandle>;
}

// The chart of some pens over a window of time. It asks for nothing: see usePenData().
export function Chart(props: ChartProps): ReactNode {
  const { shown, window: range, version, markers, strong, label } = props;
  const t = words.use();
  const set = useUnits();
  const dark = useComputedColorScheme('dark') === 'dark';
  const ownZone = useZone();
  const zone = props.zone ?? ownZone;
  const box = useRef<HTMLDivElement>(null);
  const root = useRef<HTMLDivElement>(null);
  const strip = useRef<HTMLCanvasElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const engine = useRef<ChartEngine | null>(null);
  const latest = useRef(props);
  const moved = useRef(range);
  const byKey = useRef(false);
  const [frame, setFrame] = useState<Frame | null>(null);
  const [tip, setTip] = useState<{ marker: Marker; x: number; y: number } | null>(null);
  useEffect(() => {
    latest.current = props;
    moved.current = range;
  });
  const scene = useMemo<Scene>(() => {
    const states = shown.map(({ info }) => isState(info));
    return {
      shown, states, window: range, zone, dark, strong: strong ?? -1, markers: markers ?? [],
      axes: allocateAxes(shown.map(({ pen, unit }, i) => ({
        pen, unit, state: states[i] as boolean }))),
      limits: limitsOf(shown, Boolean(props.tagRanges), set), strongNote: props.strongNote ?? null,
      onText: valueText(true, null, set), offText: valueText(false, null, set),
    };
  }, [shown, range, zone, dark, strong, markers, props.tagRanges, props.strongNote, set]);
  useEffect(() => {
    const made = new ChartEngine(root.current as HTMLElement, strip.current as HTMLCanvasElement,
      line.current as HTMLElement, {
        onSelect: (to) => latest.current.onMove(to, false),
        onCursor: (time) => latest.current.onCursor?.(time, byKey.current),
        onReset: () => latest.current.onReset(),
        onLanes: () => undefined,
      }, scene);
    engine.current = made;
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      made.resize(Math.floor(entry.contentRect.width), Math.floor(entry.contentRect.height));
      measure();
      latest.current.onPixels?.(made.pixels);
    });
    observer.observe(box.current as HTMLElement);
    const end = listenGestures(root.current as HTMLElement, {
      window: () => moved.current,
      plot: () => (made.over ?? made.root).getBoundingClientRect(),
      onMove: (to, moving) => {
        moved.current = to;
        latest.current.onMove(to, moving);
      },
    });
    return () => {
      observer.disconnect();
      end();
      made.destroy();
      engine.current = null;
    };
    // One engine as long as the chart is there; the scene is shown below.
  }, []);
  const measure = useCallback(() => setFrame((old) => {
    const now = engine.current?.frame ?? null;
    return old && now && old.left === now.left && old.width === now.width && old.top === now.top
      ? old : now;
  }), []);
  useEffect(() => {
    engine.current?.show(scene);
    measure();
  }, [scene, version, measure]);
  useImperativeHandle(props.handle, () => ({
    picture: (legend, lines) => engine.current?.picture(legend, lines) ?? null,
    pixels: () => engine.current?.pixels ?? 800,
    cursorTo: (time) => engine.current?.cursorTo(time),
  }), []);
  const notes = useMemo(() => (markers ?? []).filter(({ kind }) => kind === 'note'), [markers]);
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !engine.current) return;
    byKey.current = true;
    const done = pressed(event, engine.current, range, props);
    byKey.current = false;
    if (done) event.preventDefault();
  };
  return (
    <div className={styles.box} ref={box} role="group" aria-label={label} tabIndex={0}
      aria-description={t('chartKeys')} onKeyDown={onKey} data-testid="chart">
      <div ref={root} className={styles.root} />
      <canvas ref={strip} className={styles.strip} aria-hidden="true"
        onPointerMove={(event) => {
          const { offsetX: x, offsetY: y } = event.nativeEvent;
          const marker = engine.current?.markerAt(x, y);
          setTip(marker ? { marker, x: event.nativeEvent.clientX, y: event.clientY } : null);
        }}
        onPointerLeave={() => setTip(null)} />
      <div ref={line} className={styles.cursor} />
      {frame && notes.length > 0 && <NoteMarks markers={notes} window={range} frame={frame}
        zone={zone} onOpen={props.onNote} onStrong={props.onStrongNote} />}
      {tip && (
        <div className={styles.tip} style={{ left: tip.x, top: tip.y }}>
          <strong>{tip.marker.text}</strong>
          <span className="hw-num">{formatTime(tip.marker.time, 'full', zone)}</span>
          <span>{tip.marker.detail}</span>
        </div>
      )}
    </div>
  );
}

function pressed(event: KeyboardEvent, engine: ChartEngine, range: Range,
  props: ChartProps): boolean {
  const share = Math.min(1, Math.max(0, engine.cursorLeft / engine.pixels));
  const middle = engine.cursorLeft >= 0 ? share : 0.5;
  switch (event.key) {
    case 'ArrowLeft':
    case 'ArrowRight': {
      const way = event.key === 'ArrowLeft' ? -1 : 1;
      if (event.shiftKey) props.onMove(panned(range, way * 0.2), false);
      else engine.setCursor(
        (engine.cursorLeft >= 0 ? engine.cursorLeft : engine.pixels / 2) + way * 8);
      return true;
    }
    case '+':
    case '=': props.onMove(zoomed(range, 0.6, middle), false); return true;
    case '-': props.onMove(zoomed(range, 1 / 0.6, middle), false); return true;
    case '0':
    case 'Home': props.onReset(); return true;
    case 'End': props.onKey?.('live'); return true;
    case 'Backspace': props.onKey?.(event.shiftKey ? 'forward' : 'back'); return true;
    case 'Escape': engine.setCursor(-10); return true;
    default: return false;
  }
}
