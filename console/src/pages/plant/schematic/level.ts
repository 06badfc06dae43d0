// Where the water stands in a symbol: rectangles in the symbol's own box, its middle at 0, 0.
export interface Rect { x: number; y: number; w: number; h: number }

// The room that holds water.
export function vesselOf(symbol: string, w: number, h: number): Rect | undefined {
  switch (symbol) {
    case 'tank': case 'basin':
      return { x: -w / 2, y: -h / 2, w, h };
    case 'clarifier':
      return { x: -w / 2, y: -h / 2, w, h };
    case 'filter': {
      // Below the water lie the bed and its floor.
      const bed = h * 0.36;
      return { x: -w / 2, y: -h / 2, w, h: h - bed };
    }
    case 'tower':
      return { x: -w / 2, y: -h / 2, w, h: h * 0.46 };
    default:
      return undefined;
  }
}

// The water itself: as wide as the vessel, from its floor up. Undefined where nothing is known.
export function waterOf(symbol: string, w: number, h: number, fill: number): Rect | undefined {
  const vessel = vesselOf(symbol, w, h);
  if (!vessel || !Number.isFinite(fill)) return undefined;
  const share = Math.min(1, Math.max(0, fill));
  const height = vessel.h * share;
  return { x: vessel.x, y: vessel.y + vessel.h - height, w: vessel.w, h: height };
}

// The letters of an instrument after ISA-5.1: what is measured, and I for indication.
const letters: [RegExp, string][] = [
  [/turbid|chlor|ph$|conduct|current|ammon|oxygen|residual|dose/, 'A'],
  [/flow|volume|demand|rain/, 'F'], [/pressure|head/, 'P'], [/level/, 'L'], [/temperature/, 'T'],
  [/power|energy/, 'J'], [/speed/, 'S'], [/weight|mass/, 'W'],
];
export function instrumentLetters(properties: string[]): string {
  for (const property of properties)
    for (const [pattern, letter] of letters) if (pattern.test(property)) return `${letter}I`;
  return 'I';
}
