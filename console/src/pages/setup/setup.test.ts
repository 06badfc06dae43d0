import { describe, expect, it } from 'vitest';
import { nextPlace } from '../sign-in';
import { capsOn, rulesKept, rulesOf } from '../sign-in/rules';
import { strengthOf } from './strength';

describe('strength of a password', () => {
  it('is none below the least length', () => expect(strengthOf('Short-1!', 'anna')).toBe(0));
  it('grows with length', () => {
    expect(strengthOf('waterworks12', 'anna')).toBe(1);
    expect(strengthOf('correct horse battery staple', 'anna')).toBe(3);
  });
  it('sees repetition and the name', () => {
    expect(strengthOf('aaaaaaaaaaaaaaaaaaaaaa', 'x')).toBe(1);
    expect(strengthOf('anna anna anna 2026', 'anna')).toBeLessThan(
      strengthOf('river pump lamp 202', 'anna'));
  });
});

describe('rules of a password', () => {
  const broken = (password: string, name = 'anna') =>
    rulesOf(password, name, 12).filter(({ kept }) => !kept).map(({ rule }) => rule);
  it('are ticked as it is typed', () => {
    expect(broken('')).toEqual(['length', 'name', 'guess']);
    expect(broken('seven grey')).toEqual(['length']);
    expect(broken('seven grey herons')).toEqual([]);
    expect(rulesKept('seven grey herons', 'anna', 20)).toBe(false);
  });
  it('see the name and what is guessed first, with digits around it too', () => {
    expect(broken('Anna20262026')).toEqual(['name']);
    expect(broken('Password1234!')).toEqual(['guess']);
    expect(broken('123456789012')).toEqual(['guess']);
    expect(broken('aaaaaaaaaaaa')).toEqual(['guess']);
    expect(broken('abcdefghijkl')).toEqual(['guess']);
  });
  it('count characters, not bytes', () => {
    expect(broken('水厂泵站滤池清水塔阀门井')).toEqual([]);
    expect(broken('😀😁😂🤣😃😄')).toContain('length');
  });
  it('know caps lock where the browser tells it', () => {
    expect(capsOn({ getModifierState: (key) => key === 'CapsLock' })).toBe(true);
    expect(capsOn({})).toBe(false);
  });
});

describe('where the sign-in leads', () => {
  it('is within the console', () => expect(nextPlace('/trends?pens=a')).toBe('/trends?pens=a'));
  it('is never elsewhere', () => {
    for (const bad of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:1',
      '/login?next=/login', null, ''])
      expect(nextPlace(bad)).toBe('/');
  });
});
