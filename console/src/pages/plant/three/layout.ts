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
  placed: boolean; // the answer
  pin: boolean; // only its mark, for want of room
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

function stand(one: Candidate, width: number, height: number): void {
  // Whole pixels, so that letters stay crisp.
  one.left = Math.round(one.x - width / 2);
  one.top = Math.round(one.y - height - stem);
}

// Sets `placed`, `pin`, `left` and `top` of each. What is in trouble is never hidden: where there
// is no room for its words, its mark stands alone.
export function layLabels(
  candidates: Candidate[], width: number, height: number, taken: Taken, most: number,
): void {
  taken.clear();
  candidates.sort(order);
  let count = 0;
  for (const one of candidates) {
    one.placed = false;
    one.pin = false;
    stand(one, one.width, one.height);
    if (one.x < 0 || one.x > width || one.y < 0 || one.y > height) continue;
    const free = count < most && !taken.overlaps(one.left - gap, one.top - gap,
      one.left + one.width + gap, one.top + one.height + gap);
    if (!free && one.weight === 0) continue;
    one.placed = true;
    one.pin = !free && one.weight === 1;
    if (one.pin) stand(one, pinSize, pinSize);
    else count += 1;
    const [w, h] = one.pin ? [pinSize, pinSize] : [one.width, one.height];
    taken.take(one.left, one.top, one.left + w, one.top + h);
  }
}
