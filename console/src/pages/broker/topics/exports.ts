import { base64, utf8 } from './bytes';
import type { Message } from './store';

const plain = (message: Message) => {
  const text = utf8(message.payload);
  const { properties: more } = message;
  return {
    time: new Date(message.time).toISOString(), topic: message.topic, qos: message.qos,
    retain: message.retain, bytes: message.size,
    ...(message.payload.length < message.size ? { cut: true } : {}),
    ...(text === null ? { payload_base64: base64(message.payload) } : { payload: text }),
    ...(more?.contentType ? { content_type: more.contentType } : {}),
    ...(more?.responseTopic ? { response_topic: more.responseTopic } : {}),
    ...(more?.user?.length ? { user_properties: more.user } : {}),
  };
};

export const toNdjson = (messages: Message[]): string =>
  messages.map((message) => `${JSON.stringify(plain(message))}\n`).join('');

// Quoted where it must be; what a spreadsheet would run as a formula gets an apostrophe, but
// numbers stay numbers.
const cell = (text: string): string => {
  const safe = /^[=@\t\r]|^[+-](?![\d.]+(e[+-]?\d+)?$)/i.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export const toCsv = (messages: Message[]): string => [
  ['time', 'topic', 'qos', 'retain', 'bytes', 'payload', 'payload_base64'],
  ...messages.map((message) => {
    const row = plain(message);
    return [row.time, row.topic, String(row.qos), String(row.retain), String(row.bytes),
      'payload' in row ? row.payload : '', 'payload_base64' in row ? row.payload_base64 : ''];
  }),
].map((row) => `${row.map((text) => cell(text ?? '')).join(',')}\r\n`).join('');

export function download(name: string, type: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Safari reads the blob after the click.
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
