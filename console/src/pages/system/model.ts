import { useQuery } from '@tanstack/react-query';
import { getJson } from '~/lib/api';
import type { Role } from '~/lib/session';
import type { StateKind } from '~/ui';
import { useServerTexts } from '~/words/server';

// What the server tells of itself, and of who may use it.
export interface Queue {
  name: string;
  unit: string;
  depth: number;
  limit: number; // 0: none
}

export interface SystemFacts {
  version: string;
  build: string;
  time: string;
  started: string;
  uptime_s: number;
  process: {
    pid: number; cpu_cores: number; memory_bytes: number; threads: number; open_files: number;
    open_files_limit: number;
  };
  machine: {
    host: string; cores: number; load_1m: number; memory_bytes: number;
    memory_available_bytes: number;
  };
  storage: {
    folder: string; data_bytes: number; disk_free_bytes: number; disk_total_bytes: number;
  };
  history: {
    health: 'ok' | 'disk_full' | 'failing'; reason: string; points: number; points_limit: number;
    samples_committed: number; samples_refused: number; journal_bytes: number;
    chunk_bytes: number; memory_bytes: number; oldest_sample: string | null;
    retention: { filter: string; keep: string }[];
  };
  queues: Queue[];
  dropped: { name: string; help: string; count: number }[];
  reactors: { name: string; lag_ms: number; lag_ms_worst: number }[];
  clock: { synchronised: boolean; error_ms: number; error_ms_most: number };
}

export interface User {
  name: string;
  display_name: string;
  role: Role;
  scope: string;
  enabled: boolean;
  must_change_password: boolean;
  created: string;
  last_sign_in: string | null;
  revision: number;
}

export interface ApiKey {
  id: string;
  name: string;
  role: Role;
  scope: string;
  enabled: boolean;
  expires: string | null;
  created: string;
  created_by: string;
  last_used: string | null;
  revision: number;
  key?: string; // in the answer that made it only
}

export interface SessionEntry {
  id: string;
  user: string;
  created: string;
  last_used: string;
  expires: string;
  address: string;
  agent: string;
  current: boolean;
}

export interface Setting {
  key: string;
  type: string;
  value: string;
  default: string;
  origin: string;
  where: string;
  help: string;
  needs_restart: boolean;
  least?: number;
  most?: number;
  choices?: string[];
}

export interface AuditRecord {
  time: string;
  actor: string;
  origin: string;
  action: string;
  target: string;
  old: unknown;
  new: unknown;
  result: string;
  detail: string;
}

export interface LogLine {
  number: number;
  time: string;
  level: 'debug' | 'info' | 'warning' | 'error';
  room: string;
  message: string;
}

export interface SystemFigures {
  times: number[];
  figures: Record<string, (number | null)[]>;
}

export const useFacts = (everyMs = 5000) => useQuery({
  queryKey: ['system', 'facts'],
  queryFn: ({ signal }) => getJson<SystemFacts>('/api/v1/system', { signal }),
  refetchInterval: everyMs, select: useServerTexts('system')<SystemFacts>,
});

export const useFigures = () => useQuery({
  queryKey: ['system', 'figures'],
  queryFn: ({ signal }) => getJson<SystemFigures>('/api/v1/system/figures?last=1h', { signal }),
  refetchInterval: 10_000,
});

export const list = <T>(path: string, signal?: AbortSignal): Promise<T[]> =>
  getJson<{ items: T[] }>(path, { signal }).then((page) => page.items);

const nearlyFull = 0.8;

// How full something is, and whether that is worth a colour.
export function fullness(depth: number, limit: number): { share: number; kind: StateKind } {
  if (limit <= 0) return { share: NaN, kind: 'ok' };
  const share = depth / limit;
  return { share, kind: share >= 1 ? 'alarm' : share >= nearlyFull ? 'warn' : 'ok' };
}

// What dropped something comes first.
export const byCount = <T extends { count: number; name: string }>(rows: T[]): T[] =>
  [...rows].sort((left, right) => right.count - left.count
    || left.name.localeCompare(right.name));

// The name as people say it: "broker messages dropped".
export const plainName = (metric: string): string =>
  metric.replace(/^headworks_/, '').replace(/_total$/, '').replaceAll('_', ' ');
