import { parseHex } from './bytes';
import type { Outgoing } from './link';

// What stands in the publish box, and what of it is wrong before the broker is asked.
export type PublishFormat = 'text' | 'json' | 'hex';

export interface Draft {
  topic: string;
  format: PublishFormat;
  payload: string;
  qos: 0 | 1 | 2;
  retain: boolean;
  contentType: string;
  responseTopic: string;
  correlation: string; // hex
  expiry: string; // seconds
  user: string; // "name=value", one a line
}

export type Flaw = 'needTopic' | 'wildcards' | 'notHex' | 'notJson' | 'notSeconds' | 'notPairs';
export type Flaws = Partial<Record<keyof Draft, Flaw>>;

export const emptyDraft = (topic: string): Draft => ({
  topic, format: 'json', payload: '', qos: 0, retain: false, contentType: '', responseTopic: '',
  correlation: '', expiry: '', user: '',
});

function jsonFlaw(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}

const pairsOf = (text: string): ([string, string] | null)[] =>
  text.split('\n').filter((line) => line.trim()).map((line) => {
    const at = line.indexOf('=');
    return at > 0 ? [line.slice(0, at).trim(), line.slice(at + 1).trim()] : null;
  });

export function flawsOf(draft: Draft): Flaws {
  const flaws: Flaws = {};
  if (!draft.topic) flaws.topic = 'needTopic';
  else if (/[+#\0]/.test(draft.topic)) flaws.topic = 'wildcards';
  if (draft.format === 'hex' && !parseHex(draft.payload)) flaws.payload = 'notHex';
  if (draft.format === 'json' && draft.payload.trim() && jsonFlaw(draft.payload))
    flaws.payload = 'notJson';
  if (/[+#\0]/.test(draft.responseTopic)) flaws.responseTopic = 'wildcards';
  if (!parseHex(draft.correlation)) flaws.correlation = 'notHex';
  const seconds = Number(draft.expiry);
  if (draft.expiry && !(Number.isInteger(seconds) && seconds >= 0 && seconds < 2 ** 32))
    flaws.expiry = 'notSeconds';
  if (pairsOf(draft.user).includes(null)) flaws.user = 'notPairs';
  return flaws;
}

// Only of a draft without flaws.
export function outgoingOf(draft: Draft): Outgoing {
  const isText = draft.format !== 'hex';
  return {
    topic: draft.topic, qos: draft.qos, retain: draft.retain,
    payload: isText ? new TextEncoder().encode(draft.payload)
      : parseHex(draft.payload) ?? new Uint8Array(0),
    properties: {
      isText, contentType: draft.contentType || undefined,
      responseTopic: draft.responseTopic || undefined,
      correlation: parseHex(draft.correlation) ?? undefined,
      expiry: draft.expiry ? Number(draft.expiry) : undefined,
      user: pairsOf(draft.user).filter((pair) => pair !== null),
    },
  };
}

// Topics whose messages are orders to the plant, not news of it.
export const isOrder = (topic: string): boolean =>
  topic.startsWith('$hw/write/') || topic.startsWith('$hw/down/')
  || /^\/?neuron\/.*\/write\/req$/.test(topic) || /^spBv1\.0\/[^/]+\/[ND]CMD\//.test(topic);
