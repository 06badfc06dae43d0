import type { PointInfo } from '~/lib/points';
import type { RuleSpec } from './data';
import type { en } from './en';

// Rules to begin with, filled with points of this system.
export const templateIds = [
  'threshold', 'average', 'total', 'convert', 'deadman', 'derived',
] as const;
export type TemplateId = (typeof templateIds)[number];

type Word = keyof typeof en;
export const templateWords: Record<TemplateId, { title: Word; text: Word }> = {
  threshold: { title: 'tplThreshold', text: 'tplThresholdText' },
  average: { title: 'tplAverage', text: 'tplAverageText' },
  total: { title: 'tplTotal', text: 'tplTotalText' },
  convert: { title: 'tplConvert', text: 'tplConvertText' },
  deadman: { title: 'tplDeadman', text: 'tplDeadmanText' },
  derived: { title: 'tplDerived', text: 'tplDerivedText' },
};

// A text within '...': one quote is written twice.
const quoted = (path: string) => `'${path.replace(/'/g, "''")}'`;
const nameOf = (path: string) =>
  (path.split('/').slice(-2).join('_').replace(/[^\w.:-]/g, '_') || 'rule').slice(0, 90);

// A number near the last value that is no limit of now: a little above it, with two figures.
export function limitFor(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value === 0) return 1;
  return Number((value + Math.abs(value) * 0.2).toPrecision(2));
}

const otherUnit: Record<string, string> = {
  'l/s': 'm3/h', 'm3/h': 'l/s', l: 'm3', m3: 'l', bar: 'kPa', kPa: 'bar', m: 'cm', degC: 'degF',
  'mg/l': 'ug/l', kW: 'W', W: 'kW', kWh: 'MJ', 'm3/d': 'l/s',
};

export const convertedUnit = (unit: string | null): [from: string, to: string] =>
  unit && otherUnit[unit] ? [unit, otherUnit[unit]] : ['l/s', 'm3/h'];

export function fromTemplate(id: TemplateId, point: PointInfo): RuleSpec {
  const path = point.point;
  const name = nameOf(path);
  const common = { enable: true, description: '', tags: [] as string[], options: {} };
  const calculated = `${path}/${id === 'convert' ? 'converted' : id}`;
  switch (id) {
    case 'threshold':
      return { ...common, id: `high_${name}`, tags: ['alarm'],
        sql: `SELECT topic, value, time\nFROM points(${quoted(path)})\n`
          + `WHERE value > ${limitFor(point.value)} AND quality = 'good'`,
        actions: [{ type: 'republish', topic: `alarms/${path}`, qos: 1,
          payload: '{"point":"${topic}","value":${value},"time":"${time}"}' }] };
    case 'average':
      return { ...common, id: `average_${name}`,
        sql: `SELECT avg(value) AS average\nFROM points(${quoted(path)})\n`
          + "WHERE quality = 'good'\nGROUP BY HOPPINGWINDOW(mi, 5, 1)",
        actions: [{ type: 'keep', point: calculated, value: '${average}',
          ...(point.unit ? { unit: point.unit } : {}) }] };
    case 'total': {
      // A flow is averaged over the time and the day; a register tells the day by its ends.
      const flow = Boolean(point.unit?.includes('/')) || !point.unit;
      return { ...common, id: `total_${name}`, options: { qos: 'exactly_once' },
        sql: (flow
          ? `SELECT convert_unit(time_weighted_avg(value), '${point.unit ?? 'l/s'}', 'm3/h') * 24`
          : 'SELECT last_value(value, true) - first_value(value, true)')
          + ` AS total\nFROM points(${quoted(path)})\nGROUP BY TUMBLINGWINDOW(dd, 1)`,
        actions: [{ type: 'keep', point: calculated, value: '${total}',
          unit: flow ? 'm3' : point.unit }] };
    }
    case 'convert': {
      const [from, to] = convertedUnit(point.unit);
      return { ...common, id: `convert_${name}`, tags: ['units'],
        sql: `SELECT convert_unit(value, '${from}', '${to}') AS converted, time\n`
          + `FROM points(${quoted(path)})`,
        actions: [{ type: 'keep', point: calculated, value: '${converted}', time: '${time}',
          unit: to }] };
    }
    case 'deadman':
      return { ...common, id: `silent_${name}`, tags: ['alarm'],
        sql: '-- Other points of the place keep the windows going; a silent one has no samples.\n'
          + `SELECT count(*) FILTER (WHERE topic = ${quoted(path)}) AS samples,\n`
          + '       window_end() AS at\n'
          + `FROM points(${quoted(`${path.split('/')[0] ?? ''}/#`)})\n`
          + 'GROUP BY TUMBLINGWINDOW(mi, 5)\nHAVING samples = 0',
        actions: [{ type: 'republish', topic: `alarms/silent/${path}`, qos: 1,
          payload: `{"point":"${path}","at":\${at}}` }] };
    case 'derived':
      return { ...common, id: `derived_${name}`,
        sql: `SELECT value - lag(value) AS change, time\nFROM points(${quoted(path)})`,
        actions: [{ type: 'keep', point: `${path}/change`, value: '${change}', time: '${time}' }] };
  }
}

// For a page that leads here with a point: its statement, nothing more.
export const forPoint = (path: string): RuleSpec => ({
  id: nameOf(path), enable: true, description: '', tags: [], options: {},
  sql: `SELECT topic, value, quality, time\nFROM points(${quoted(path)})`,
  actions: [{ type: 'republish', topic: `rules/${path}`, payload: '${.}', qos: 0 }],
});

export const emptyRule: RuleSpec = {
  id: '', enable: true, description: '', tags: [], options: {}, actions: [],
  sql: 'SELECT *\nFROM ""',
};
