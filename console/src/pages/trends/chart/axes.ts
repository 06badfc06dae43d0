import type { Pen, Side } from './types';

// Which pens share a y axis: those of one unit and kind of scale; a pen may ask for its own.
export interface Axis {
  id: string; // name of the scale
  unit: string;
  side: Side;
  log: boolean;
  low?: number;
  high?: number;
  pens: number[]; // indexes
}

export interface AxisPen {
  pen: Pen;
  unit: string;
  state: boolean; // drawn in a lane, needs no axis
}

export function allocateAxes(pens: AxisPen[]): Axis[] {
  const axes: Axis[] = [];
  const byKey = new Map<string, Axis>();
  pens.forEach(({ pen, unit, state }, index) => {
    if (state || pen.hidden) return;
    const key = pen.own ? `own ${index}` : `${unit} ${pen.scale ?? ''} ${pen.side ?? ''}`;
    let axis = byKey.get(key);
    if (!axis) {
      axis = {
        id: `y${axes.length}`, unit, side: pen.side ?? lighterSide(axes), log: pen.scale === 'log',
        pens: [],
      };
      byKey.set(key, axis);
      axes.push(axis);
    }
    axis.pens.push(index);
    // The widest of the fixed ranges of those that share it.
    if (pen.low !== undefined) axis.low = Math.min(axis.low ?? Infinity, pen.low);
    if (pen.high !== undefined) axis.high = Math.max(axis.high ?? -Infinity, pen.high);
  });
  return axes;
}

function lighterSide(axes: Axis[]): Side {
  const left = axes.filter((axis) => axis.side === 'left').length;
  return left <= axes.length - left ? 'left' : 'right';
}

// From the least and the greatest value to the range that is drawn: a little air, no empty range,
// and what is fixed stays. On a log scale what is not above zero has no place.
export function axisRange(axis: Pick<Axis, 'log' | 'low' | 'high'>, least: number,
  most: number): [number, number] {
  if (axis.log) {
    const top = axis.high ?? (most > 0 ? most : 1);
    const low = axis.low ?? (least > 0 ? least : top / 1000);
    const floor = 10 ** Math.floor(Math.log10(low > 0 ? low : 1e-3));
    const ceiling = 10 ** Math.ceil(Math.log10(top > 0 ? top : 1));
    return ceiling > floor ? [floor, ceiling] : [floor, floor * 10];
  }
  if (!(least <= most)) {
    least = axis.low ?? 0;
    most = axis.high ?? least + 1;
  }
  const flat = most - least < 1e-9 * Math.max(1, Math.abs(most));
  const air = flat ? Math.max(Math.abs(most) * 0.05, 0.5) : (most - least) * 0.06;
  const low = axis.low ?? least - air;
  const high = axis.high ?? most + air;
  return high > low ? [low, high] : [low, low + 1];
}
