// What the server has taken in, from GET /metrics.
export interface IngestCounters {
  messages: number;
  samples: number;
  lines: number;
  badLines: number;
  badTimes: number;
  undecodable: number;
  reasons: string[]; // "json 12": of what could not be read
}

export function countersOf(metrics: string): IngestCounters {
  const counts: Record<string, number> = {};
  const reasons: [string, number][] = [];
  for (const line of metrics.split('\n')) {
    const found = /^headworks_ingest_(\w+)_total(?:\{reason="([^"]*)"\})?\s+(\S+)/.exec(line);
    if (!found) continue;
    const [, name = '', reason, text] = found;
    const value = Number(text);
    counts[name] = (counts[name] ?? 0) + value;
    if (name === 'undecodable' && reason && value > 0) reasons.push([reason, value]);
  }
  const of = (name: string) => counts[name] ?? 0;
  return {
    messages: of('messages'), samples: of('samples'), lines: of('lines'),
    badLines: of('bad_lines'), badTimes: of('bad_times'), undecodable: of('undecodable'),
    reasons: reasons.sort((a, b) => b[1] - a[1])
      .map(([reason, count]) => `${reason.replaceAll('_', ' ')} ${count}`),
  };
}
