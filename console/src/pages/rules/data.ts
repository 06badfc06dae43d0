import { useQuery, type QueryClient } from '@tanstack/react-query';
import { ApiError, getJson, query, seg, send, sendJson } from '~/lib/api';
import type { Page } from '~/lib/points';
import { useServerTexts } from '~/words/server';

// The rules' side of the API, as the page uses it.
export interface Action {
  type: string;
  name?: string;
  connector?: string;
  [setting: string]: unknown;
}

export interface RuleSpec {
  id: string;
  sql: string;
  actions: Action[];
  late_actions?: Action[];
  enable: boolean;
  description: string;
  tags: string[];
  options: Record<string, unknown>;
  schedule?: Record<string, unknown>;
}

export type RuleStatus = 'running' | 'waiting' | 'disabled' | 'failed';

export interface Rule extends RuleSpec {
  version: number;
  created_at: string;
  updated_at: string;
  updated_by: string;
  status: RuleStatus;
  problem?: string;
}

export interface OperatorFigures {
  name: string;
  detail: string;
  in: number;
  out: number;
  errors: number;
  late: number;
  state_rows: number;
}

export interface ActionFigures {
  type: string;
  name: string;
  rows: number;
  sent: number;
  failed: number;
  skipped: number;
  dropped: number;
  queued: number;
  last_error: string;
  fallback?: ActionFigures;
}

export interface RuleFigures {
  version: number;
  since: string | null;
  in: number;
  dropped: number;
  passed: number;
  out: number;
  failed: number;
  late: number;
  last_error: string;
  last_error_time: string | null;
  latency: { count: number; mean_ms: number };
  actions: ActionFigures[];
  operators?: OperatorFigures[];
}

export interface PlanOperator {
  id: number;
  name: string;
  detail: string;
  inputs: number[];
}

export interface Plan {
  text: string;
  operators: PlanOperator[];
}

export interface TrialResult {
  rows: Record<string, unknown>[];
  times: string[];
  events: number;
  failed: number;
  late: number;
  errors: string[];
  rows_cut: boolean;
  events_cut: boolean;
  time_cut: boolean;
  operators: OperatorFigures[];
  // The first rows that left each operator, by its number; none of a live run.
  operator_rows?: Record<string, unknown>[][];
}

export interface Version {
  version: number;
  time: string;
  actor: string;
}

export interface FunctionInfo {
  name: string;
  type: string;
  group: string;
  origin: string;
  signature: string;
  help: string;
  example: string;
  example_result: string;
}

export interface StreamInfo {
  name: string;
  table: boolean;
  sql: string;
}

export interface Property {
  name: string;
  type: string;
  default: string;
  help: string;
  choices?: string;
  minimum?: number;
  maximum?: number;
}

export interface ConnectorKind {
  kind: string;
  title: string;
  help: string;
  connection: Property[];
  action?: Property[];
  source?: Property[];
  table?: Property[];
}

export interface Connector {
  name: string;
  kind: string;
  description?: string;
  [setting: string]: unknown;
}

export interface MessageSchema {
  name: string;
  type: 'avro' | 'protobuf' | 'json';
  schema: unknown;
}

const base = '/api/v1/rules';
export const rulePath = (id: string) => `${base}/${seg(id)}`;

async function allRules(signal: AbortSignal): Promise<Rule[]> {
  const all: Rule[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Rule> = await getJson(`${base}${query({ limit: 1000, cursor })}`, { signal });
    all.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor);
  return all;
}

export const useRules = () =>
  useQuery({ queryKey: ['rules'], queryFn: ({ signal }) => allRules(signal),
    refetchInterval: 10_000 });

export const useFunctions = () =>
  useQuery({ queryKey: ['functions'], staleTime: Infinity,
    select: useServerTexts('functions')<FunctionInfo[]>,
    queryFn: () => getJson<{ items: FunctionInfo[] }>('/api/v1/functions').then((a) => a.items) });

export const useStreams = () =>
  useQuery({ queryKey: ['streams'],
    queryFn: () => getJson<{ items: StreamInfo[] }>('/api/v1/streams').then((a) => a.items) });

export const useSchemas = () =>
  useQuery({ queryKey: ['schemas'],
    queryFn: () => getJson<{ items: MessageSchema[] }>('/api/v1/schemas').then((a) => a.items) });

export const useConnectors = () =>
  useQuery({ queryKey: ['connectors'],
    queryFn: () => getJson<{ items: Connector[] }>('/api/v1/connectors').then((a) => a.items) });

export const useConnectorKinds = () =>
  useQuery({ queryKey: ['connector-kinds'], staleTime: Infinity,
    select: useServerTexts('connectors')<ConnectorKind[]>,
    queryFn: () =>
      getJson<{ items: ConnectorKind[] }>('/api/v1/connectors/kinds').then((a) => a.items) });

export const refreshRules = (client: QueryClient) =>
  client.invalidateQueries({ queryKey: ['rules'] });

export const readRule = (id: string, signal?: AbortSignal) =>
  getJson<Rule>(rulePath(id), { signal });

export const readFigures = (id: string, signal?: AbortSignal) =>
  getJson<RuleFigures>(`${rulePath(id)}/metrics`, { signal });

// What of a rule a person sets: no figures, no state.
export function specOf(rule: Rule | RuleSpec): RuleSpec {
  const spec: RuleSpec = {
    id: rule.id, sql: rule.sql, actions: rule.actions ?? [], enable: rule.enable ?? true,
    description: rule.description ?? '', tags: rule.tags ?? [], options: rule.options ?? {},
  };
  if (rule.late_actions?.length) spec.late_actions = rule.late_actions;
  if (rule.schedule && Object.keys(rule.schedule).length) spec.schedule = rule.schedule;
  return spec;
}

export const createRule = (spec: RuleSpec) => sendJson<Rule>('POST', base, spec);

// Saves over the version that was read; a newer one makes it fail with 412.
export const saveRule = (spec: RuleSpec, version: number) =>
  sendJson<Rule>('PUT', rulePath(spec.id), spec, { headers: { 'if-match': `"${version}"` } });

export const deleteRule = (id: string) => send(rulePath(id), { method: 'DELETE' });

export const enableRule = (id: string, on: boolean) =>
  sendJson<Rule>('POST', `${rulePath(id)}/${on ? 'enable' : 'disable'}`);

export const validate = (sql: string, options: Record<string, unknown>, signal?: AbortSignal) =>
  sendJson<Plan>('POST', `${base}/validate`, { sql, options }, { signal });

export const runTrial = (body: Record<string, unknown>, signal?: AbortSignal) =>
  sendJson<TrialResult>('POST', `${base}/test`, body, { signal });

export const isConflict = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 412;

// A name like `id` that is not taken: id_copy, id_copy2 ...
export function freeId(id: string, taken: Set<string>): string {
  const stem = id.replace(/_copy\d*$/, '').slice(0, 118);
  for (let number = 1; ; ++number) {
    const name = `${stem}_copy${number === 1 ? '' : number}`;
    if (!taken.has(name)) return name;
  }
}
