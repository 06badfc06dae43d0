import { afterEach, describe, expect, it, vi } from 'vitest';
import { limitsOfFeed, loadFeedInfos, type Feed } from './feeds';
import { limitsOf } from './limits';
import type { Pen, PenInfo, ShownPen } from './types';

const feed: Feed = { point: 'w/f3/headloss', twin: 'w/f3', path: 'headloss', model: 'm;1',
  limitPath: 'headlossLimit', limit: 2.4 };
const slots = [{ path: 'headloss', displayName: 'Head loss', minimum: 0, maximum: 5 },
  { path: 'headlossLimit', displayName: 'Washed at' }];

const shownOf = (pen: Partial<Pen> = {}, info: Partial<PenInfo> = {}): ShownPen => ({
  pen: { point: 'w/f3/headloss', aggregation: 'auto', look: 3, limits: [], ...pen },
  info: { type: 'double', unit: 'm', modelLimits: limitsOfFeed(feed, slots), ...info },
  track: undefined, unit: 'm',
});

describe('limits of a twin', () => {
  it('are those of the model and the one beside the property', () => {
    expect(limitsOfFeed(feed, slots)).toEqual([
      { kind: 'min', value: 0, name: 'Head loss', twin: 'w/f3' },
      { kind: 'max', value: 5, name: 'Head loss', twin: 'w/f3' },
      { kind: 'limit', value: 2.4, name: 'Washed at', twin: 'w/f3' }]);
    expect(limitsOfFeed({ ...feed, limit: null }, [])).toEqual([]);
  });

  it('are lines that say where they come from; the axis reaches those set for the twin', () => {
    const lines = limitsOf([shownOf({ limits: [1] })], false, 'si');
    expect(lines.map(({ kind, text, stretch }) => [kind, text, stretch])).toEqual([
      ['own', '1 m', true], ['model', 'model min 0 m', false], ['model', 'model max 5 m', false],
      ['model', '2.4 m · Washed at', true]]);
  });

  it('can be switched off for a pen, whose own lines stay', () => {
    expect(limitsOf([shownOf({ limits: [1], noModel: true })], true, 'si')
      .map(({ kind }) => kind)).toEqual(['own']);
  });

  it('have nothing to do with a number of samples, a hidden pen or a state', () => {
    expect(limitsOf([shownOf({ aggregation: 'count' }), shownOf({ hidden: true }),
      shownOf({}, { type: 'bool' })], true, 'si')).toEqual([]);
  });

  it('are shown in the unit of the pen', () => {
    const [line] = limitsOf([{ ...shownOf({}, { modelLimits: [
      { kind: 'max', value: 3.048, name: '', twin: '' }] }), unit: 'ft' }], false, 'us');
    expect(line?.value).toBeCloseTo(10, 6);
  });

  it('stand beside the range of the tag', () => {
    const lines = limitsOf([shownOf({}, { tagLow: -1, tagHigh: 9, modelLimits: [] })], true, 'si');
    expect(lines.map(({ kind, value, stretch }) => [kind, value, stretch])).toEqual([
      ['tag', -1, false], ['tag', 9, false]]);
  });
});

describe('what points feed', () => {
  afterEach(() => vi.unstubAllGlobals());
  const answer = (body: unknown, status = 200) =>
    new Response(JSON.stringify(body), { status });

  it('is asked for in one question; equal limits of several twins are one', async () => {
    const fetched = vi.fn((path: string) => Promise.resolve(path.startsWith('/api/v1/query')
      ? answer({ rows: [['w/f3/headloss', 'w/f3', 'headloss', 'a;1', 'headlossLimit', 2.4],
        ['w/f3/headloss', 'w/all', 'headloss', 'a;1', null, null]] })
      : answer({ slots })));
    vi.stubGlobal('fetch', fetched);
    const found = await loadFeedInfos(['w/f3/headloss', 'w/none']);
    expect(found.get('w/f3/headloss')).toMatchObject({ twins: ['w/all', 'w/f3'] });
    expect(found.get('w/f3/headloss')?.modelLimits.map(({ kind }) => kind))
      .toEqual(['min', 'max', 'limit']);
    expect(found.has('w/none')).toBe(false);
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  it('is not known where the server has no SQL or does not allow it', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(answer({ title: 'no', status: 501 }, 501)));
    expect((await loadFeedInfos(['w/f3/headloss'])).size).toBe(0);
  });
});
