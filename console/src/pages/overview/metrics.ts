// Figures of GET /metrics (Prometheus text), and how fast the counters among them grow.
export interface Metric {
  name: string;
  labels: string;
  value: number;
}

export function readMetrics(text: string): Metric[] {
  const found: Metric[] = [];
  for (const line of text.split('\n')) {
    if (!line || line.startsWith('#')) continue;
    const match = /^([a-zA-Z_:][\w:]*)(\{.*\})?\s+(\S+)/.exec(line);
    if (match) found.push({
      name: match[1] as string, labels: match[2] ?? '', value: Number(match[3]) });
  }
  return found;
}

// Over all labels.
export const total = (metrics: Metric[], name: string): number => {
  const own = metrics.filter((metric) => metric.name === name);
  return own.length ? own.reduce((sum, { value }) => sum + value, 0) : NaN;
};

export interface Reading {
  at: number; // ms
  metrics: Metric[];
}

// Growth a second between two readings. NaN: not known, e.g. because the server began anew.
export function rate(before: Reading | null, now: Reading | null, name: string): number {
  if (!before || !now || now.at <= before.at) return NaN;
  const grown = total(now.metrics, name) - total(before.metrics, name);
  return grown < 0 ? NaN : grown / ((now.at - before.at) / 1000);
}

// Mean of what a histogram saw between two readings, in its unit.
export function meanOf(before: Reading | null, now: Reading | null, name: string): number {
  if (!before || !now) return NaN;
  const count = total(now.metrics, `${name}_count`) - total(before.metrics, `${name}_count`);
  const sum = total(now.metrics, `${name}_sum`) - total(before.metrics, `${name}_sum`);
  return count > 0 ? sum / count : NaN;
}
