import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { query } from '~/lib/api';
import { useLink } from '~/lib/live';
import type { Twin, TwinValue } from './data';

export interface StreamEvent {
  event: string;
  twin: string;
  path?: string;
  value?: unknown;
  time?: string;
  quality?: string;
  stale?: boolean;
  detail?: string;
  command?: string;
  relationship?: string;
  target?: string;
  initial?: boolean;
  text?: string;
}

export type StreamState = 'opening' | 'up' | 'down';

const kinds = ['property', 'stale', 'twin_created', 'twin_updated', 'twin_removed',
  'relationship_added', 'relationship_changed', 'relationship_removed', 'desired', 'command',
  'test'];

// Follows events by EventSource; `state` is down while the connection is lost.
export function useEvents(address: string | null, onEvent: (event: StreamEvent) => void,
  onGap?: (missed: number) => void): StreamState {
  const [state, setState] = useState<StreamState>('opening');
  const latest = useRef({ onEvent, onGap });
  useEffect(() => {
    latest.current = { onEvent, onGap };
  });
  useEffect(() => {
    if (!address) return;
    setState('opening');
    const source = new EventSource(address);
    source.onopen = () => setState('up');
    source.onerror = () => setState('down');
    for (const kind of kinds)
      source.addEventListener(kind, (message: MessageEvent<string>) =>
        latest.current.onEvent(JSON.parse(message.data) as StreamEvent));
    source.addEventListener('gap', (message: MessageEvent<string>) =>
      latest.current.onGap?.((JSON.parse(message.data) as { missed: number }).missed));
    return () => source.close();
  }, [address]);
  return state;
}

// The newest values of a twin: those that were read, and what the stream said since.
export function useTwinStream(twin: Twin | undefined): {
  values: Record<string, TwinValue>; down: boolean;
} {
  const client = useQueryClient();
  const link = useLink();
  const id = twin?.id;
  const waiting = useRef<Record<string, Partial<TwinValue>>>({});
  const [news, setNews] = useState<Record<string, Partial<TwinValue>>>({});
  const timer = useRef(0);
  useEffect(() => {
    setNews({});
    waiting.current = {};
    return () => window.clearTimeout(timer.current);
  }, [id]);
  const flush = () => {
    // At most four renders a second, however fast the twin is.
    if (timer.current) return;
    timer.current = window.setTimeout(() => {
      timer.current = 0;
      const taken = waiting.current;
      waiting.current = {};
      setNews((old) => ({ ...old, ...taken }));
    }, 250);
  };
  const again = (...keys: string[]) => keys.forEach((key) =>
    void client.invalidateQueries({ queryKey: [key, id] }));
  const address = id
    ? `/api/v1/twin/events${query({
      twins: id, events: 'property,stale,twin,relationship,desired,command', when: 'every_update',
    })}` : null;
  const state = useEvents(address, (event) => {
    if (event.twin !== id) return;
    if (event.event === 'property' && event.path) {
      waiting.current[event.path] = {
        value: event.value, time: event.time, quality: event.quality ?? 'good',
        stale: event.stale,
      };
      flush();
    } else if (event.event === 'stale' && event.path) {
      waiting.current[event.path] = { ...waiting.current[event.path], stale: true };
      flush();
    } else if (event.event.startsWith('twin_'))
      again('twin', 'twin-versions', 'twin-relationships');
    else if (event.event.startsWith('relationship_')) again('twin', 'twin-relationships');
    else if (event.event === 'desired' || event.event === 'command')
      again('twin-desired', 'twin-orders');
  }, () => again('twin'));
  const values = useMemo(() => {
    const merged: Record<string, TwinValue> = {};
    for (const [path, value] of Object.entries(twin?.properties ?? {})) {
      const newer = news[path];
      // What was read may be newer than what the stream told before.
      const late = newer?.time && value.time && newer.time < value.time;
      merged[path] = newer && !late ? { ...value, ...newer } : value;
    }
    return merged;
  }, [twin, news]);
  return { values, down: state === 'down' || link.state === 'down' };
}
