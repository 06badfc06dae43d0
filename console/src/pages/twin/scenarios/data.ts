import { useQuery } from '@tanstack/react-query';
import { getJson, query, seg } from '~/lib/api';
import type { StateKind } from '~/ui';
import { useServerTexts } from '~/words/server';

export interface Override {
  twin: string;
  path: string;
  value: unknown;
  from?: string;
  to?: string;
}

export interface ScenarioSpec {
  id?: string;
  name?: string;
  description?: string;
  site: string;
  model?: string;
  start?: string;
  horizon?: string;
  step?: string;
  overrides?: Override[];
  parameters?: Record<string, unknown>;
}

export interface Scenario extends ScenarioSpec {
  id: string;
  created_at: string;
  updated_at: string;
  updated_by?: string;
  state: 'none' | 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  progress?: number;
  error?: string;
  started_at?: string;
  ended_at?: string;
}

export interface Series {
  key: string;
  twin: string;
  path: string;
  unit: string;
  values: (number | null)[];
}

export interface Figure {
  name: string;
  label: string;
  unit: string;
  value: number | null;
  at?: string;
}

export interface Result {
  start: string;
  step: string;
  rows: number;
  figures: Figure[];
  quality: { quality: string; residual: number; confidence: number; notes: string[] };
  warnings: string[];
  events: { time: string; text: string }[];
  series: Series[];
}

export interface Comparison {
  scenarios: string[];
  figures: {
    name: string; label: string; unit: string; values: (number | null)[];
    differences: (number | null)[];
  }[];
  warnings: string[];
}

export interface Input {
  twin: string;
  path: string;
  unit: string;
  help: string;
}

export const stateKind: Record<Scenario['state'], StateKind> = {
  none: 'idle', queued: 'busy', running: 'busy', done: 'ok', failed: 'alarm', cancelled: 'idle',
};

export const scenarioUrl = (id: string, rest = ''): string => `/api/v1/scenarios/${seg(id)}${rest}`;

export const isRunning = (one: Scenario | undefined): boolean =>
  one?.state === 'queued' || one?.state === 'running';

export const useScenarios = () =>
  useQuery({
    queryKey: ['scenarios'],
    queryFn: () => getJson<{ items: Scenario[] }>('/api/v1/scenarios').then((list) => list.items),
    refetchInterval: (at) => (at.state.data?.some(isRunning) ? 700 : 10_000),
  });

// The run's answer; `key` changes with each run.
export const useResult = (id: string | null, key: string, base = false) =>
  useQuery({
    queryKey: ['scenario-result', id, key, base],
    queryFn: ({ signal }) => getJson<Result>(
      scenarioUrl(id ?? '', `/result${query({ base: base || undefined })}`), { signal }),
    enabled: id !== null, staleTime: Infinity, select: useServerTexts('scenarios')<Result>,
  });

interface Inputs {
  items: { name: string; help: string; inputs?: Input[] }[];
}

export const useInputs = (site: string) =>
  useQuery({
    queryKey: ['scenario-inputs', site],
    queryFn: () => getJson<Inputs>(
      `/api/v1/scenarios/models${query({ site })}`),
    enabled: site !== '', staleTime: 60_000, retry: false,
    select: useServerTexts('scenarios')<Inputs>,
  });

const unitMs: Record<string, number> = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3 };

// "5m" in milliseconds; NaN for anything else.
export function durationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(text.trim());
  return match ? Number(match[1]) * (unitMs[match[2] ?? ''] ?? NaN) : NaN;
}
