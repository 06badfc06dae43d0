import { describe, expect, it } from 'vitest';
import { en } from './en';
import { StepKeeper } from './steps';
import { fromBase64, hex, hexDump, parseHex, base64 } from './topics/bytes';
import { decodeCbor, maxDepth } from './topics/cbor';
import { decode, formatOf, leavesOf, pointOfLeaf } from './topics/decode';
import { diffLines } from './topics/diff';
import { emptyDraft, flawsOf, isOrder, outgoingOf } from './topics/draft';
import { toCsv, toNdjson } from './topics/exports';
import { Ring } from './topics/ring';
import { Aliases, decodeSparkplug, sparkTopic } from './topics/sparkplug';
import { childrenOf, limits, matching, TopicStore, treeRows, type Message } from './topics/store';
import { filtersOf } from './topics/useExplorer';
import { zh } from './zh';

const bytes = (text: string) => parseHex(text) as Uint8Array;
const utf = (text: string) => new TextEncoder().encode(text);
const come = (store: TopicStore, topic: string, payload: string | Uint8Array, retain = false) =>
  store.take({ topic, payload: typeof payload === 'string' ? utf(payload) : payload, qos: 0,
    retain, time: 1000 });

describe('a ring', () => {
  it('keeps the newest and counts what had to go', () => {
    const ring = new Ring<number>(3, 1000, () => 1);
    for (let index = 0; index < 50; index += 1) ring.push(index);
    expect(ring.all()).toEqual([47, 48, 49]);
    expect(ring.last(2)).toEqual([48, 49]);
    expect(ring.dropped).toBe(47);
    expect(ring.heldBytes).toBe(3);
  });
  it('is bounded by bytes too, but keeps the newest whatever its size', () => {
    const ring = new Ring<string>(100, 10, (text) => text.length);
    ring.push('aaaa');
    ring.push('bbbb');
    ring.push('cccc');
    expect(ring.all()).toEqual(['bbbb', 'cccc']);
    ring.push('a very long text');
    expect(ring.all()).toEqual(['a very long text']);
    expect(ring.dropped).toBe(3);
    ring.clear();
    expect([ring.length, ring.heldBytes, ring.dropped]).toEqual([0, 0, 0]);
  });
});

describe('the topic tree', () => {
  it('counts each message on all levels above', () => {
    const store = new TopicStore();
    come(store, 'a/b/x', '1');
    come(store, 'a/b/y', '2');
    come(store, 'a/b/x', '3');
    come(store, 'a', '4');
    const of = (topic: string) => [store.find(topic)?.own, store.find(topic)?.total];
    expect(of('a')).toEqual([1, 4]);
    expect(of('a/b')).toEqual([0, 3]);
    expect(of('a/b/x')).toEqual([2, 2]);
    expect(store.messages).toBe(4);
    expect(store.nodes).toBe(4);
    const x = store.find('a/b/x');
    expect(String.fromCharCode(...(x?.last?.payload ?? []))).toBe('3');
    expect(String.fromCharCode(...(x?.previous?.payload ?? []))).toBe('1');
  });
  it('tells empty levels apart', () => {
    const store = new TopicStore();
    come(store, '/a', '1');
    come(store, 'a', '1');
    come(store, 'a//b', '1');
    expect(childrenOf(store.root).map((node) => node.name)).toEqual(['', 'a']);
    expect(store.find('/a')?.topic).toBe('/a');
    expect(store.find('a//b')?.own).toBe(1);
  });
  it('keeps a copy, not a view of the client’s buffer', () => {
    const store = new TopicStore();
    const buffer = utf('1');
    come(store, 'a', buffer);
    buffer[0] = 0;
    expect(store.find('a')?.last?.payload[0]).toBe(49);
  });
  it('learns from retained messages and their clearing', () => {
    const store = new TopicStore();
    come(store, 'a', '1', true);
    expect(store.find('a')?.isRetained).toBe(true);
    come(store, 'a', '2');
    expect(store.find('a')?.isRetained).toBe(true);
    come(store, 'a', '', true);
    expect(store.find('a')?.isRetained).toBe(false);
  });
  it('cuts what is large and counts what it does not track', () => {
    const store = new TopicStore();
    come(store, 'big', new Uint8Array(limits.payload + 5));
    expect(store.find('big')?.last?.payload.length).toBe(limits.payload);
    expect(store.find('big')?.last?.size).toBe(limits.payload + 5);
    expect(store.cut).toBe(1);
    come(store, Array.from({ length: limits.levels + 1 }, () => 'l').join('/'), '1');
    expect(store.untracked).toBe(1);
    for (let index = 0; index < limits.nodes + 10; index += 1) come(store, `n${index}`, '');
    expect(store.nodes).toBe(limits.nodes);
    expect(store.untracked).toBe(1 + 11);
  });
  it('holds no more than its limit, and gets room back', () => {
    const store = new TopicStore();
    const full = Math.ceil(limits.held / limits.payload);
    for (let index = 0; index < full; index += 1)
      come(store, `n${index}`, new Uint8Array(limits.payload));
    come(store, 'late', 'xyz');
    expect(store.find('late')?.last?.payload.length).toBe(0);
    expect(store.find('late')?.last?.size).toBe(3);
    come(store, 'n0', '');
    come(store, 'n0', '');
    come(store, 'late', 'xyz');
    expect(store.find('late')?.last?.payload.length).toBe(3);
  });
  it('notes the messages of what is watched and below', () => {
    const store = new TopicStore();
    come(store, 'a/b', '1');
    store.watch('a');
    come(store, 'a/b', '2');
    come(store, 'ab', '3');
    come(store, 'a', '4');
    expect(store.ring.all().map((one) => one.topic)).toEqual(['a/b', 'a']);
    store.watch('a/b');
    expect(store.ring.all().map((one) => one.payload[0])).toEqual([49, 50]);
  });
  it('notes nothing while paused, and says how much', () => {
    const store = new TopicStore();
    store.pause(true);
    come(store, 'a', '1');
    expect([store.nodes, store.skipped, store.messages]).toEqual([0, 1, 1]);
  });
  it('renders once for all that came between two flushes', () => {
    const store = new TopicStore();
    let renders = 0;
    store.subscribe(() => { renders += 1; });
    for (let index = 0; index < 10_000; index += 1) come(store, `t/${index % 10}`, 'x');
    expect(renders).toBe(0);
    store.flush(1000);
    store.flush(1100);
    expect(renders).toBe(1);
    come(store, 't/1', 'x');
    store.flush(2000);
    expect(store.rate).toBeCloseTo(1, 5);
  });
  it('merges what the server tells', () => {
    const store = new TopicStore();
    come(store, 'a', '1');
    const level = (name: string, below: boolean) => ({ name, topic: name, has_below: below,
      is_point: true, is_retained: false });
    store.merge(store.root, [level('a', true), level('b', false)], 'b');
    const rows = treeRows(store.root, new Set(), null);
    expect(rows.map((row) => [row.node.name, row.branch, row.more])).toEqual(
      [['a', true, false], ['b', false, false], ['', false, true]]);
    expect(store.find('a')?.own).toBe(1);
  });
  it('shows what is open, or what a keyword finds', () => {
    const store = new TopicStore();
    for (const topic of ['a/b/flow', 'a/c', 'd/FLOWS/x']) come(store, topic, '1');
    const topics = (open: string[], word = '') =>
      treeRows(store.root, new Set(open), matching(store.root, word)).map((row) => row.node.topic);
    expect(topics([])).toEqual(['a', 'd']);
    expect(topics(['a'])).toEqual(['a', 'a/b', 'a/c', 'd']);
    expect(topics([], ' flow ')).toEqual(
      ['a', 'a/b', 'a/b/flow', 'd', 'd/FLOWS', 'd/FLOWS/x']);
    expect(topics([], 'nothing')).toEqual([]);
  });
});

// Payload{timestamp 1000, metric{name "t", alias 7, datatype Double, 1.5}, seq 3}
const metric = '0a0174' + '1007' + '200a' + '69' + '000000000000f83f';
const spark = bytes('08e807' + '12' + '10' + metric + '1803');

describe('Sparkplug B', () => {
  it('is told by the topic', () => {
    expect(sparkTopic('spBv1.0/g/DDATA/n/d')).toEqual(
      { group: 'g', kind: 'DDATA', node: 'n', device: 'd' });
    expect(sparkTopic('$sparkplug/certificates/spBv1.0/g/NBIRTH/n')?.kind).toBe('NBIRTH');
    expect(sparkTopic('spBv1.0/STATE/host')).toBeNull();
    expect(sparkTopic('spBv1.0/g/DDATA/n/d/more')).toBeNull();
    expect(formatOf('works/x', spark)).toBe('hex');
    expect(formatOf('spBv1.0/g/NDATA/n', utf('12'))).toBe('sparkplug');
  });
  it('reads metrics by their type', () => {
    expect(decodeSparkplug(spark)).toEqual({ timestamp: '1970-01-01T00:00:01.000Z', seq: 3,
      metrics: [{ name: 't', alias: 7, type: 'Double', value: 1.5 }] });
    // Int16 -2 and Int64 -1 are sent as unsigned bits; a null has no value.
    expect(decodeSparkplug(bytes('1208' + '2002' + '50feffffff0f')).metrics).toEqual(
      [{ type: 'Int16', value: -2 }]);
    expect(decodeSparkplug(bytes('120d' + '2004' + '58ffffffffffffffffff01')).metrics).toEqual(
      [{ type: 'Int64', value: -1 }]);
    expect(decodeSparkplug(bytes('1204' + '2009' + '3801')).metrics).toEqual(
      [{ type: 'Float', value: null }]);
    expect(decodeSparkplug(bytes('1207' + '2009' + '65cdcccc3d')).metrics).toEqual(
      [{ type: 'Float', value: 0.1 }]);
  });
  it('reads data sets', () => {
    // columns "a"; types Int32; one row of 5
    const set = '0801' + '120161' + '1a0103' + '2204' + '0a02' + '0805';
    expect(decodeSparkplug(bytes(`121320108a010e${set}`)).metrics[0]?.value).toEqual(
      { columns: ['a'], types: ['Int32'], rows: [[5]] });
  });
  it('refuses every truncation but at the end of a field', () => {
    const ends = new Set([0, 3, 21, 23]);
    for (let length = 0; length <= spark.length; length += 1) {
      const read = () => decodeSparkplug(spark.subarray(0, length));
      if (ends.has(length)) expect(read).not.toThrow();
      else expect(read, String(length)).toThrow();
    }
  });
  it('refuses what is malformed', () => {
    expect(() => decodeSparkplug(bytes('12ffffffffffffffffff01'))).toThrow(/bytes are left|where/);
    expect(() => decodeSparkplug(bytes('08ffffffffffffffffffff01'))).toThrow(/ten bytes/);
    expect(() => decodeSparkplug(bytes('0b'))).toThrow(/wire type 3/);
    expect(() => decodeSparkplug(bytes('00'))).toThrow(/number 0/);
    expect(() => decodeSparkplug(bytes('12030a01ff'))).toThrow(/UTF-8/);
  });
  it('bounds its nesting and its size', () => {
    const varint = (value: number) => value < 128 ? [value] : [(value & 127) | 128, value >> 7];
    let inner: number[] = [];
    for (let depth = 0; depth < 30; depth += 1) {
      const template = [0x12, ...varint(inner.length), ...inner];
      inner = [0x92, 0x01, ...varint(template.length), ...template];
    }
    expect(() => decodeSparkplug(Uint8Array.from([0x12, ...varint(inner.length), ...inner])))
      .toThrow(/deeper/);
    const many = new Uint8Array(2 * 20_001);
    for (let at = 0; at < many.length; at += 2) many[at] = 0x12;
    expect(() => decodeSparkplug(many)).toThrow(/more than/);
  });
  it('names metrics by the aliases of a birth', () => {
    const aliases = new Aliases();
    aliases.learn('spBv1.0/g/NBIRTH/n', spark);
    expect(aliases.name('spBv1.0/g/NDATA/n', 7)).toBe('t');
    expect(aliases.name('spBv1.0/g/DDATA/n/d', 7)).toBeUndefined();
    const data = bytes('120d' + '1007' + '200a' + '690000000000000040');
    const shown = decode({ topic: 'spBv1.0/g/NDATA/n', payload: data }, 'sparkplug', aliases);
    expect(leavesOf(shown)).toEqual([{ path: 't', value: 2 }]);
    aliases.learn('spBv1.0/g/NBIRTH/n', bytes('12'));
    expect(aliases.name('spBv1.0/g/NDATA/n', 7)).toBe('t');
  });
});

describe('CBOR', () => {
  // Examples of RFC 8949, appendix A.
  it.each([
    ['00', 0], ['1864', 100], ['1b000000e8d4a51000', 1_000_000_000_000],
    ['1bffffffffffffffff', '18446744073709551615'], ['20', -1], ['3863', -100],
    ['f93c00', 1], ['f90001', 5.960464477539063e-8], ['f97c00', 'Infinity'],
    ['fa47c35000', 100_000], ['fb3ff199999999999a', 1.1], ['f4', false], ['f6', null],
    ['f8ff', 'simple(255)'], ['c11a514b67b0', '2013-03-21T20:04:00.000Z'],
    ['d74401020304', { tag: 23, value: "h'01020304'" }], ['6449455446', 'IETF'],
    ['62c3bc', 'ü'], ['8301820203820405', [1, [2, 3], [4, 5]]], ['a201020304', { 1: 2, 3: 4 }],
    ['a26161016162820203', { a: 1, b: [2, 3] }], ['5f42010243030405ff', "h'0102030405'"],
    ['7f657374726561646d696e67ff', 'streaming'], ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
  ])('%s', (text, value) => expect(decodeCbor(bytes(text))).toEqual(value));
  it('refuses every truncation', () => {
    const whole = bytes('bf61610161629f0203ff6163fb3ff199999999999aff');
    expect(decodeCbor(whole)).toEqual({ a: 1, b: [2, 3], c: 1.1 });
    for (let length = 0; length < whole.length; length += 1)
      expect(() => decodeCbor(whole.subarray(0, length)), String(length)).toThrow();
  });
  it('refuses what is malformed or says more than is there', () => {
    expect(() => decodeCbor(bytes('1c'))).toThrow(/reserved/);
    expect(() => decodeCbor(bytes('0000'))).toThrow(/followed by 1/);
    expect(() => decodeCbor(bytes('9bffffffffffffffff'))).toThrow(/items where 0/);
    expect(() => decodeCbor(bytes('5bffffffffffffffff'))).toThrow(/bytes where 0/);
    expect(() => decodeCbor(bytes('62ffff'))).toThrow(/UTF-8/);
    expect(() => decodeCbor(bytes('5f01ff'))).toThrow(/chunk/);
    expect(() => decodeCbor(bytes('ff'))).toThrow(/wrong head/);
    expect(() => decodeCbor(new Uint8Array(maxDepth + 2).fill(0x81))).toThrow(/deeper/);
  });
  it('makes no prototype of a key', () => {
    const read = decodeCbor(bytes('a1695f5f70726f746f5f5f01')) as object;
    expect(Object.getOwnPropertyNames(read)).toEqual(['__proto__']);
  });
});

describe('payloads', () => {
  const formatted = (text: string, type?: string) => formatOf('works/x', utf(text), type);
  it('are read by content type, else as text, never by guess', () => {
    expect(formatted('{"a":1}')).toBe('json');
    expect(formatted('12.5')).toBe('json');
    expect(formatted('on')).toBe('text');
    expect(formatted('{"a":1}', 'text/plain; charset=utf-8')).toBe('text');
    expect(formatOf('works/x', bytes('a10102'), 'application/cbor')).toBe('cbor');
    expect(formatOf('works/x', bytes('ff00'))).toBe('hex');
  });
  it('say why they cannot be read and show their bytes', () => {
    const wrong = decode({ topic: 'a', payload: utf('{"a":') }, 'json');
    expect(wrong.problem).toBeTruthy();
    expect(wrong.text).toContain('7b 22 61 22 3a');
    expect(decode({ topic: 'a', payload: bytes('ff') }, 'text').problem).toMatch(/UTF-8/);
    expect(decode({ topic: 'a', payload: new Uint8Array(0) }, 'json').text).toBe('');
  });
  it('have numbers by path', () => {
    const shown = decode({ topic: 'a', payload: utf('{"p":{"q":[1,"x"]},"on":true}') }, 'json');
    expect(leavesOf(shown)).toEqual([{ path: 'p/q/0', value: 1 }, { path: 'on', value: 1 }]);
    expect(leavesOf(decode({ topic: 'a', payload: utf('7.5') }, 'json'))).toEqual(
      [{ path: '', value: 7.5 }]);
    expect(pointOfLeaf('works/x', 'p/q')).toBe('works/x/p/q');
    expect(pointOfLeaf('spBv1.0/g/DDATA/n/d', 'flow')).toBe('g/n/d/flow');
  });
  it('are dumped as hex and read from it', () => {
    expect(hexDump(bytes('00ff41'))).toBe(
      `000000  00 ff 41                                          ..A`);
    expect(hex(bytes('0a 1B,0x2c'))).toBe('0a1b2c');
    expect(parseHex('abc')).toBeNull();
    expect(parseHex('zz')).toBeNull();
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(fromBase64(base64(all))).toEqual(all);
  });
});

describe('a difference', () => {
  const shown = (old: string, now: string) => diffLines(old, now).map((line) =>
    ({ same: ' ', gone: '-', new: '+' })[line.kind] + line.text);
  it('shows what went and came', () => {
    expect(shown('a\nb\nc', 'a\nx\nc')).toEqual([' a', '-b', '+x', ' c']);
    expect(shown('a\nb\nc\nd', 'a\nc\nd\ne')).toEqual([' a', '-b', ' c', ' d', '+e']);
    expect(shown('a', 'a')).toEqual([' a']);
    expect(shown('a\na', 'a')).toEqual([' a', '-a']);
  });
  it('stays cheap with long texts', () => {
    const long = (mark: string) =>
      Array.from({ length: 3000 }, (_, index) => `${mark}${index}`).join('\n');
    const lines = diffLines(long('a'), long('b'));
    expect(lines).toHaveLength(6000);
    expect(lines[0]?.kind).toBe('gone');
  });
});

describe('what is exported', () => {
  const message = (payload: Uint8Array): Message => ({ number: 1, topic: 'a,b', payload,
    size: payload.length, qos: 1, retain: false, time: 0 });
  it('is whole, as text or base64', () => {
    const lines = toNdjson([message(utf('{"x":1}')), message(bytes('ff'))]).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { time: '1970-01-01T00:00:00.000Z', topic: 'a,b', qos: 1, retain: false, bytes: 7,
        payload: '{"x":1}' },
      { time: '1970-01-01T00:00:00.000Z', topic: 'a,b', qos: 1, retain: false, bytes: 1,
        payload_base64: '/w==' }]);
  });
  it('is no formula in a spreadsheet', () => {
    const cells = (text: string) => toCsv([message(utf(text))]).split('\r\n')[1];
    expect(cells('=1+1')).toBe('1970-01-01T00:00:00.000Z,"a,b",1,false,4,\'=1+1,');
    expect(cells('-3.5')).toContain(',-3.5,');
    expect(cells('a "b"')).toContain('"a ""b"""');
  });
});

describe('a message to publish', () => {
  const draft = { ...emptyDraft('a/b'), payload: '{"x":1}' };
  it('is checked first', () => {
    expect(flawsOf(draft)).toEqual({});
    expect(flawsOf({ ...draft, topic: '', payload: '{' })).toEqual(
      { topic: 'needTopic', payload: 'notJson' });
    expect(flawsOf({ ...draft, topic: 'a/+', format: 'hex', payload: '0' })).toEqual(
      { topic: 'wildcards', payload: 'notHex' });
    expect(flawsOf({ ...draft, expiry: '-1', user: 'x', correlation: 'q' })).toEqual(
      { expiry: 'notSeconds', user: 'notPairs', correlation: 'notHex' });
  });
  it('has its properties', () => {
    const sent = outgoingOf({ ...draft, format: 'hex', payload: '0a ff', expiry: '60',
      user: 'a=1\n\nb = x=y' });
    expect(hex(sent.payload)).toBe('0aff');
    expect(sent.properties).toMatchObject({ isText: false, expiry: 60,
      user: [['a', '1'], ['b', 'x=y']] });
  });
  it('is known as an order to the plant', () => {
    for (const topic of ['$hw/write/a/b', '/neuron/plc/write/req', 'spBv1.0/g/DCMD/n/d'])
      expect(isOrder(topic), topic).toBe(true);
    for (const topic of ['a/b', 'spBv1.0/g/DDATA/n/d', 'my/$hw/write/x'])
      expect(isOrder(topic), topic).toBe(false);
  });
  it('goes by filters a person typed', () =>
    expect(filtersOf(' a/#, $SYS/# a/# ')).toEqual(['a/#', '$SYS/#']));
});

describe('rates', () => {
  const counts = (sum: number) => ({ counts: { messages_in: sum, messages_out: 0, bytes_in: 0,
    bytes_out: 0, dropped: { total: 0 } } });
  it('come from counts, and begin anew with the server', () => {
    const keeper = new StepKeeper(2);
    keeper.feed(counts(10), 1000);
    keeper.feed(counts(30), 3000);
    keeper.feed(counts(30), 3000);
    expect(keeper.steps.map((step) => step.rates.messages_in)).toEqual([10]);
    keeper.feed(counts(2), 4000);
    keeper.feed(counts(3), 5000);
    expect(keeper.steps.map((step) => step.rates.messages_in)).toEqual([NaN, 1]);
  });
});

describe('words', () => {
  it('fill the same places in both languages', () => {
    const places = (text: string) => [...text.matchAll(/\{\{\w+\}\}/g)].map(String).sort();
    for (const key of Object.keys(en) as (keyof typeof en)[])
      expect([key, places(zh[key])]).toEqual([key, places(en[key])]);
  });
});
