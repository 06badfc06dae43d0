import { convert, formatNumber } from '~/lib/units';
import { words } from '../words';
import type { LimitLine } from './draw';
import type { ModelLimit } from './feeds';
import { isState, type ShownPen } from './types';

export type PenLine = LimitLine & {
  pen: number;
  stretch: boolean; // the axis reaches it
};

// "limit 2.4 m · Head loss at which it is washed": what a limit is and where it comes from.
export function limitText({ kind, name, value }: ModelLimit, unit: string, number = value): string {
  const figure = `${formatNumber(number)}${unit ? ` ${unit}` : ''}`;
  return kind === 'limit' ? `${figure} · ${name}`
    : `${words.now(kind === 'min' ? 'modelMin' : 'modelMax')} ${figure}`;
}

const counted = ['count', 'sum', 'stddev'];

// The lines of all pens: their own, those of their tags where these are wished, and those of the
// twins that they feed.
export function limitsOf(shown: ShownPen[], ranges: boolean, set: 'si' | 'us'): PenLine[] {
  return shown.flatMap(({ pen, info, unit }, index) => {
    if (pen.hidden || isState(info)) return [];
    const line = (value: number, kind: LimitLine['kind'], text: string, stretch: boolean) =>
      ({ value, kind, look: pen.look, pen: index, text, stretch });
    const figure = (value: number) => `${formatNumber(value)}${unit ? ` ${unit}` : ''}`;
    const all = pen.limits.map((value) => line(value, 'own', figure(value), true));
    // A number of samples has nothing to do with the limit of their values.
    if (counted.includes(pen.aggregation)) return all;
    const shown = (value: number) => convert(value, info.unit, set).value;
    if (ranges)
      for (const value of [info.tagLow, info.tagHigh])
        if (value !== undefined)
          all.push(line(shown(value), 'tag', `${words.now('tagRange')} ${figure(shown(value))}`,
            false));
    if (!pen.noModel)
      for (const limit of info.modelLimits ?? []) {
        const value = shown(limit.value);
        all.push(line(value, 'model', limitText(limit, unit, value), limit.kind === 'limit'));
      }
    return all;
  });
}
