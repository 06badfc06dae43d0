import { MultiSelect } from '@mantine/core';
import { useMemo, useState, type ReactNode } from 'react';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { formatNumber, unitText, useUnits } from '~/lib/units';
import { ProblemAlert, State } from '~/ui';
import { Chart } from '../Chart';
import styles from '../twin.module.css';
import { words } from '../words';
import { scenarioUrl, durationMs, useResult, type Result, type Scenario } from './data';
import { mostDifferent } from './series';

const usualCharts = 3;

// The hours to come: series with and without what was set, events, and how good it is.
export function ResultView({ id, name, run, other, figures }: {
  id: string; name: string; run: string; other?: Scenario; figures: ReactNode;
}): ReactNode {
  const t = words.use();
  const zone = useZone();
  const units = useUnits();
  const result = useResult(id, run);
  const base = useResult(other ? other.id : id, other ? other.ended_at ?? '' : run, !other);
  const [picked, setPicked] = useState<string[] | null>(null);
  const usual = useMemo(
    () => mostDifferent(result.data?.series ?? [], base.data?.series ?? [], usualCharts),
    [result.data, base.data]);
  if (result.isError) return <ProblemAlert error={result.error} />;
  const one = result.data;
  if (!one) return <div style={{ minHeight: 200 }} aria-busy="true" />;
  const keys = picked ?? usual;
  const start = parseTime(one.start);
  return (
    <>
      <section className={styles.section}>
        <div className={styles.toolbar} style={{ marginBottom: 8 }}>
          <MultiSelect size="xs" searchable clearable style={{ flex: 1 }} value={keys}
            onChange={setPicked} aria-label={t('series')} maxValues={8}
            data={one.series.map((each) => ({ value: keyOf(each),
              label: `${each.twin} ${each.path}` }))} />
          <a className={styles.pointLink} href={scenarioUrl(id, '/result?format=csv')}
            download={`${id}.csv`}>CSV</a>
        </div>
        <ProblemAlert error={base.error} />
        <div className={styles.charts}>
          {keys.map((key) => {
            const mine = one.series.find((each) => keyOf(each) === key);
            const theirs = base.data?.series.find((each) => keyOf(each) === key);
            return mine && (
              <div key={key} className={styles.chartBox}>
                <div className={styles.chartTitle}>{mine.path}{' '}
                  <span className="hw-dim">{unitText(mine.unit, units)}</span>{' '}
                  <span className={styles.sub}>{mine.twin}</span></div>
                <Chart start={start} step={durationMs(one.step)} unit={mine.unit} label={key}
                  lines={[
                    ...(theirs ? [{ name: other ? other.name || other.id : t('withNothing'),
                      values: theirs.values, dashed: true }] : []),
                    { name, values: mine.values }]} />
              </div>);
          })}
        </div>
      </section>
      {figures}
      <Quality result={one} />
      <section className={styles.section}>
        <h3>{t('past_events')} ({one.events.length})</h3>
        <div className={styles.events}>
          {one.events.slice(0, 500).map((each, index) => (
            <div key={index}>{formatTime(parseTime(each.time), 'full', zone)}  {each.text}</div>))}
        </div>
      </section>
    </>
  );
}

const keyOf = (one: { twin: string; path: string }): string => `${one.twin} ${one.path}`;

function Quality({ result }: { result: Result }): ReactNode {
  const t = words.use();
  const { quality, confidence, residual, notes } = result.quality;
  return (
    <section className={styles.section}>
      <h3>{t('quality')}
        <State kind={quality === 'good' ? 'ok' : quality === 'bad' ? 'alarm' : 'warn'}>
          {quality}</State>
        <span className="hw-dim">{t('confidence', { share: formatNumber(confidence * 100, 0) })}
          {' · '}{t('residual', { residual: residual.toExponential(1) })}</span>
      </h3>
      <ul className={styles.findings}>
        {[...result.warnings.map((one) => `△ ${one}`), ...notes].map((one) =>
          <li key={one}>{one}</li>)}
      </ul>
    </section>
  );
}
