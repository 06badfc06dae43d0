// The looks of sixteen pens. Each is told from the others by symbol and dash alone; the colour only
// helps. None is the colour of an alarm.
export interface Look {
  dark: string;
  light: string;
  dash: number[];
  symbol: number;
}

const dark = [
  '#6cb4d9', '#e0b15c', '#8fc79a', '#c79be0', '#d9986a', '#9aa6f0', '#c9c46a', '#5fc7bd',
];
const light = [
  '#1b6285', '#8a5a00', '#2f6b45', '#7a3fa0', '#95492a', '#3f4fb0', '#66611a', '#0f6f68',
];

export const looks: Look[] = Array.from({ length: 16 }, (_, i) => ({
  dark: dark[i % 8] as string,
  light: light[i % 8] as string,
  dash: i < 8 ? [] : [9, 4],
  symbol: i % 8,
}));

export const lookOf = (index: number): Look => looks[index % looks.length] as Look;

// SVG path of a symbol around (0, 0), some 8 units wide.
export const symbolPaths = [
  'M-4 0A4 4 0 1 0 4 0A4 4 0 1 0-4 0Z', // circle
  'M-3.6-3.6H3.6V3.6H-3.6Z', // square
  'M0-4.4 4.4 3.4H-4.4Z', // triangle
  'M0-5 4.4 0 0 5-4.4 0Z', // diamond
  'M0 4.4 4.4-3.4H-4.4Z', // triangle, point down
  'M-1.4-4.4H1.4V-1.4H4.4V1.4H1.4V4.4H-1.4V1.4H-4.4V-1.4H-1.4Z', // plus
  'M-4.4-2H4.4V2H-4.4Z', // lying bar
  'M0-5 1.3-1.3 5 0 1.3 1.3 0 5-1.3 1.3-5 0-1.3-1.3Z', // star
];

// The first look that no pen has yet.
export function freeLook(taken: number[]): number {
  for (let i = 0; i < looks.length; ++i) if (!taken.includes(i)) return i;
  return taken.length % looks.length;
}
