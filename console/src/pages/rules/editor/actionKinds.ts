import type { Action, ConnectorKind, Property } from '../data';

// Settings of the actions that stay within the server; connectors tell theirs themselves.
const text = (name: string, help = '', usual = ''): Property =>
  ({ name, type: 'text', default: usual, help });

export const innerKinds: Record<string, Property[]> = {
  republish: [
    text('topic', 'topicHelp'), text('payload', 'payloadHelp', '${.}'),
    { name: 'qos', type: 'text', default: '0', help: '', choices: '0|1|2' },
    { name: 'retain', type: 'boolean', default: 'false', help: 'retainHelp' },
    { name: 'direct', type: 'boolean', default: 'false', help: 'directHelp' },
  ],
  keep: [
    text('point', 'pointHelp'), text('prefix', 'prefixHelp'), text('value', '', '${value}'),
    text('time', 'timeHelp'), text('quality'), text('unit'),
  ],
  write: [text('point', 'writePointHelp'), text('value', '', '${value}')],
  console: [text('text', 'textHelp', '${.}')],
};

const choice = (name: string, choices: string): Property =>
  ({ name, type: 'text', choices, default: choices.split('|')[0] ?? '', help: name });
const plain = (name: string, usual: string, type = 'text'): Property =>
  ({ name, type, default: usual, help: name });

// What every sink has beside its own: how rows wait and are sent again. The help is a word of the
// setting's name.
export const outletSettings: Property[] = [
  choice('buffer_mode', 'disk|memory'), plain('max_buffer_bytes', '256MiB'),
  plain('buffer_memory_bytes', '4MiB'), choice('buffer_overflow', 'drop_oldest|drop_newest'),
  plain('batch_size', '100', 'integer'), plain('batch_time', '0s'), plain('batch_bytes', '1MiB'),
  plain('pool_size', '1', 'integer'), plain('request_ttl', '0s'),
  plain('max_retries', '0', 'integer'), plain('retry_interval', '1s'),
  plain('retry_interval_max', '60s'), plain('health_check_interval', '15s'),
  { name: 'buffer_sync', type: 'boolean', default: 'false', help: 'buffer_sync' },
];

export const newAction = (type: string): Action => {
  switch (type) {
    case 'republish': return { type, topic: 'rules/${topic}', payload: '${.}', qos: 0 };
    case 'keep': return { type, point: 'calculated/value', value: '${value}' };
    case 'write': return { type, point: '', value: '${value}' };
    case 'console': return { type, text: '${.}' };
    default: return { type };
  }
};

export function propertiesOf(type: string, kinds: ConnectorKind[], named: boolean): Property[] {
  const inner = innerKinds[type];
  if (inner) return inner;
  const kind = kinds.find((one) => one.kind === type);
  if (!kind) return [];
  // A named connection brings its own settings.
  return [...(kind.action ?? []), ...(named ? [] : kind.connection)];
}

export const sinkKinds = (kinds: ConnectorKind[]): ConnectorKind[] =>
  kinds.filter((kind) => kind.action);

// Members that no form shows: they stay as they are, and are edited as JSON.
const common = ['type', 'name', 'connector', 'fields', 'only_on_change', 'omit_empty',
  'send_single', 'fallback'];
export function furtherOf(action: Action, properties: Property[]): Record<string, unknown> {
  const known = new Set([...common, ...properties.map((one) => one.name),
    ...(action.type in innerKinds ? [] : outletSettings.map((one) => one.name))]);
  return Object.fromEntries(Object.entries(action).filter(([name]) => !known.has(name)));
}

// Sets a member; what is empty or as it is without it is left out.
export function withSetting(action: Action, property: Property, value: unknown): Action {
  const next: Action = { ...action };
  const usual = property.type === 'boolean' ? property.default === 'true' : property.default;
  const empty = value === undefined || value === null || value === ''
    || (Array.isArray(value) && value.length === 0);
  if (empty || value === usual || String(value) === String(usual)) delete next[property.name];
  else next[property.name] = value;
  return next;
}
