import type { Overview } from './model';

// The broker's rates since the page was first opened in this tab, for the small lines: from counts
// of two answers. A count that went back means that the server began anew.
export type RateName = 'messages_in' | 'messages_out' | 'bytes_in' | 'bytes_out' | 'dropped';
export const rateNames: RateName[] = [
  'messages_in', 'messages_out', 'bytes_in', 'bytes_out', 'dropped'];

export interface Step {
  time: number;
  rates: Record<RateName, number>; // a second; NaN: not known
}

type Counted = Pick<Overview, 'counts'> & Partial<Pick<Overview, 'rates'>>;

const countOf = ({ counts }: Counted, name: RateName): number =>
  name === 'dropped' ? counts.dropped.total : counts[name];

export class StepKeeper {
  private before: { time: number; from: Counted } | null = null;
  steps: Step[] = [];

  constructor(private readonly most = 300) {}

  feed(answer: Counted, time: number): void {
    const { before } = this;
    if (before && time <= before.time) return;
    this.before = { time, from: answer };
    if (!before) {
      // The server's own rates of the last seconds are where the line begins.
      const { rates } = answer;
      if (rates?.seconds)
        this.steps = [{ time: time - 1000 * rates.seconds, rates }, { time, rates }];
      return;
    }
    const seconds = (time - before.time) / 1000;
    const rates = {} as Record<RateName, number>;
    for (const name of rateNames) {
      const came = countOf(answer, name) - countOf(before.from, name);
      rates[name] = came < 0 ? NaN : came / seconds;
    }
    this.steps = [...this.steps, { time, rates }].slice(-this.most);
  }
}

export const steps = new StepKeeper();
