// Where the labels of the equipment stand on the screen, without overlaps: first what is in
// trouble or selected, then the nearest. A label that stands already is preferred to one that does
// not, so that none flickers while the eye moves.
export interface Candidate {
  x: number; // where it points at, px
  y: number;
  width: number;
  height: number;
  distance: number;
  weight: number; // 2 selected, 1 in trouble, 0
  standing: boolean;
  mark: boolean; // it has a mark of its own (it runs, it is open) that can stand without words
  placed: boolean; // the answer
  form: 'words' | 'pin' | 'mark'; // for want of room only the sign of its trouble, or its mark
  left: number;
  top: number;
}

const order = (a: Candidate, b: Candidate): number =>
  b.weight - a.weight
  || a.distance * (a.standing ? 0.8 : 1) - b.distance * (b.standing ? 0.8 : 1);

const cell = 64;

// Boxes that are taken, in a grid, so that each label is compared with its neighbours alone.
export class Taken {
  private cells = new Map<number, number[]>();
  private boxes: number[] = [];

  clear(): void {
    for (const list of this.cells.values()) list.length = 0;
    this.boxes.length = 0;
  }

  private each(
    l: number, t: number, r: number, b: number, call: (key: number) => boolean,
  ): boolean {
    for (let y = Math.floor(t / cell); y <= Math.floor(b / cell); y += 1)
      for (let x = Math.floor(l / cell); x <= Math.floor(r / cell); x += 1)
        if (call(y * 4096 + x)) return true;
    return false;
  }

  overlaps(l: number, t: number, r: number, b: number): boolean {
    const at = (i: number) => this.boxes[i] ?? 0;
    return this.each(l, t, r, b, (key) => (this.cells.get(key) ?? []).some((i) =>
      l < at(i + 2) && r > at(i) && t < at(i + 3) && b > at(i + 1)));
  }

  take(l: number, t: number, r: number, b: number): void {
    const i = this.boxes.length;
    this.boxes.push(l, t, r, b);
    this.each(l, t, r, b, (key) => {
      const list = this.cells.get(key);
      if (list) list.push(i);
      else this.cells.set(key, [i]);
      return false;
    });
  }
}

const gap = 4;
const stem = 10; // between a label and what it points at
export const pinSize = 24;
export const markSize = 16;

export function sizeOf({ form, width, height }: Candidate): [number, number] {
  if (form === 'words') return [width, height];
  return form === 'pin' ? [pinSize, pinSize] : [markSize, markSize];
}

// Above what it is about, on whole pixels, so that letters stay crisp, and never cut by the edge
// of the view; a mark stands on it.
export function stand(one: Candidate, width: number, height: number): void {
  const [w, h] = sizeOf(one);
  const up = one.form === 'mark' ? h / 2 : h + stem;
  one.left = Math.round(Math.min(width - w - gap, Math.max(gap, one.x - w / 2)));
  one.top = Math.round(Math.min(height - h - gap, Math.max(gap, one.y - up)));
}

// Sets `placed`, `form`, `left` and `top` of each. What is in trouble is never hidden: where there
// is no room for its words, its sign stands alone. What runs or stands shows at least that, where
// its mark covers no words.
export function layLabels(
  candidates: Candidate[], width: number, height: number, taken: Taken, most: number,
): void {
  taken.clear();
  candidates.sort(order);
  let count = 0;
  const tries = (one: Candidate, form: Candidate['form'], apart: number): boolean => {
    one.form = form;
    stand(one, width, height);
    const [w, h] = sizeOf(one);
    return !taken.overlaps(one.left - apart, one.top - apart, one.left + w + apart,
      one.top + h + apart);
  };
  const take = (one: Candidate) => {
    const [w, h] = sizeOf(one);
    one.placed = true;
    taken.take(one.left, one.top, one.left + w, one.top + h);
  };
  const inside = ({ x, y }: Candidate) => x >= 0 && x <= width && y >= 0 && y <= height;
  for (const one of candidates) {
    one.placed = false;
    const free = inside(one) && tries(one, 'words', gap) && count < most;
    if (!free && (one.weight === 0 || !inside(one))) continue;
    if (free || one.weight === 2) count += 1;
    else tries(one, 'pin', 0);
    take(one);
  }
  let marks = 0;
  for (const one of candidates) {
    if (one.placed || !one.mark || marks >= most * 2 || !inside(one) || !tries(one, 'mark', 1))
      continue;
    marks += 1;
    take(one);
  }
}
