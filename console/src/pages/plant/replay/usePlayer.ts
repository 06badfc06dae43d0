import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { Replay } from '../sources/replay';

export const speeds = [1, 10, 60, 300, 1800, 3600];
const frameMs = 100;
const writeMs = 2000; // between two notes of the moment in the address
const nowMs = 10_000; // a day whose end is nearer to now than this is today

const still = () => () => undefined;

// The moment that a replay shows; NaN without one.
export const useMoment = (replay: Replay | null): number =>
  useSyncExternalStore(replay?.subscribe ?? still, () => replay?.now ?? NaN);

// Where a moment leads at a pace: within the day, over into the next, or to the end of today.
export function advance(now: number, to: number, byMs: number, clock: number):
  { time: number; ended: boolean; over: boolean } {
  const time = now + byMs;
  if (time < to) return { time, ended: false, over: false };
  const over = to < clock - nowMs;
  return { time: to, ended: !over, over };
}

// Plays: the moment moves in the replay many times a second, in the address now and then.
export function usePlayer({ replay, at, speed, playing, write }: {
  replay: Replay | null; at: number | null; speed: number; playing: boolean;
  write: (change: { at?: number; play?: boolean }) => void;
}): void {
  const written = useRef<number | null>(null);
  const latest = useRef(write);
  useEffect(() => {
    latest.current = write;
  });
  useEffect(() => {
    if (at !== null && replay && at !== written.current) replay.moveTo(at);
  }, [replay, at]);
  useEffect(() => {
    if (!playing || !replay) return undefined;
    let before = performance.now();
    let noted = before;
    const note = (time: number, play?: boolean) => {
      // The address is asked, as the page may not know yet that somebody went back to live.
      if (!new URLSearchParams(window.location.search).has('at')) return;
      written.current = time;
      latest.current({ at: time, ...(play === undefined ? {} : { play }) });
    };
    const timer = window.setInterval(() => {
      const now = performance.now();
      const next = advance(replay.now, replay.to, speed * (now - before), Date.now());
      before = now;
      replay.moveTo(next.time);
      if (next.ended) note(next.time, false);
      else if (next.over || now - noted > writeMs) {
        noted = now;
        note(next.time);
      }
    }, frameMs);
    return () => {
      window.clearInterval(timer);
      // Where it stopped is worth the link.
      if (replay.now !== written.current) note(replay.now);
    };
  }, [playing, replay, speed]);
}

// True where only the keyboard is meant: not in a field or a list.
const typing = (target: EventTarget | null): boolean => target instanceof HTMLElement
  && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
const pressing = (target: EventTarget | null): boolean => target instanceof Element
  && target.closest('button, a, [role="button"], [role="menuitem"], [role="dialog"]') !== null;

// Space plays and pauses, comma and full stop step, with Shift they go from event to event.
export function useReplayKeys(on: boolean, calls: {
  toggle: () => void; step: (by: -1 | 1) => void; event: (by: -1 | 1) => void;
}): void {
  const latest = useRef(calls);
  useEffect(() => {
    latest.current = calls;
  });
  useEffect(() => {
    if (!on) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      const { toggle, step, event: jump } = latest.current;
      if (event.key === ' ' && !pressing(event.target)) toggle();
      else if (event.key === ',') step(-1);
      else if (event.key === '.') step(1);
      else if (event.key === '<') jump(-1);
      else if (event.key === '>') jump(1);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [on]);
}

// What is worth showing only when it lasts.
export function useLasting(on: boolean, ms = 300): boolean {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!on) {
      setShown(false);
      return undefined;
    }
    const timer = window.setTimeout(() => setShown(true), ms);
    return () => window.clearTimeout(timer);
  }, [on, ms]);
  return shown;
}
