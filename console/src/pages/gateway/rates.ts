// Rates from counters that are asked for now and then. A counter that went back has begun anew (the
// server or the device's link was started again): that step gives no rate, never a negative one.
export interface Counters {
  reads: number;
  read_errors: number;
}

export interface RateStep {
  time: number; // epoch ms of the later reading
  seconds: number; // it covers
  reads: number; // a second
  errors: number; // a second
}

export interface Rates {
  steps: RateStep[];
}

const keptSteps = 150;
const leastStepMs = 500;

export function rateBetween(
  before: Counters & { time: number }, now: Counters & { time: number },
): RateStep | null {
  const seconds = (now.time - before.time) / 1000;
  const reads = now.reads - before.reads;
  const errors = now.read_errors - before.read_errors;
  if (seconds <= 0 || reads < 0 || errors < 0) return null;
  return { time: now.time, seconds, reads: reads / seconds, errors: errors / seconds };
}

// The share of reads that failed, 0 to 1; NaN where nothing was read.
export function errorShare(step: RateStep | undefined): number {
  if (!step) return NaN;
  const all = step.reads + step.errors;
  return all > 0 ? step.errors / all : NaN;
}

export class RateKeeper {
  private last = new Map<string, Counters & { time: number }>();
  private kept = new Map<string, RateStep[]>();

  feed(name: string, counters: Counters, time: number): void {
    const before = this.last.get(name);
    if (before && time - before.time < leastStepMs) return;
    this.last.set(name, { reads: counters.reads, read_errors: counters.read_errors, time });
    if (!before) return;
    const step = rateBetween(before, { ...counters, time });
    if (!step) return;
    const steps = [...(this.kept.get(name) ?? []), step];
    this.kept.set(name, steps.slice(-keptSteps));
  }

  steps(name: string): RateStep[] {
    return this.kept.get(name) ?? [];
  }

  // The mean over the last steps, so that a group read each 5 s does not flicker.
  now(name: string, overMs = 10_000): RateStep | undefined {
    const steps = this.steps(name);
    const last = steps[steps.length - 1];
    if (!last) return undefined;
    const recent = steps.filter((step) => step.time > last.time - overMs);
    const sum = (of: (step: RateStep) => number) =>
      recent.reduce((all, step) => all + of(step), 0);
    const seconds = sum((step) => step.seconds);
    return {
      time: last.time, seconds, reads: sum((step) => step.reads * step.seconds) / seconds,
      errors: sum((step) => step.errors * step.seconds) / seconds,
    };
  }
}

// One for the tab, so that a rate is there at once when a person comes back to the page.
export const rates = new RateKeeper();

export function feedRates(
  devices: { name: string; state: Counters | null }[], time: number,
): void {
  for (const { name, state } of devices) if (state) rates.feed(name, state, time);
}
