import { useDebouncedValue } from '@mantine/hooks';
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useZone } from '~/lib/time';
import { chunkStart, layerFor, layers, type Layer, type Replay } from '../sources/replay';
import { readChunk, readComputed, readDay, wantedOf, type Wanted } from '../sources/readReplay';
import type { Site } from '../useScene';
import { dayEnd, dayStart, dayText } from './day';

const restMs = 250; // how long a moment must stand to be looked at closely
const lookAhead = 0.6; // share of a stretch after which the next one is read

function chunkQuery(site: Site, wanted: Wanted, level: number, start: number, to: number) {
  const end = Math.min(start + (layers[level] as Layer).span, to);
  return {
    // What is not over yet is read anew when it has grown.
    queryKey: ['replay-chunk', site.model.scene.site, level, start, end],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      readChunk(wanted, level, start, end, signal),
    staleTime: Infinity, gcTime: 60_000,
  };
}

// The day around a moment, and around the moment itself as fine as the pace can show; null while
// there is none. `pace` is the speed while it plays, null while it stands.
export function useReplay(site: Site, at: number | null, pace: number | null) {
  const zone = useZone();
  const client = useQueryClient();
  const day = at === null ? null : dayText(at, zone);
  const answer = useQuery({
    queryKey: ['replay', site.model.scene.site, day, zone],
    queryFn: ({ signal }) => {
      const from = dayStart(day ?? '', zone);
      const to = Math.min(dayEnd(day ?? '', zone), Date.now());
      return readDay(site.model.bound, site.info, from, to, signal);
    },
    enabled: day !== null, staleTime: Infinity, gcTime: 120_000,
  });
  const wanted = useMemo(() => wantedOf(site.model.bound, site.info), [site]);
  const [shown, setShown] = useState<Replay | null>(null);
  useEffect(() => {
    if (answer.data && at !== null) answer.data.moveTo(at);
    setShown(day === null ? null : answer.data ?? null);
    // Moves are the player's; only another day or its arrival is ours.
  }, [answer.data, day]);
  const fine = useFine(site, wanted, shown, pace, client);
  useComputed(wanted, shown, pace);
  return {
    replay: shown, busy: answer.isFetching, finer: fine.busy, error: answer.error ?? fine.error,
    retry: answer.refetch,
  };
}

// Reads finer stretches as the moment comes to them.
function useFine(site: Site, wanted: Wanted, replay: Replay | null, pace: number | null,
  client: QueryClient) {
  const level = layerFor(pace);
  const [start, setStart] = useState<number | null>(null);
  useEffect(() => {
    if (!replay) return undefined;
    const look = () => {
      setStart(chunkStart(level, replay.now));
      const { span } = layers[level] as Layer;
      const next = chunkStart(level, replay.now) + span;
      if (pace !== null && level > 0 && next < replay.to
        && replay.now > next - (1 - lookAhead) * span)
        void client.prefetchQuery(chunkQuery(site, wanted, level, next, replay.to));
    };
    look();
    return replay.subscribe(look);
  }, [replay, level, pace, client, site, wanted]);
  // While a hand moves the slider nothing is read for each place it passes.
  const [settled] = useDebouncedValue(start, pace === null ? restMs : 0);
  const answer = useQuery({
    ...chunkQuery(site, wanted, level, settled ?? 0, replay?.to ?? 0),
    enabled: replay !== null && settled !== null && level > 0 && settled < replay.to,
  });
  useEffect(() => {
    if (answer.data) replay?.put(answer.data);
  }, [answer.data, replay]);
  return { busy: answer.isFetching, error: answer.error };
}

// What has no history is computed by the server for the moment that stands.
function useComputed(wanted: Wanted, replay: Replay | null, pace: number | null): void {
  const [now, setNow] = useState<number | null>(null);
  const without = useMemo(() =>
    wanted.derived.filter((key) => replay && !replay.base.tracks.has(key)), [wanted, replay]);
  useEffect(() => {
    if (!replay || without.length === 0) return undefined;
    const look = () => setNow(replay.now);
    look();
    return replay.subscribe(look);
  }, [replay, without]);
  const [settled] = useDebouncedValue(now, restMs);
  const answer = useQuery({
    queryKey: ['replay-computed', settled, without],
    queryFn: ({ signal }) => readComputed(without, settled ?? 0, signal),
    enabled: replay !== null && pace === null && settled !== null && without.length > 0,
    staleTime: Infinity, gcTime: 10_000,
  });
  useEffect(() => {
    if (answer.data && settled !== null) replay?.setComputed(settled, answer.data);
  }, [answer.data, replay, settled]);
}
