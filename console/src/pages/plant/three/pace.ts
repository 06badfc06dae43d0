// How many pixels are drawn for one of the screen's: fewer where the graphics card cannot keep up,
// and slowly more again where it can.
const slowMs = 23;
const fastMs = 18;
const look = 30; // frames

export class Pace {
  private readonly best: number;
  private last = 0;
  private sum = 0;
  private count = 0;
  private good = 0;
  ratio: number;

  constructor(
    private readonly change: (ratio: number) => void, best = window.devicePixelRatio || 1,
  ) {
    this.best = Math.min(2, best);
    this.ratio = this.best;
  }

  // Called for each frame; `more` says whether another follows at once, so that only the times
  // between frames of a movement count.
  frame(now: number, more: boolean): void {
    if (this.last > 0) {
      this.sum += now - this.last;
      this.count += 1;
    }
    this.last = more ? now : 0;
    if (this.count < look) return;
    const mean = this.sum / this.count;
    this.sum = 0;
    this.count = 0;
    this.judge(mean);
  }

  private judge(mean: number): void {
    if (mean > slowMs && this.ratio > 0.75) {
      this.good = 0;
      this.to(Math.max(0.75, this.ratio * 0.85));
    } else if (mean < fastMs && this.ratio < this.best) {
      this.good += 1;
      if (this.good >= 8) {
        this.good = 0;
        this.to(Math.min(this.best, this.ratio * 1.15));
      }
    }
  }

  private to(ratio: number): void {
    this.ratio = ratio;
    this.change(ratio);
  }
}
