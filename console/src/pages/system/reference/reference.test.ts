import { describe, expect, it } from 'vitest';
import {
  addressOf, canTry, curlOf, exampleOf, fieldsOf, grouped, limitsText, matches, operationsOf,
  typeText, type ApiDocument, type Operation,
} from './model';
import { shownText } from './TryIt';

const document: ApiDocument = {
  info: { title: 'T', version: '1' },
  paths: {
    '/api/v1/rules/{id}': {
      get: {
        operationId: 'getRule', summary: 'One rule', 'x-required-role': 'viewer',
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
          { name: 'at', in: 'query', schema: { type: 'string', format: 'date-time' } }],
        responses: { 404: {}, 200: { content: { 'application/json': {} } } },
      },
      put: {
        operationId: 'putRule', summary: 'Replace it', 'x-required-role': 'engineer',
        requestBody: { content: { 'application/json': { schema: {
          $ref: '#/components/schemas/Rule' } } } },
      },
    },
    '/livez': { get: { operationId: 'live', summary: 'Alive' } },
    '/api/v1/live': { get: { operationId: 'stream',
      responses: { 200: { content: { 'text/event-stream': {} } } } } },
  },
  components: { schemas: { Rule: {
    type: 'object', required: ['sql', 'next'], properties: {
      sql: { type: 'string', maxLength: 9, description: 'The statement' },
      next: { $ref: '#/components/schemas/Rule' },
      tags: { type: 'array', items: { type: 'object', properties: { key: { type: 'integer' } } } },
      mode: { enum: ['a', 'b'], default: 'a' },
    } } } },
};
const all = operationsOf(document);
const find = (id: string) => all.find((one) => one.id === id) as Operation;

describe('the reference', () => {
  it('lists every operation in its group, what is beside the API last', () => {
    expect(grouped(all).map(([group, list]) => [group, list.map((one) => one.id)])).toEqual([
      ['live', ['stream']], ['rules', ['getRule', 'putRule']], ['/', ['live']]]);
  });
  it('finds by every word', () => {
    expect(all.filter((one) => matches(one, 'PUT rules')).map((one) => one.id))
      .toEqual(['putRule']);
    expect(all.filter((one) => matches(one, ''))).toHaveLength(all.length);
  });
  it('opens members, and a schema within itself once', () => {
    const fields = fieldsOf(document, { $ref: '#/components/schemas/Rule' });
    expect(fields.map((one) => one.path)).toEqual(['sql', 'next', 'tags', 'tags[].key', 'mode']);
    expect(fields[0]).toMatchObject({ required: true, limits: 'length ≤ 9', depth: 0 });
  });
  it('says types and limits', () => {
    expect(typeText({ type: 'array', items: { $ref: '#/x/Rule' } })).toBe('Rule[]');
    expect(typeText({ anyOf: [{ type: 'null' }, { type: 'string', format: 'date' }] }))
      .toBe('null | string (date)');
    expect(limitsText({ minimum: 0, maximum: 5, default: 3 })).toBe('≥ 0 · ≤ 5 · = 3');
  });
  it('makes an example that ends, though its schema does not', () => {
    const example = exampleOf(document, { $ref: '#/components/schemas/Rule' });
    expect(example).toMatchObject({ sql: '', next: { sql: '' } });
    expect(JSON.stringify(example).length).toBeLessThan(500);
  });
  it('fills in and quotes what was typed', () => {
    expect(addressOf(find('getRule'), { id: "a/b c'", at: 'now-1h', other: 'x' }))
      .toBe("/api/v1/rules/a%2Fb%20c'?at=now-1h");
    expect(addressOf(find('getRule'), {})).toBe('/api/v1/rules/{id}');
    expect(curlOf(document, find('getRule'), 'http://h', { id: "o'k" }, true)).toBe(
      `curl 'http://h/api/v1/rules/o'\\''k' \\\n  -H "Authorization: Bearer $(cat key)"`);
    expect(curlOf(document, find('putRule'), 'http://h', { id: 'r' }, false))
      .toContain('-X PUT');
  });
  it('tries only what reads and ends', () => {
    expect(all.filter(canTry).map((one) => one.id)).toEqual(['getRule']);
  });
  it('shows JSON with its lines and leaves the rest', () => {
    expect(shownText('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(shownText('ok')).toBe('ok');
  });
});
