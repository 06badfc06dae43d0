// What is typed for a dry run, as the server's input.
export interface TrialMessage {
  topic: string;
  payload: unknown;
  [member: string]: unknown;
}

export interface ReadSample {
  messages: TrialMessage[];
  flaw?: { line: number; text: string };
}

const isMessage = (value: unknown): value is TrialMessage =>
  typeof value === 'object' && value !== null && 'payload' in value
  && Object.keys(value).every((key) =>
    ['topic', 'payload', 'time', 'qos', 'retain', 'clientid', 'username'].includes(key));

const asMessage = (value: unknown, topic: string): TrialMessage =>
  isMessage(value) ? { ...value, topic: value.topic ?? topic } : { topic, payload: value };

// One JSON text (an array: several messages), or one a line; what is no JSON at all is the text of
// a payload. An object with topic and payload is a message, anything else a payload of `topic`.
export function readSample(text: string, topic: string): ReadSample {
  const trimmed = text.trim();
  if (!trimmed) return { messages: [] };
  try {
    const whole: unknown = JSON.parse(trimmed);
    const all = Array.isArray(whole) ? whole : [whole];
    return { messages: all.map((one) => asMessage(one, topic)) };
  } catch {
    // Then it is a line each.
  }
  const messages: TrialMessage[] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (!line.trim()) continue;
    try {
      messages.push(asMessage(JSON.parse(line), topic));
    } catch (error) {
      if (/^\s*[{["]/.test(line))
        return { messages: [], flaw: { line: index + 1, text: (error as Error).message } };
      messages.push({ topic, payload: line });
    }
  }
  return { messages };
}

// The sources that the statement names, to fetch real messages of.
export function sourcesIn(details: string[]): { points: boolean; filters: string[] } {
  const text = details.join(' ');
  const points = /^points\s*\(/i.test(text.trim());
  const filters = [...text.matchAll(points ? /'([^']*)'/g : /"([^"]*)"/g)]
    .map((found) => found[1] as string).filter((filter) => !filter.startsWith('$sources'));
  return { points, filters };
}

// A topic that a filter takes.
export const topicOf = (filter: string): string =>
  filter.replace(/^\$share\/[^/]+\//, '').replace(/\+/g, 'a').replace(/#/g, 'a');
