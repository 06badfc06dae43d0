import { expect, it } from 'vitest';
import { localised } from './localised';

it('takes the text of the language, of a form of it, English, or the first', () => {
  expect(localised('Pump', 'zh')).toBe('Pump');
  expect(localised({ en: 'Pump', zh: '水泵' }, 'zh')).toBe('水泵');
  expect(localised({ en: 'Pump', 'zh-Hans': '水泵' }, 'zh')).toBe('水泵');
  expect(localised({ de: 'Pumpe', 'en-US': 'Pump' }, 'zh')).toBe('Pump');
  expect(localised({ de: 'Pumpe' }, 'zh')).toBe('Pumpe');
  expect(localised({}, 'zh')).toBeUndefined();
  expect(localised([1], 'zh')).toBeUndefined();
  expect(localised(undefined, 'zh')).toBeUndefined();
});
