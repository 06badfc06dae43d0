import type { Range } from './types';

// Wheel, shift-drag and fingers on the plot. A window while it moves is told with `moving`, its end
// once more without.
export interface GestureCalls {
  window: () => Range;
  plot: () => { left: number; width: number }; // on the screen
  onMove: (range: Range, moving: boolean) => void;
}

export const narrowestMs = 20;
export const widestMs = 50 * 365 * 86400e3;

// A window `factor` times as wide; what is at `share` of its width (0 to 1) stays where it is.
export function zoomed({ from, to }: Range, factor: number, share: number): Range {
  const span = Math.min(widestMs, Math.max(narrowestMs, (to - from) * factor));
  const anchor = from + (to - from) * share;
  return { from: anchor - span * share, to: anchor + span * (1 - share) };
}

export const panned = ({ from, to }: Range, share: number): Range =>
  ({ from: from + (to - from) * share, to: to + (to - from) * share });

const wheelEndMs = 220;

export function listenGestures(over: HTMLElement, calls: GestureCalls): () => void {
  const shareOf = (x: number) =>
    Math.min(1, Math.max(0, (x - calls.plot().left) / calls.plot().width));
  let wheelTimer = 0;
  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const way = sideways ? event.deltaX : event.deltaY;
    const range = sideways || event.shiftKey
      ? panned(calls.window(), Math.sign(way) * 0.08)
      : zoomed(calls.window(), 1.0016 ** Math.max(-300, Math.min(300, way)),
        shareOf(event.clientX));
    calls.onMove(range, true);
    window.clearTimeout(wheelTimer);
    wheelTimer = window.setTimeout(() => calls.onMove(calls.window(), false), wheelEndMs);
  };
  const fingers = new Map<number, number>();
  let start: { range: Range; xs: number[] } | null = null;
  const begin = () => {
    start = fingers.size ? { range: calls.window(), xs: [...fingers.values()] } : null;
  };
  const onDown = (event: PointerEvent) => {
    const drags = event.pointerType !== 'mouse' || event.shiftKey || event.button === 1;
    if (!drags) return;
    fingers.set(event.pointerId, event.clientX);
    over.setPointerCapture(event.pointerId);
    begin();
  };
  const onPointerMove = (event: PointerEvent) => {
    if (!fingers.has(event.pointerId) || !start) return;
    fingers.set(event.pointerId, event.clientX);
    const now = [...fingers.values()];
    const [a0, b0] = start.xs as [number, number?];
    const [a1, b1] = now as [number, number?];
    if (b0 === undefined || b1 === undefined) {
      calls.onMove(panned(start.range, (a0 - a1) / calls.plot().width), true);
      return;
    }
    const factor = Math.abs(a0 - b0) / Math.max(8, Math.abs(a1 - b1));
    const wide = zoomed(start.range, factor, shareOf((a0 + b0) / 2));
    calls.onMove(panned(wide, ((a0 + b0) / 2 - (a1 + b1) / 2) / calls.plot().width), true);
  };
  const onUp = (event: PointerEvent) => {
    if (!fingers.delete(event.pointerId)) return;
    begin();
    if (fingers.size === 0) calls.onMove(calls.window(), false);
  };
  over.addEventListener('wheel', onWheel, { passive: false });
  over.addEventListener('pointerdown', onDown);
  over.addEventListener('pointermove', onPointerMove);
  over.addEventListener('pointerup', onUp);
  over.addEventListener('pointercancel', onUp);
  return () => {
    window.clearTimeout(wheelTimer);
    over.removeEventListener('wheel', onWheel);
    over.removeEventListener('pointerdown', onDown);
    over.removeEventListener('pointermove', onPointerMove);
    over.removeEventListener('pointerup', onUp);
    over.removeEventListener('pointercancel', onUp);
  };
}
