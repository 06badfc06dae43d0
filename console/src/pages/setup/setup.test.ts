import { describe, expect, it } from 'vitest';
import { nextPlace } from '../sign-in';
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

describe('where the sign-in leads', () => {
  it('is within the console', () => expect(nextPlace('/trends?pens=a')).toBe('/trends?pens=a'));
  it('is never elsewhere', () => {
    for (const bad of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:1',
      '/login?next=/login', null, ''])
      expect(nextPlace(bad)).toBe('/');
  });
});
