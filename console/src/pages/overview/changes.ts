import { parseTime } from '~/lib/time';
import type { en } from './en';

// What was changed, out of two lists of the server: the audit (everything that people and programs
// asked for) and the events of twins. Both tell an order to a twin; here it is told once.
export interface AuditRecord {
  time: string; actor: string; action: string; target: string; old: unknown; new: unknown;
  result: string; detail: string;
}

export interface TwinEvent {
  time: string; twin: string; kind: string; path: string | null; actor: string | null;
  before: unknown; after: unknown; result: string; detail: string | null;
}

export interface Change {
  time: number;
  action: string; // 'device.create'
  target: string;
  detail: string;
  who: string;
  failed: boolean;
  to: string; // where it can be looked at, '' where there is no such place
  alike: number; // further ones of the same moment
}

// The server writes both within one request.
const sameMs = 2_000;
// An import makes hundreds of things at once: they are one line.
const onceMs = 2_000;

const brief = (value: unknown): string => {
  if (value === null || value === undefined || typeof value === 'object') return '';
  return String(value).slice(0, 60);
};
const step = (before: unknown, after: unknown) =>
  [brief(before), brief(after)].filter(Boolean).join(' → ');

// "twins/a/b" and "rules/r" name the thing's kind, which the action says already.
const bare = (target: string) => target.replace(
  /^(twins|rules|models|scenarios|connectors|streams|schemas|templates)\//, '');

function placeOf(action: string, target: string, twin?: string): string {
  const thing = action.split('.')[0];
  const name = encodeURIComponent(bare(target));
  if (twin) return `/twin?id=${encodeURIComponent(twin)}`;
  if (/\.(delete|remove)$/.test(action)) return '';
  switch (thing) {
    case 'device': return `/gateway?device=${name}`;
    case 'rule': return `/rules?rule=${name}`;
    case 'twin': return target.startsWith('twins/') ? `/twin?id=${name}` : '';
    case 'scenario': return '/twin/scenarios';
    case 'point': return `/trends?pens=${name}`;
    default: return '';
  }
}

const ofTwin = (event: TwinEvent): Change => ({
  time: parseTime(event.time), action: event.kind, who: event.actor ?? '', alike: 0,
  target: event.path ? `${event.twin} ${event.path}` : event.twin,
  failed: event.result !== 'ok', to: placeOf(event.kind, event.twin, event.twin),
  detail: event.result === 'ok' ? step(event.before, event.after) : event.detail ?? event.result,
});

const ofAudit = (record: AuditRecord): Change => ({
  time: parseTime(record.time), action: record.action, who: record.actor, alike: 0,
  target: bare(record.target), failed: record.result !== 'ok',
  to: placeOf(record.action, record.target),
  detail: record.result === 'ok' ? step(record.old, record.new) : record.detail,
});

// The target of both alike: the twin and what of it, in one writing.
const plain = (target: string) => target.replace(/[\s/]+/g, '/');

// One list of both, newest first, each once; what is alike and of one moment is one line.
export function changesOf(audit: AuditRecord[], twins: TwinEvent[]): Change[] {
  const told = twins.map(ofTwin);
  const times = new Map<string, number[]>();
  for (const { action, target, time } of told) {
    const key = `${action} ${plain(target)}`;
    times.set(key, [...times.get(key) ?? [], time]);
  }
  const twice = ({ action, target, time }: Change) =>
    times.get(`${action} ${plain(target)}`)?.some((at) => Math.abs(at - time) < sameMs) ?? false;
  const all = [...told, ...audit.map(ofAudit).filter((one) => !twice(one))]
    .sort((a, b) => b.time - a.time);
  const lines: Change[] = [];
  for (const one of all) {
    const line = lines.find((old) => old.action === one.action && old.failed === one.failed
      && old.who === one.who && Math.abs(old.time - one.time) < onceMs);
    if (line) line.alike += 1;
    else lines.push(one);
  }
  return lines;
}

type Word = keyof typeof en;

// "Device made" for device.create; what has no words here stays as the server writes it.
export function wordsOf(action: string, has: (key: string) => key is Word):
{ thing: Word; verb: Word } | null {
  // "mqtt.ban.create": what comes before the last is the thing.
  const parts = action.split('.');
  const [thing, verb] = [parts.slice(0, -1).join('_'), parts.at(-1) ?? ''];
  const [a, b] = [`thing_${thing}`, `verb_${verb}`];
  return has(a) && has(b) ? { thing: a, verb: b } : null;
}
