import { beforeEach, describe, expect, it } from 'vitest';
import { isPartMissing, mayReload } from './partMissing';
import { asTelevision, nextAddress, plainAddress } from './rotation';
import { endOf, endState } from './useEndsSoon';

describe('pages that take turns', () => {
  const addresses = ['/', '/trends?pens=a%2Fb', '/trends?pens=c', '/plant'];
  it('follow one another and begin again', () => {
    expect(nextAddress(addresses, '/?tv=1')).toBe('/trends?pens=a%2Fb');
    expect(nextAddress(addresses, '/trends?tv=1&pens=a/b')).toBe('/trends?pens=c');
    expect(nextAddress(addresses, '/plant?tv=1')).toBe('/');
  });
  it('are known by their path where the page has changed its address', () =>
    expect(nextAddress(addresses, '/plant?tv=1&mode=2d')).toBe('/'));
  it('begin with the first from a page that is not of them', () =>
    expect(nextAddress(addresses, '/rules?tv=1')).toBe('/'));
  it('carry the mode in the address only', () => {
    expect(asTelevision('/trends?pens=c')).toBe('/trends?pens=c&tv=1');
    expect(asTelevision('/')).toBe('/?tv=1');
    expect(plainAddress('/?tv=1')).toBe('/');
  });
});

describe('the end of a session', () => {
  const session = { mode: 'users' as const, unclaimed: false, user: null,
    time: '2026-11-27T10:00:00Z', expires: '2026-11-27T12:00:00Z' };
  it('is counted by the clock of this machine, however wrong it is', () => {
    const here = Date.parse('2026-11-27T11:30:00Z');
    expect(endOf(session, here)).toBe(Date.parse('2026-11-27T13:30:00Z'));
    expect(endOf({ ...session, expires: undefined }, here)).toBeNaN();
  });
  it('is told ten minutes before', () => {
    expect(endState(3600e3, 2999e3)).toBe('far');
    expect(endState(3600e3, 3001e3)).toBe('soon');
    expect(endState(3600e3, 3600e3)).toBe('over');
    expect(endState(NaN, 0)).toBe('far');
  });
});

describe('a part that does not come', () => {
  beforeEach(() => sessionStorage.clear());
  it('is known in the words of each browser', () => {
    for (const text of ['Failed to fetch dynamically imported module: http://x/assets/a.js',
      'error loading dynamically imported module', 'Importing a module script failed.',
      'Unable to preload CSS for /assets/a.css'])
      expect(isPartMissing(new Error(text))).toBe(true);
    expect(isPartMissing(new Error('x is undefined'))).toBe(false);
    expect(isPartMissing('text')).toBe(false);
  });
  it('loads the page anew once, not in a circle', () => {
    expect(mayReload(1_000_000)).toBe(true);
    expect(mayReload(1_030_000)).toBe(false);
    expect(mayReload(1_100_000)).toBe(true);
  });
});
