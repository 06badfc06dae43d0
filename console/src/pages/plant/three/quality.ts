// How much is drawn: less where the machine cannot keep up, and carefully more again where it can.
// It is told by the time between frames that follow each other at once, over a second.
export interface Level {
  scale: number; // pixels drawn for one of the screen's, of the best
  shadows: boolean;
  shine: boolean; // of the sky on what is smooth
  pauseMs: number; // between frames that only values and flows ask for
}

export const levels: readonly Level[] = [
  { scale: 1, shadows: true, shine: true, pauseMs: 0 },
  { scale: 0.8, shadows: true, shine: true, pauseMs: 0 },
  { scale: 0.64, shadows: true, shine: true, pauseMs: 0 },
  { scale: 0.64, shadows: false, shine: true, pauseMs: 0 },
  { scale: 0.64, shadows: false, shine: false, pauseMs: 66 },
  { scale: 0.64, shadows: false, shine: false, pauseMs: 250 },
];

export const slowMs = 24;
const fastMs = 18.5; // a screen of 60 Hz is kept up with
const lookMs = 1000;
const fewest = 4; // frames that tell something
const lastingMs = 5000; // it was fast for so long before more is tried
const longestMs = 600_000;
// A screen, or a browser that saves energy, may show 30 frames a second whatever is drawn.
const cappedMs = 45;

const median = (list: number[]): number =>
  [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

export class Quality {
  private at: number;
  private last = 0;
  private times: number[] = [];
  private sum = 0;
  private fast = 0; // ms
  private patience = lastingMs;
  private raised = -Infinity; // when more was last tried
  private lowered = 0;
  private first = 0; // how slow it was before anything was lowered
  private slow = slowMs;

  // Software draws at the least for ever: it takes the time of the page itself.
  constructor(private readonly change: (level: Level) => void,
    private readonly way: 'measured' | 'least' | 'full' = 'measured') {
    this.at = way === 'least' ? levels.length - 1 : 0;
  }

  get level(): Level {
    return levels[this.at] as Level;
  }

  // Called for each frame; `more`: the next one follows at once.
  frame(now: number, more: boolean): void {
    const passed = now - this.last;
    const follows = this.last > 0;
    this.last = more ? now : 0;
    if (this.way !== 'measured') return;
    // What was lowered so far that movements alone measure it is tried again after a while.
    if (this.level.pauseMs > 0 && now - this.lowered > this.patience * 12) {
      this.raise(now);
      return;
    }
    if (!follows) return;
    this.times.push(passed);
    this.sum += passed;
    if (this.sum < lookMs || this.times.length < fewest) return;
    const time = median(this.times);
    const over = this.sum;
    this.forget();
    this.judge(time, over, now);
  }

  private forget(): void {
    this.times = [];
    this.sum = 0;
  }

  private judge(time: number, over: number, now: number): void {
    if (time > this.slow) this.lower(time, now);
    else if (time < fastMs && this.at > 0) {
      this.fast += over;
      if (this.fast >= this.patience) this.raise(now);
    } else this.fast = 0;
  }

  private lower(time: number, now: number): void {
    this.fast = 0;
    // What was tried was too much: the next try is later.
    if (now - this.raised < lastingMs) this.patience = Math.min(longestMs, this.patience * 2);
    if (this.at === 0) this.first = time;
    if (!this.level.shadows && time < cappedMs && time > this.first * 0.9) {
      this.slow = time * 1.25;
      this.set(0);
      return;
    }
    if (this.at === levels.length - 1) return;
    this.lowered = now;
    this.set(Math.min(levels.length - 1, this.at + (time > 2 * slowMs ? 2 : 1)));
  }

  private raise(now: number): void {
    this.fast = 0;
    this.raised = now;
    this.lowered = now;
    this.set(this.at - 1);
  }

  private set(at: number): void {
    this.at = at;
    this.forget();
    this.change(this.level);
  }
}
