import { afterEach, expect, it } from 'vitest';
import { setLanguage } from '~/lib/words';
import { problemTitle } from './problems';

afterEach(() => setLanguage('en'));

it('names a problem by its code, in the language of now', () => {
  expect(problemTitle('conflict')).toBe('Conflict');
  setLanguage('zh');
  expect(problemTitle('limit_exceeded')).toBe('超出上限');
  expect(problemTitle('toString')).toBeUndefined();
  expect(problemTitle('')).toBeUndefined();
});
