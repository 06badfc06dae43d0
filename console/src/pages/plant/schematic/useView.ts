import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';

// What part of a sheet is in view: moved by dragging, arrows and fingers, zoomed by wheel and keys.
export interface View {
  x: number;
  y: number;
  w: number;
  h: number;
}

export function zoomed(view: View, factor: number, at: { x: number; y: number }): View {
  return {
    x: at.x - (at.x - view.x) * factor, y: at.y - (at.y - view.y) * factor,
    w: view.w * factor, h: view.h * factor,
  };
}

const nearShare = 2.2; // how much smaller than the whole a part is that is looked at

// A view that two drawings share; null: the whole.
export type Camera = readonly [View | null, (next: (old: View | null) => View | null) => void];

export function useView(sheet: { width: number; height: number }, camera?: Camera) {
  const whole: View = { x: -20, y: -20, w: sheet.width + 40, h: sheet.height + 40 };
  const own = useState<View | null>(null);
  const [given, put] = camera ?? own;
  const view = given ?? whole;
  const setView = (next: View | null | ((old: View) => View)) =>
    put((old) => (typeof next === 'function' ? next(old ?? whole) : next));
  const element = useRef<SVGSVGElement>(null);
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  useEffect(() => setView(null), [sheet.width, sheet.height]);
  const limited = (next: View): View => {
    const w = Math.min(whole.w * 1.6, Math.max(whole.w / 12, next.w));
    const h = (w / next.w) * next.h;
    return { w, h, x: next.x + (next.w - w) / 2, y: next.y + (next.h - h) / 2 };
  };
  const scale = () => {
    const box = element.current?.getBoundingClientRect();
    return box ? Math.max(view.w / box.width, view.h / box.height) : 1;
  };
  const placeOf = (clientX: number, clientY: number) => {
    const matrix = element.current?.getScreenCTM()?.inverse();
    const point = matrix ? new DOMPoint(clientX, clientY).matrixTransform(matrix) : null;
    return { x: point?.x ?? 0, y: point?.y ?? 0 };
  };
  const zoom = (factor: number, where?: { x: number; y: number }) => setView((old) =>
    limited(zoomed(old, factor, where ?? { x: old.x + old.w / 2, y: old.y + old.h / 2 })));
  // The wheel may not scroll the page, which only a listener that is not passive can prevent.
  useEffect(() => {
    const at = element.current;
    if (!at) return undefined;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      zoom(Math.exp(Math.sign(event.deltaY) * 0.14), placeOf(event.clientX, event.clientY));
    };
    at.addEventListener('wheel', wheel, { passive: false });
    return () => at.removeEventListener('wheel', wheel);
  });
  const hands = {
    onPointerDown: (event: PointerEvent) => {
      fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    },
    onPointerMove: (event: PointerEvent) => {
      const before = fingers.current.get(event.pointerId);
      if (!before) return;
      const moved = { x: event.clientX - before.x, y: event.clientY - before.y };
      if (fingers.current.size === 2) {
        const [a, b] = [...fingers.current.values()];
        const other = a === before ? b : a;
        if (other) {
          const was = Math.hypot(before.x - other.x, before.y - other.y);
          const is = Math.hypot(event.clientX - other.x, event.clientY - other.y);
          zoom(was / Math.max(1, is), placeOf(other.x, other.y));
        }
      } else {
        const by = scale();
        setView((old) => ({ ...old, x: old.x - moved.x * by, y: old.y - moved.y * by }));
      }
      fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    },
    onPointerUp: (event: PointerEvent) => fingers.current.delete(event.pointerId),
    onPointerLeave: (event: PointerEvent) => fingers.current.delete(event.pointerId),
    onKeyDown: (event: KeyboardEvent) => {
      const step = view.w / 12;
      const moves: Record<string, [number, number]> = {
        ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step],
      };
      const move = moves[event.key];
      if (move) setView((old) => ({ ...old, x: old.x + move[0], y: old.y + move[1] }));
      else if (event.key === '+' || event.key === '=') zoom(1 / 1.2);
      else if (event.key === '-') zoom(1.2);
      else if (event.key === '0') setView(null);
      else return;
      event.preventDefault();
    },
  };
  // Near enough to read what stands there, the place in the middle.
  const lookAt = (x: number, y: number) => setView((old) => {
    const by = Math.min(1, whole.w / nearShare / old.w);
    return { w: old.w * by, h: old.h * by, x: x - (old.w * by) / 2, y: y - (old.h * by) / 2 };
  });
  return { view, element, hands, zoom, reset: () => setView(null), lookAt };
}
