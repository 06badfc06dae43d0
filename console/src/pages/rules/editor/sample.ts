import { useEffect, useRef, useState } from 'react';
import { getJson, query } from '~/lib/api';
import type { Page, PointInfo } from '~/lib/points';
import { runTrial } from '../data';
import { sayProblem } from '../notify';
import { words } from '../words';

// Real messages for a dry run: the last values of points, else what comes within some seconds.
const listenS = 3;
const wanted = 5;

interface Sources {
  points: boolean;
  filters: string[];
}

const asText = (payload: unknown): unknown => {
  if (typeof payload !== 'string') return payload;
  try {
    return JSON.parse(payload);
  } catch {
    return payload;
  }
};

export async function realMessages(sources: Sources): Promise<Record<string, unknown>[]> {
  if (sources.points) {
    const pages = await Promise.all(sources.filters.slice(0, 4).map((filter) =>
      getJson<Page<PointInfo>>(`/api/v1/points${query({ filter, limit: wanted })}`)));
    return pages.flatMap((page) => page.items).slice(0, 2 * wanted)
      .map((one) => ({ topic: one.point, payload: one.value, time: one.time }));
  }
  const from = sources.filters.map((filter) => JSON.stringify(filter)).join(', ');
  const heard = await runTrial({
    sql: `SELECT topic, payload FROM ${from}`, duration: `${listenS}s`, rows_limit: wanted,
  });
  return heard.rows.map((row) => ({ topic: row.topic, payload: asText(row.payload) }));
}

const lines = (messages: Record<string, unknown>[]): string =>
  messages.map((one) => JSON.stringify(one)).join('\n');

// The box of the sample. It fills itself with the last real values of points, which costs nothing;
// for messages somebody has to ask, since that listens a while. What was typed is left alone.
export function useSampleText(sources: Sources, onSample: (values: unknown[]) => void) {
  const [text, setTyped] = useState('');
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const own = useRef(true);
  const fetch = async (asked: boolean) => {
    setBusy(true);
    setNote(words.now('fetching'));
    try {
      const messages = await realMessages(sources);
      setNote(messages.length ? '' : words.now('fetchedNone',
        { filters: sources.filters.join(', '), seconds: listenS }));
      if (messages.length && (asked || own.current)) {
        own.current = true;
        setTyped(lines(messages));
      }
      onSample(messages.map((one) => one.payload));
    } catch (error) {
      setNote('');
      if (asked) sayProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const key = `${sources.points} ${sources.filters.join(' ')}`;
  useEffect(() => {
    if (sources.filters.length && own.current && sources.filters.every((one) => one))
      void fetch(false);
  }, [key]);
  return {
    text, note, busy, fetch,
    setText: (value: string) => {
      own.current = value === '';
      setTyped(value);
    },
  };
}
