import { describe, expect, it } from 'vitest';
import { en } from './en';
import { zh } from './zh';

const places = (text: string) => [...text.matchAll(/\{\{\w+\}\}/g)].map((one) => one[0]).sort();

describe('the texts', () => {
  it('have the same keys and places in both languages', () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) {
      // Plurals of one may leave the number to the word.
      if (key.endsWith('_one')) continue;
      expect(places(zh[key as keyof typeof en]), key).toEqual(places(text));
    }
  });
});
