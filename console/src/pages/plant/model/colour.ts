import type { Reading } from '../contract';
import { asNumber, doubtful } from './rules';
import type { Binding } from './scene';

// What a value makes of a colour (docs/twin_scene.md, "Bindings"). Colours are numbers 0xrrggbb, -1
// is none. What may not be believed is hatched: a mark on the number, so that one number says all.
export const hatch = 0x1000000;
// Grey under the hatching of what has no value that could colour it. Scenes may name colours for
// it (`stale`, `bad`); they are those of exported files. The console has one way to show doubt.
export const doubtGrey = 0x8d969e;

export const parseColour = (text: string): number =>
  /^#[0-9a-f]{6}$/i.test(text) ? parseInt(text.slice(1), 16) : -1;

export const colourText = (colour: number): string =>
  `#${(colour & 0xffffff).toString(16).padStart(6, '0')}`;

const between = (a: number, b: number, share: number): number => Math.round(a + (b - a) * share);

export function mixColours(a: number, b: number, share: number): number {
  return (between(a >> 16, b >> 16, share) << 16)
    | (between((a >> 8) & 255, (b >> 8) & 255, share) << 8)
    | between(a & 255, b & 255, share);
}

// With less of its colour, as light as it is.
export function greyed(colour: number, share: number): number {
  const light = Math.round(0.3 * (colour >> 16) + 0.59 * ((colour >> 8) & 255)
    + 0.11 * (colour & 255));
  return mixColours(colour, light * 0x010101, share);
}

// A stop holds from its value up to the next one's; below the first the first holds. With `smooth`
// two neighbours are mixed in sRGB.
export function colourAt(
  stops: readonly [number, string][], smooth: boolean, value: number,
): number {
  for (let i = 0; i < stops.length; i += 1) {
    const [at, colour] = stops[i] as [number, string];
    if (value >= at) continue;
    const before = stops[i - 1];
    if (!before) return parseColour(colour);
    const low = parseColour(before[1]);
    return smooth
      ? mixColours(low, parseColour(colour), (value - before[0]) / (at - before[0])) : low;
  }
  const last = stops[stops.length - 1];
  return last ? parseColour(last[1]) : -1;
}

// The colour alone, as if the value were to be believed; -1: changes nothing.
export function colourOfValue(binding: Binding, reading: Reading): number {
  const named = binding.values?.[String(reading.value)];
  if (named) return parseColour(named);
  const number = asNumber(reading.value);
  if (Number.isNaN(number) || !binding.stops) return -1;
  return colourAt(binding.stops, binding.smooth === true, number);
}

// Uncertain values keep their colour under the hatching; bad, late and missing ones do not.
export function colourFor(binding: Binding, reading: Reading | undefined): number {
  if (!doubtful(reading)) return reading ? colourOfValue(binding, reading) : -1;
  const colour = reading?.trust === 'uncertain' ? colourOfValue(binding, reading) : -1;
  return hatch | (colour < 0 ? doubtGrey : colour);
}
