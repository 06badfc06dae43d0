import type { StateKind } from '~/ui/State';
import type { SystemFacts } from './model';

// What is looked at in the server's facts, how it is, and (by the texts check_… and todo_…) what to
// do where it is not well. Used by System, Health and by the mark in the top bar.
export const checkNames = [
  'history', 'disk', 'memory', 'queues', 'points', 'files', 'lag', 'clock',
] as const;
export type CheckName = (typeof checkNames)[number];

export interface Check {
  name: CheckName;
  kind: StateKind; // ok, warn or alarm
  values: Record<string, string | number>;
}

const diskWarnShare = 0.85;
const diskAlarmShare = 0.95;
const fullWarnShare = 0.8;
const memoryLeastShare = 0.05;
const lagWarnMs = 100;

const grade = (share: number, warn: number, alarm: number): StateKind =>
  (share >= alarm ? 'alarm' : share >= warn ? 'warn' : 'ok');

const percent = (share: number): number => Math.round(share * 1000) / 10;

export function checksOf(facts: SystemFacts): Check[] {
  const { process, machine, storage, history, reactors, clock } = facts;
  const used = storage.disk_total_bytes
    ? 1 - storage.disk_free_bytes / storage.disk_total_bytes : 0;
  const free = machine.memory_bytes ? machine.memory_available_bytes / machine.memory_bytes : 1;
  // The journal is emptied when it is full: that is its ordinary life.
  const full = facts.queues.filter((one) => one.limit > 0 && one.name !== 'journal')
    .map((one) => ({ name: one.name, share: one.depth / one.limit }))
    .sort((left, right) => right.share - left.share)[0] ?? { name: '', share: 0 };
  const points = history.points_limit ? history.points / history.points_limit : 0;
  const files = process.open_files_limit ? process.open_files / process.open_files_limit : 0;
  const late = [...reactors].sort((left, right) => right.lag_ms_worst - left.lag_ms_worst)[0];
  return [
    { name: 'history', kind: history.health === 'ok' ? 'ok' : 'alarm',
      values: { reason: history.reason } },
    { name: 'disk', kind: grade(used, diskWarnShare, diskAlarmShare),
      values: { used: percent(used) } },
    { name: 'memory', kind: free < memoryLeastShare ? 'warn' : 'ok',
      values: { free: percent(free) } },
    { name: 'queues', kind: grade(full.share, fullWarnShare, 1),
      values: { queue: full.name, full: percent(full.share) } },
    { name: 'points', kind: grade(points, fullWarnShare, 1), values: { full: percent(points) } },
    { name: 'files', kind: grade(files, fullWarnShare, 0.95), values: { full: percent(files) } },
    { name: 'lag', kind: late && late.lag_ms_worst > lagWarnMs ? 'warn' : 'ok',
      values: { task: late?.name ?? '', ms: Math.round((late?.lag_ms_worst ?? 0) * 10) / 10 } },
    { name: 'clock', kind: clock.synchronised ? 'ok' : 'warn',
      values: { error: Math.round(clock.error_ms_most) } },
  ];
}

// What deserves a mark on every page. A clock without a time server is said on the page alone: in
// many works there is none, and a mark that is always there is seen no more.
export const marked = (checks: Check[]): Check[] =>
  checks.filter((one) => one.kind !== 'ok' && one.name !== 'clock' && one.name !== 'lag');

export interface Forecast {
  perDay: number; // bytes
  days: number; // until the disk is full; Infinity: it does not grow
}

const leastDays = 0.25;

// How long the disk lasts, at the mean growth of the data since its first sample: rough, and NaN
// where there is too little to say it.
export function forecastOf(facts: SystemFacts, now: number): Forecast {
  const first = Date.parse(facts.history.oldest_sample ?? '');
  const days = (now - first) / 86400e3;
  if (!(days >= leastDays)) return { perDay: NaN, days: NaN };
  const perDay = facts.storage.data_bytes / days;
  return { perDay, days: perDay > 0 ? facts.storage.disk_free_bytes / perDay : Infinity };
}
