import { describe, expect, it } from 'vitest';
import { ApiError } from '~/lib/api';
import { changedMembers } from './changed';
import { differences } from './DeviceSettings';
import { en } from './en';
import {
  boundsText, fieldsOf, flawsOf, parseDuration, settingsOf, settingsPatch, valuesOf,
} from './driverForm';
import { flawsCsv, flawsOfError } from './flaws';
import { intervalOf } from './GroupDialog';
import { formatOf } from './ImportDialog';
import { countersOf } from './ingest';
import { changeOf, changeTags, emptyChange, tagKey, templateOf } from './many';
import { emptyTag, shownState, type Device, type DeviceState, type Tag } from './model';
import { expand, markNumber, nextAddress, nextName, usualStep } from './patterns';
import { errorShare, rateBetween, RateKeeper } from './rates';
import { instancesOf, parseSheet } from './sheet';
import { tagOfDraft, draftOfTag } from './TagFields';
import { deviceToml, devicesToml } from './toml';
import { devicesOfToml, isToml, parseToml, TomlFlaw } from './tomlReader';
import { treeRows } from './tree';
import { outcomeOf, parseValue } from './write';
import { zh } from './zh';

const settings = [
  { name: 'retries', type: 'integer', default: '1', help: 'Tries.', min: 0, max: 10 },
  { name: 'host', type: 'text', default: '', help: 'Where it is' },
  { name: 'response_timeout', type: 'duration', default: '1s', help: 'Time', min: 0.01, max: 60 },
  { name: 'mask_write', type: 'boolean', default: 'true', help: 'By function 22' },
  { name: 'order', type: 'text', default: 'L', help: 'Order', choices: ['L', 'B'] },
];

describe('a form from a driver’s table', () => {
  const fields = fieldsOf(settings);
  it('puts what a link needs first', () => {
    expect(fields[0]).toMatchObject({ name: 'host', required: true, main: true, kind: 'text' });
    expect(fields.map((field) => field.kind)).toEqual(
      ['text', 'number', 'duration', 'switch', 'choice']);
  });
  it('begins with what is set, else with the defaults', () => {
    expect(valuesOf(fields, { host: 'plc', mask_write: false })).toEqual(
      { host: 'plc', retries: '1', response_timeout: '1s', mask_write: 'false', order: 'L' });
  });
  it('finds flaws before the server does', () => {
    const values = { host: ' ', retries: '1.5', response_timeout: '61s', mask_write: 'true' };
    expect(flawsOf(fields, values)).toEqual(
      { host: 'needed', retries: 'notWhole', response_timeout: 'outside' });
    expect(flawsOf(fields, { host: 'a', retries: 'x', response_timeout: '5' })).toEqual(
      { retries: 'notNumber', response_timeout: 'notDuration' });
    expect(flawsOf(fields, { host: 'a', retries: '11' })).toEqual({ retries: 'outside' });
    expect(flawsOf(fields, { host: 'a', retries: '10', response_timeout: '10ms' })).toEqual({});
  });
  it('sends typed what differs from the defaults', () => {
    const values = { ...valuesOf(fields, {}), host: ' plc ', retries: '3', mask_write: 'false' };
    expect(settingsOf(fields, values)).toEqual({ host: 'plc', retries: 3, mask_write: false });
  });
  it('patches what changed and gives defaults back with null', () => {
    const before = { host: 'plc', retries: 3, mask_write: true };
    const values = { ...valuesOf(fields, before), host: 'other', retries: '1' };
    expect(settingsPatch(fields, values, before)).toEqual({ host: 'other', retries: null });
    expect(settingsPatch(fields, valuesOf(fields, before), before)).toEqual({});
  });
  it('reads durations and writes bounds', () => {
    expect(parseDuration('1m30s')).toBe(90);
    expect(parseDuration('250ms')).toBe(0.25);
    expect(parseDuration('0')).toBe(0);
    expect(parseDuration('5')).toBeNaN();
    expect(fields.map((field) => boundsText(field, 'to'))).toEqual(
      ['', '0 to 10', '0.01 s to 60 s', '', '']);
  });
});

describe('rates from counters', () => {
  it('divides by the time between', () => {
    expect(rateBetween({ reads: 100, read_errors: 2, time: 1000 },
      { reads: 300, read_errors: 4, time: 3000 })).toEqual(
      { time: 3000, seconds: 2, reads: 100, errors: 1 });
  });
  it('knows no rate where a counter began anew or no time passed', () => {
    const at = (reads: number, time: number) => ({ reads, read_errors: 0, time });
    expect(rateBetween(at(300, 0), at(5, 1000))).toBeNull();
    expect(rateBetween(at(1, 1000), at(2, 1000))).toBeNull();
  });
  it('keeps a mean and goes on behind a restart', () => {
    const keeper = new RateKeeper();
    keeper.feed('a', { reads: 0, read_errors: 0 }, 0);
    expect(keeper.now('a')).toBeUndefined();
    keeper.feed('a', { reads: 10, read_errors: 0 }, 100); // too soon to tell
    keeper.feed('a', { reads: 20, read_errors: 0 }, 2000);
    keeper.feed('a', { reads: 60, read_errors: 20 }, 4000);
    expect(keeper.now('a')).toEqual({ time: 4000, seconds: 4, reads: 15, errors: 5 });
    expect(errorShare(keeper.now('a'))).toBe(0.25);
    keeper.feed('b', { reads: 0, read_errors: 0 }, 0);
    keeper.feed('b', { reads: 100, read_errors: 0 }, 500); // a burst in a short step
    keeper.feed('b', { reads: 200, read_errors: 0 }, 2000);
    expect(keeper.now('b')?.reads).toBe(100);
    keeper.feed('a', { reads: 2, read_errors: 0 }, 6000);
    expect(keeper.steps('a')).toHaveLength(2);
    expect(errorShare(undefined)).toBeNaN();
  });
});

describe('ranges of addresses', () => {
  it('lets the marked number run and keeps its zeros', () => {
    expect(expand('1!{400001+2}', 3)).toBe('1!400007');
    expect(expand('tag{01}', 9)).toBe('tag10');
    expect(expand('2!{000009}', 1)).toBe('2!000010');
  });
  it('marks the last number itself, but not the byte order', () => {
    expect(markNumber('2!400001#LB')).toBe('2!{400001}#LB');
    expect(markNumber('DB10.DBW2')).toBe('DB10.DBW{2}');
    expect(markNumber('flow')).toBe('flow{1}');
    expect(expand('1!400001', 2, 2)).toBe('1!400005');
  });
  it('steps by the size of the type', () => {
    expect(usualStep('modbus-tcp', 'float')).toBe(2);
    expect(usualStep('modbus-tcp', 'bit')).toBe(1);
    expect(usualStep('s7', 'float')).toBe(4);
    expect(usualStep('iec104', 'float')).toBe(1);
    expect(nextAddress('1!400001', 'modbus-rtu', 'double')).toBe('1!400005');
    expect(nextAddress('', 's7', 'int16')).toBe('');
    expect(nextName('pump9')).toBe('pump10');
    expect(nextName('flow')).toBe('flow2');
  });
});

describe('flaws', () => {
  const problem = (detail: string, errors?: object[]) =>
    new ApiError({ title: '', status: 422, detail, ...(errors ? { errors } : {}) });
  it('come as the list of the server', () => {
    expect(flawsOfError(problem('x', [{ tag: 'a', field: 'address', text: 'wrong' }])))
      .toEqual([{ tag: 'a', field: 'address', text: 'wrong' }]);
  });
  it('are found in the text that names their place', () => {
    expect(flawsOfError(problem("groups[0].tags[1]: type 'what' is not one of bool"), ['a', 'b']))
      .toEqual([{ tag: 'b', field: 'type', text: "type 'what' is not one of bool" }]);
    expect(flawsOfError(problem('no place'))).toEqual([{ text: 'no place' }]);
  });
  it('make a table that no spreadsheet runs as formulas', () => {
    expect(flawsCsv([{ line: 3, device: 'd', group: 'g', tag: '=1+1', field: 'address',
      text: 'has "quotes", and a comma' }])).toBe('line,device,group,tag,field,text\r\n' +
      '3,d,g,\'=1+1,address,"has ""quotes"", and a comma"\r\n');
  });
});

describe('rows from a spreadsheet', () => {
  it('are split by tabs, with quotes', () => {
    expect(parseSheet('name\thost\r\nworks/p1\t"10.0.0.1"\r\n\r\nworks/p2\t"a ""b""\tc"\n'))
      .toEqual([['name', 'host'], ['works/p1', '10.0.0.1'], ['works/p2', 'a "b"\tc']]);
    expect(parseSheet('a;b\n1;2,5')).toEqual([['a', 'b'], ['1', '2,5']]);
  });
  it('go by the header, or by the order', () => {
    const rows = [['Host', 'name'], ['10.0.0.1', 'p1'], ['', 'p2']];
    expect(instancesOf(rows, ['host', 'slave'])).toEqual(
      [{ name: 'p1', parameters: { host: '10.0.0.1' } }, { name: 'p2', parameters: {} }]);
    expect(instancesOf([['p1', 'h', '3']], ['host', 'slave'])).toEqual(
      [{ name: 'p1', parameters: { host: 'h', slave: '3' } }]);
  });
});

describe('writes', () => {
  it('take values of the tag’s type', () => {
    expect(parseValue('12,5', 'float')).toBe(12.5);
    expect(parseValue('', 'float')).toBeUndefined();
    expect(parseValue('abc', 'int16')).toBeUndefined();
    expect(parseValue('on', 'bit')).toBe(true);
    expect(parseValue('0', 'bool')).toBe(false);
    expect(parseValue('2', 'bool')).toBeUndefined();
    expect(parseValue('12', 'string')).toBe('12');
  });
  it('are refused only where surely nothing was written', () => {
    const outcome = (status: number, detail: string) =>
      outcomeOf(new ApiError({ title: '', status, detail })).kind;
    expect(outcome(403, 'not for writing')).toBe('refused');
    expect(outcome(502, 'illegal data value')).toBe('refused');
    expect(outcome(504, 'no answer')).toBe('unconfirmed');
    expect(outcome(502, '5 was written, but the device says 4')).toBe('unconfirmed');
    expect(outcome(0, 'unreachable')).toBe('unconfirmed');
  });
});

describe('devices', () => {
  const state = (change: Partial<DeviceState>): DeviceState => ({
    link: 'connected', since: null, connections: 1, round_trip_ms: 0, samples: 0, reads: 0,
    read_errors: 0, writes: 0, write_errors: 0, reconnects: 0, received_bytes: 0, sent_bytes: 0,
    tags: 1, tags_bad: 0, last_error: '', last_error_time: null, ...change,
  });
  const shown = (change: Partial<DeviceState>, enabled = true, problem = '') =>
    shownState({ enabled, problem, state: state(change) });
  it('are grey while they do what they shall', () => {
    expect(shown({})).toEqual({ kind: 'ok', text: 'stUp' });
    expect(shown({}, false)).toEqual({ kind: 'idle', text: 'stDisabled' });
    expect(shown({ tags_bad: 1 })).toEqual({ kind: 'warn', text: 'stPartly' });
    expect(shown({ link: 'down' })).toEqual({ kind: 'alarm', text: 'stDown' });
    expect(shown({ link: 'listening', connections: 0 })).toEqual(
      { kind: 'note', text: 'stWaiting' });
    expect(shown({}, true, 'no driver')).toEqual({ kind: 'alarm', text: 'stProblem' });
  });
  it('are written as files without what is usual', () => {
    expect(deviceToml({ name: 'a/b', driver: 'modbus-tcp', settings: { host: 'x"y', port: 502 },
      groups: [{ name: 'g', interval_ms: 1000, tags: [
        { ...emptyTag, name: 'flow', address: '1!400001', min: 0 }] }] })).toBe(
      'name = "a/b"\ndriver = "modbus-tcp"\n\n[settings]\nhost = "x\\"y"\nport = 502\n\n' +
      '[[groups]]\nname = "g"\ninterval_ms = 1000\n\n[[groups.tags]]\nname = "flow"\n' +
      'address = "1!400001"\ntype = "float"\nmin = 0\n');
  });
  it('keep a tag as it was typed', () => {
    const draft = { ...draftOfTag(emptyTag), name: ' flow ', scale: '0,1', max: '' };
    expect(tagOfDraft(draft)).toEqual({
      tag: { ...emptyTag, name: 'flow', scale: 0.1 }, wrong: [] });
    expect(tagOfDraft({ ...draft, min: 'low' }).wrong).toEqual(['min']);
  });
  it('read groups at 30 ms to 7 days', () => {
    expect(intervalOf('250 ms')).toBe(250);
    expect(intervalOf('1m')).toBe(60_000);
    expect(intervalOf('500')).toBe(500);
    expect(intervalOf('29ms')).toBeNaN();
    expect(intervalOf('8d')).toBeNaN();
  });
});

describe('device files', () => {
  const device = { name: 'a/b', driver: 's7', enabled: false, settings: { host: 'x"\\y', rack: 0 },
    groups: [{ name: 'g', interval_ms: 500, tags: [
      { ...emptyTag, name: 'flow', address: 'DB1.DBD0', scale: 0.1, unit: 'm³/h' }] }] };
  it('come back as they were written', () => {
    const [one, two] = devicesOfToml(devicesToml([device, { ...device, name: 'c' }]));
    expect(one).toEqual({ ...device, groups: [{ name: 'g', interval_ms: 500, tags: [
      { name: 'flow', address: 'DB1.DBD0', type: 'float', scale: 0.1, unit: 'm³/h' }] }] });
    expect(two?.name).toBe('c');
  });
  it('are read with comments, quotes, lists and dotted names', () => {
    expect(parseToml("a = 'x\\y' # why\n\n[s.t]\nb = [\"p\", 1_000, true,]\nc.d = -1.5e3\n" +
      '[[g]]\n[[g.h]]\n"k 1" = "\\u00e4"'))
      .toEqual({ a: 'x\\y', s: { t: { b: ['p', 1000, true], c: { d: -1500 } } },
        g: [{ h: [{ 'k 1': 'ä' }] }] });
  });
  it('tell the line of what is wrong', () => {
    const lineOf = (text: string) => {
      try {
        devicesOfToml(text);
      } catch (error) {
        return error instanceof TomlFlaw ? error.line : String(error);
      }
      return 0;
    };
    expect(lineOf('name = "a"\ndriver = s7')).toBe(2);
    expect(lineOf('name = "a"\n\n[settings\nx = 1')).toBe(3);
    expect(lineOf('name = "a"\nname = "b"')).toBe(2);
    expect(lineOf('name = "a" b')).toBe(1);
    expect(lineOf('name = "a')).toBe(1);
    expect(lineOf('x = [1,\n2]')).toBe(1);
    expect(lineOf('driver = "s7"')).toBe(1);
    expect(lineOf('name = "a"\n__proto__.x = 1\n[name.x]')).toBe(3);
    expect(({} as { x?: number }).x).toBeUndefined();
  });
  it('are told from JSON and CSV', () => {
    expect(isToml('# file: a.toml\nname = "a"')).toBe(true);
    expect(formatOf('[{"name":"a"}]')).toBe('json');
    expect(formatOf('device,group,name\n')).toBe('csv');
    expect(formatOf('[settings]\nhost = "a"')).toBe('toml');
  });
});

describe('a conflict', () => {
  const draft = (name: string, description: string, port: string) =>
    ({ name, description, values: { port } });
  it('tells who changed what', () => {
    expect(differences(draft('a', '', '502'), draft('a', '', '503'), draft('a', 'new', '502')))
      .toEqual([{ field: 'description', mine: undefined, theirs: 'new' },
        { field: 'port', mine: '503', theirs: undefined }]);
    expect(differences(draft('a', '', '1'), draft('a', '', '2'), draft('a', '', '3')))
      .toEqual([{ field: 'port', mine: '2', theirs: '3' }]);
  });
});

describe('the tree of points', () => {
  const point = (path: string) => ({ point: path, type: 'double', unit: null, value: 1,
    quality: 'good', time: '', first_time: '', last_time: '', count: 1 });
  const points = ['a/b/x', 'a/b/y', 'a/b', 'c'].map(point);
  const names = (open: string[], search = '') =>
    treeRows(points, new Set(open), search).map((row) => `${row.kind[0]}${row.path}`);
  it('shows what is open', () => {
    expect(names([])).toEqual(['ba', 'lc']);
    expect(names(['a', 'a/b'])).toEqual(['ba', 'la/b', 'ba/b', 'la/b/x', 'la/b/y', 'lc']);
  });
  it('opens what is found', () => {
    expect(names([], 'B/Y')).toEqual(['ba', 'ba/b', 'la/b/y']);
  });
});

describe('words', () => {
  it('fill the same places in both languages', () => {
    const places = (text: string) => [...text.matchAll(/\{\{\w+\}\}/g)].map(String).sort();
    for (const key of Object.keys(en) as (keyof typeof en)[])
      expect([key, places(zh[key])]).toEqual([key, places(en[key])]);
  });
});

describe('many tags', () => {
  const tag = (name: string, more: Partial<Tag> = {}): Tag => ({ ...emptyTag, name, ...more });
  const groups = [{ name: 'a', interval_ms: 1000, tags: [tag('x'), tag('y', { unit: 'bar' })] },
    { name: 'b', interval_ms: 500, tags: [tag('x')] }];
  const chosen = new Set([tagKey('a', 'x'), tagKey('b', 'x')]);
  it('are changed where they are, others stay', () => {
    const next = changeTags(groups, chosen, { scale: 0.1, unit: 'm' });
    expect(next.map(({ tags }) => tags.map(({ name, scale, unit }) => [name, scale, unit])))
      .toEqual([[['x', 0.1, 'm'], ['y', 1, 'bar']], [['x', 0.1, 'm']]]);
    expect(groups[0]?.tags[0]?.scale).toBe(1);
  });
  it('move to a group, a new one too', () => {
    expect(changeTags(groups, new Set([tagKey('a', 'x')]), { group: 'c', access: 'write' })
      .map(({ name, tags }) => [name, tags.map((one) => `${one.name} ${one.access}`)])).toEqual(
      [['a', ['y read']], ['b', ['x read']], ['c', ['x write']]]);
    expect(changeTags(groups, new Set([tagKey('b', 'x')]), { group: 'b' })[1]?.tags)
      .toHaveLength(1);
  });
  it('are removed', () => {
    expect(changeTags(groups, chosen, 'remove').map(({ tags }) => tags.length)).toEqual([1, 0]);
  });
  it('take only what is filled in', () => {
    expect(changeOf(emptyChange)).toEqual({});
    expect(changeOf({ ...emptyChange, clearUnit: true, unit: 'bar', access: 'read',
      numbers: { ...emptyChange.numbers, scale: '0', offset: ' ' } }))
      .toEqual({ unit: '', access: 'read', scale: 0 });
    expect(changeOf({ ...emptyChange,
      numbers: { ...emptyChange.numbers, deadband: 'x' } })).toBeNull();
  });
});

describe('a device', () => {
  it('becomes a template with its address as parameters', () => {
    const device = { name: 'works/plc1', driver: 'modbus-tcp', description: 'd', enabled: true,
      settings: { host: '10.0.0.1', port: 502, timeout: '3s' },
      groups: [{ name: 'g', interval_ms: 1000, tags: [{ ...emptyTag, name: 'a', point: 'p' }] }],
    } as unknown as Device;
    const template = templateOf(device);
    expect(template).toMatchObject({ name: 'plc1', parameters: [
      { name: 'host', default: '10.0.0.1' }, { name: 'port', default: '502' }] });
    expect(template.device.settings).toEqual(
      { host: '${host}', port: '${port}', timeout: '3s' });
    expect(template.device.groups[0]?.tags[0]?.point).toBe('');
  });
  it('tells what was changed of it', () => {
    expect(changedMembers({ a: { port: '1' }, b: 2 }, { a: { port: '2' }, b: 2, c: true }))
      .toBe('a.port: 1 → 2, c:  → true');
    expect(changedMembers(1, 2)).toBe('1 → 2');
    expect(changedMembers(null, {})).toBe('');
  });
});

describe('what comes in', () => {
  it('is counted from the metrics', () => {
    const counters = countersOf('# HELP x\nheadworks_ingest_messages_total 5\n'
      + 'headworks_ingest_undecodable_total{reason="not_text"} 2\n'
      + 'headworks_ingest_undecodable_total{reason="json"} 3\n'
      + 'headworks_ingest_undecodable_total{reason="depth"} 0\n');
    expect(counters).toMatchObject({ messages: 5, undecodable: 5, samples: 0,
      reasons: ['json 3', 'not text 2'] });
  });
});
