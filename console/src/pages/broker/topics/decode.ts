import { DecodeError, hexDump, utf8 } from './bytes';
import { decodeCbor } from './cbor';
import { decodeSparkplug, sparkTopic, type Aliases, type Metric } from './sparkplug';

export const formats = ['json', 'text', 'hex', 'sparkplug', 'cbor'] as const;
export type Format = (typeof formats)[number];

export interface Decoded {
  format: Format;
  text: string; // to show
  value?: unknown; // what has leaves, where the format has
  problem?: string; // why it could not be read as that format; the text is a hex dump then
}

const mediaTypes: Record<string, Format> = {
  'application/json': 'json', 'application/cbor': 'cbor', 'text/plain': 'text',
  'application/octet-stream': 'hex',
};

// How to read a payload: the topic's name space says it first, then the content type, then whether
// it is a text, and a text that is JSON is JSON. Binary payloads are never guessed at.
export function formatOf(topic: string, payload: Uint8Array, contentType?: string): Format {
  if (sparkTopic(topic)) return 'sparkplug';
  const media = mediaTypes[contentType?.split(';')[0]?.trim().toLowerCase() ?? ''];
  if (media) return media;
  const text = utf8(payload);
  if (text === null) return 'hex';
  try {
    JSON.parse(text);
    return 'json';
  } catch {
    return 'text';
  }
}

export interface Source {
  topic: string;
  payload: Uint8Array;
}

export function decode(message: Source, format: Format, aliases?: Aliases): Decoded {
  const { payload, topic } = message;
  if (payload.length === 0) return { format, text: '' };
  try {
    return decodeAs(topic, payload, format, aliases);
  } catch (error) {
    const problem = error instanceof DecodeError || error instanceof SyntaxError
      ? error.message : String(error);
    return { format, text: hexDump(payload), problem };
  }
}

function decodeAs(topic: string, payload: Uint8Array, format: Format, aliases?: Aliases): Decoded {
  if (format === 'hex') return { format, text: hexDump(payload) };
  if (format === 'cbor') return tree(format, decodeCbor(payload));
  if (format === 'sparkplug') {
    const read = decodeSparkplug(payload);
    const named = (metric: Metric): Metric => {
      if (metric.name !== undefined || metric.alias === undefined) return metric;
      const name = aliases?.name(topic, metric.alias);
      return name === undefined ? metric : { name, ...metric };
    };
    return tree(format, { ...read, metrics: read.metrics.map(named) });
  }
  const text = utf8(payload);
  if (text === null) throw new DecodeError('The payload is not UTF-8');
  return format === 'json' ? tree(format, JSON.parse(text)) : { format, text };
}

const tree = (format: Format, value: unknown): Decoded =>
  ({ format, value, text: JSON.stringify(value, null, 2) });

export interface Leaf {
  path: string; // "a/b/0"; empty: the payload itself
  value: number;
}

const maxLeaves = 200;
const maxLeafDepth = 8;

// Numbers in a payload, by path; of Sparkplug by the metric's name.
export function leavesOf(decoded: Decoded): Leaf[] {
  const all: Leaf[] = [];
  const walk = (value: unknown, path: string, depth: number) => {
    if (all.length >= maxLeaves || depth > maxLeafDepth) return;
    if (typeof value === 'number') all.push({ path, value });
    else if (typeof value === 'boolean') all.push({ path, value: Number(value) });
    else if (value && typeof value === 'object')
      for (const [key, inner] of Object.entries(value))
        walk(inner, path ? `${path}/${key}` : key, depth + 1);
  };
  if (decoded.format === 'sparkplug' && decoded.value)
    for (const metric of (decoded.value as { metrics: Metric[] }).metrics)
      walk(metric.value, metric.name ?? `alias ${metric.alias ?? '?'}`, 1);
  else if (decoded.value !== undefined) walk(decoded.value, '', 0);
  else if (decoded.format === 'text' && /^\s*[+-]?[\d.]/.test(decoded.text)) {
    const number = Number(decoded.text);
    if (Number.isFinite(number)) all.push({ path: '', value: number });
  }
  return all;
}

// The path of the point that a leaf is kept as, if it is kept.
export function pointOfLeaf(topic: string, path: string): string {
  const parts = sparkTopic(topic);
  const base = parts
    ? [parts.group, parts.node, ...(parts.device ? [parts.device] : [])].join('/') : topic;
  return path ? `${base}/${path}` : base;
}
