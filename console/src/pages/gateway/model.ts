import { useQuery } from '@tanstack/react-query';
import { getJson, query, seg } from '~/lib/api';
import type { PointValue } from '~/lib/live';
import type { StateKind } from '~/ui';
import { useServerTexts } from '~/words/server';
import { feedRates } from './rates';

// The gateway's objects as the API gives them, and the queries that fetch them.
export type LinkName = 'disabled' | 'connecting' | 'connected' | 'down' | 'listening';

export interface GroupState {
  name: string;
  interval_ms: number;
  tags: number;
  polls: number;
  overruns: number;
  last_duration_ms: number;
  last_poll: string | null;
}

export interface UnitState {
  unit: string;
  up: boolean;
  since: string | null;
  round_trip_ms: number;
  exchanges: number;
  errors: number;
  last_error: string;
  last_error_time: string | null;
}

export interface DeviceState {
  link: LinkName;
  since: string | null;
  connections: number;
  round_trip_ms: number;
  samples: number;
  reads: number;
  read_errors: number;
  writes: number;
  write_errors: number;
  reconnects: number;
  received_bytes: number;
  sent_bytes: number;
  tags: number;
  tags_bad: number;
  last_error: string;
  last_error_time: string | null;
  groups?: GroupState[];
  units?: UnitState[];
}

export interface DeviceSummary {
  name: string;
  driver: string;
  description: string;
  enabled: boolean;
  groups: number;
  tags: number;
  origin: string;
  revision: number;
  problem: string;
  state: DeviceState | null;
}

export interface Tag {
  name: string;
  address: string;
  type: string;
  access: string;
  scale: number;
  offset: number;
  bias: number;
  precision: number;
  deadband: number;
  deadband_percent: number;
  min: number | null;
  max: number | null;
  unit: string;
  description: string;
  point: string;
}

export interface Group {
  name: string;
  interval_ms: number;
  tags: Tag[];
}

export type SettingValue = string | number | boolean | string[];

export interface Device extends Omit<DeviceSummary, 'groups' | 'tags'> {
  settings: Record<string, SettingValue>;
  groups: Group[];
}

export interface DriverSetting {
  name: string;
  type: string;
  default: string;
  help: string;
  min?: number;
  max?: number;
  choices?: string[];
}

export interface Driver {
  name: string;
  title: string;
  help: string;
  link: 'tcp_client' | 'serial' | 'tcp_server';
  settings: DriverSetting[];
  types: string[];
  addresses: { form: string; example: string; help: string }[];
}

// One flaw of what was sent, with its place.
export interface Flaw {
  line?: number | null;
  device?: string;
  group?: string;
  tag?: string;
  field?: string;
  text: string;
}

export interface ImportReport {
  dry_run: boolean;
  applied: boolean;
  devices_created: number;
  devices_changed: number;
  devices_unchanged: number;
  tags_added: number;
  tags_changed: number;
  tags_unchanged: number;
  tags_removed: number;
  errors_total: number;
  errors: Flaw[];
}

export interface Reading {
  value: PointValue;
  quality: string;
  time: string;
}

export const emptyTag: Tag = {
  name: '', address: '', type: 'float', access: 'read', scale: 1, offset: 0, bias: 0,
  precision: -1, deadband: 0, deadband_percent: 0, min: null, max: null, unit: '',
  description: '', point: '',
};

export const deviceUrl = (name: string): string => `/api/v1/devices/${seg(name)}`;
export const pointOf = (device: string, tag: Tag): string => tag.point || `${device}/${tag.name}`;
export const readOnly = (device: { origin: string }): boolean => device.origin !== 'api';
export const mayBeWritten = (tag: { access: string }): boolean => /\bwrite\b/.test(tag.access);

export interface Shown {
  kind: StateKind;
  text: 'stProblem' | 'stDisabled' | 'stUp' | 'stPartly' | 'stConnecting' | 'stDown'
  | 'stListening' | 'stWaiting' | 'stUnknown';
}

// What a device's state looks like: grey while it does what it shall.
export function shownState(
  device: Pick<DeviceSummary, 'enabled' | 'problem' | 'state'>,
): Shown {
  const { state } = device;
  if (device.problem) return { kind: 'alarm', text: 'stProblem' };
  if (!device.enabled || state?.link === 'disabled') return { kind: 'idle', text: 'stDisabled' };
  if (!state) return { kind: 'note', text: 'stUnknown' };
  if (state.link === 'down') return { kind: 'alarm', text: 'stDown' };
  if (state.link === 'connecting') return { kind: 'busy', text: 'stConnecting' };
  if (state.link === 'listening' && state.connections === 0)
    return { kind: 'note', text: 'stWaiting' };
  if (state.tags_bad > 0) return { kind: 'warn', text: 'stPartly' };
  return { kind: 'ok', text: state.link === 'listening' ? 'stListening' : 'stUp' };
}

interface ListPage {
  items: DeviceSummary[];
  next: string | null;
}

async function readDevices(signal: AbortSignal): Promise<DeviceSummary[]> {
  const all: DeviceSummary[] = [];
  let cursor: string | null = null;
  do {
    const page: ListPage = await getJson<ListPage>(
      `/api/v1/devices${query({ limit: 1000, cursor })}`, { signal });
    all.push(...page.items);
    cursor = page.next;
  } while (cursor);
  feedRates(all, Date.now());
  return all;
}

export const useDevices = () =>
  useQuery({
    queryKey: ['gateway', 'devices'],
    queryFn: ({ signal }) => readDevices(signal),
    refetchInterval: 2000,
  });

export const useDevice = (name: string) =>
  useQuery({
    queryKey: ['gateway', 'device', name],
    queryFn: ({ signal }) => getJson<Device>(deviceUrl(name), { signal }),
    enabled: name !== '',
  });

export const useDeviceState = (name: string, everyMs = 2000) =>
  useQuery({
    queryKey: ['gateway', 'state', name],
    queryFn: async ({ signal }) => {
      const state = await getJson<DeviceState>(`${deviceUrl(name)}/state`, { signal });
      feedRates([{ name, state }], Date.now());
      return state;
    },
    enabled: name !== '',
    refetchInterval: everyMs,
  });

export const useDrivers = () =>
  useQuery({
    queryKey: ['gateway', 'drivers'],
    queryFn: () => getJson<{ items: Driver[] }>('/api/v1/drivers').then((page) => page.items),
    staleTime: Infinity, select: useServerTexts('drivers')<Driver[]>,
  });

export const useDriver = (name: string) =>
  useQuery({
    queryKey: ['gateway', 'driver', name],
    queryFn: () => getJson<Driver>(`/api/v1/drivers/${seg(name)}`),
    enabled: name !== '',
    staleTime: Infinity, select: useServerTexts('drivers')<Driver>,
  });
