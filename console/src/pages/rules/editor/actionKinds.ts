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
  'send_single'];
export function furtherOf(action: Action, properties: Property[]): Record<string, unknown> {
  const known = new Set([...common, ...properties.map((one) => one.name)]);
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
