import { Button, Group, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from 'react';
import { ApiError } from '~/lib/api';
import { resolveTime } from '~/lib/time';
import { ProblemAlert } from '~/ui';
import { runTrial, type PlanOperator, type RuleSpec, type TrialResult } from '../data';
import { isCut, RowsTable } from '../parts/RowsTable';
import styles from '../rules.module.css';
import { words } from '../words';
import { useSampleText } from './sample';
import { StepTable } from './StepTable';
import { readSample, sourcesIn, topicOf } from './trial';

type Mode = 'sample' | 'live' | 'history';

// Runs the statement on messages, on what comes in, or on history. It has no actions there, so it
// cannot touch anything.
export function DryRun({ spec, operators, runRef, onSample }: {
  spec: RuleSpec; operators: PlanOperator[]; runRef: RefObject<() => void>;
  onSample: (values: unknown[]) => void;
}): ReactNode {
  const t = words.use();
  const [mode, setMode] = useState<Mode>('sample');
  const sources = useMemo(() => sourcesIn(
    operators.filter((one) => one.inputs.length === 0).map((one) => one.detail)), [operators]);
  const [topic, setTopic] = useState('');
  const usualTopic = topic || topicOf(sources.filters[0] ?? 't');
  const sample = useSampleText(sources, onSample);
  const [seconds, setSeconds] = useState('5');
  const [from, setFrom] = useState('now-1h');
  const [to, setTo] = useState('now');
  const { run, stop, result, error, busy, left } = useTrialRun();
  const read = useMemo(() => readSample(sample.text, usualTopic), [sample.text, usualTopic]);
  const start = () => {
    const body: Record<string, unknown> = { sql: spec.sql, options: spec.options };
    const length = Math.min(300, Math.max(1, Number(seconds) || 5));
    const now = Date.now();
    if (mode === 'sample') {
      if (read.flaw) return;
      body.input = read.messages;
    } else if (mode === 'live') body.duration = `${length}s`;
    else Object.assign(body, { from: resolveTime(from, now), to: resolveTime(to, now) });
    void run(body, mode === 'live' ? length : 0);
  };
  useEffect(() => {
    runRef.current = start;
  });
  return (
    <>
      <p className={styles.note} style={{ marginBottom: 8 }}>◇ {t('dryRunHelp')}</p>
      <Group gap="xs" mb={8} align="end">
        <SegmentedControl size="xs" value={mode} onChange={(value) => setMode(value as Mode)}
          data={[{ value: 'sample', label: t('onSample') }, { value: 'live', label: t('onLive') },
            { value: 'history', label: t('onHistory') }]} />
        {mode === 'live' && (
          <TextInput size="xs" w={110} aria-label={t('seconds')} rightSection="s" value={seconds}
            title={t('liveLine')}
            onChange={(event) => setSeconds(event.currentTarget.value.replace(/\D/g, ''))} />)}
        {mode === 'history' && <>
          <TextInput size="xs" w={120} aria-label={t('from')} value={from}
            error={Number.isNaN(resolveTime(from, 0))}
            onChange={(event) => setFrom(event.currentTarget.value)} />
          <TextInput size="xs" w={120} aria-label={t('to')} value={to}
            error={Number.isNaN(resolveTime(to, 0))}
            onChange={(event) => setTo(event.currentTarget.value)} />
        </>}
        <Button size="xs" onClick={busy ? stop : start} variant={busy ? 'default' : 'filled'}
          title="Ctrl-Enter" disabled={mode === 'sample' && Boolean(read.flaw)}>
          {busy ? t('stop') : t('run')}</Button>
        {busy && left > 0 && <span role="status">{t('listening', { left })}</span>}
      </Group>
      {mode === 'history' && !sources.points && operators.length > 0
        && <p className={styles.care}>△ {t('needsPoints')}</p>}
      {mode === 'sample' && <>
        <Group gap="xs" mb={6} align="end">
          <TextInput size="xs" style={{ flex: 1 }} label={t('sampleTopic')} value={topic}
            placeholder={usualTopic} onChange={(event) => setTopic(event.currentTarget.value)}
            styles={{ input: { fontFamily: 'var(--hw-mono)' } }} />
          <Button size="xs" variant="default" loading={sample.busy}
            disabled={sources.filters.length === 0} onClick={() => void sample.fetch(true)}>
            {t('fetchSample')}</Button>
        </Group>
        <Textarea aria-label={t('sample')} autosize minRows={3} maxRows={10} value={sample.text}
          placeholder={'{"temp": 31.5}'} spellCheck={false}
          error={read.flaw ? t('badLine', read.flaw) : undefined}
          description={sample.note || t('sample')}
          inputWrapperOrder={['input', 'description', 'error']}
          styles={{ input: { fontFamily: 'var(--hw-mono)', fontSize: 12 } }}
          onChange={(event) => sample.setText(event.currentTarget.value)} />
      </>}
      <div style={{ marginTop: 12 }}>
        <ProblemAlert error={error} />
        {result ? <TrialTable result={result} /> : !error && !busy
          && <p className={styles.note}>{t('noRun')}</p>}
      </div>
    </>
  );
}

function useTrialRun() {
  const [result, setResult] = useState<TrialResult | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [left, setLeft] = useState(0);
  const control = useRef<AbortController | null>(null);
  const timer = useRef(0);
  useEffect(() => () => {
    control.current?.abort();
    window.clearInterval(timer.current);
  }, []);
  const stop = () => control.current?.abort();
  const run = async (body: Record<string, unknown>, seconds: number) => {
    stop();
    const mine = new AbortController();
    control.current = mine;
    setBusy(true);
    setError(null);
    setLeft(seconds);
    window.clearInterval(timer.current);
    timer.current = window.setInterval(() => setLeft((old) => Math.max(0, old - 1)), 1000);
    try {
      setResult(await runTrial(body, mine.signal));
    } catch (problem) {
      if (!mine.signal.aborted || problem instanceof ApiError) {
        setResult(null);
        setError(problem);
      }
    } finally {
      if (control.current === mine) {
        setBusy(false);
        window.clearInterval(timer.current);
      }
    }
  };
  return { run, stop, result, error, busy, left };
}

function TrialTable({ result }: { result: TrialResult }): ReactNode {
  const t = words.use();
  const cut = result.rows_cut || result.events_cut || result.time_cut || isCut(result.rows);
  return (
    <div aria-live="polite">
      <Group gap="md">
        <strong>{t('resultRows', { rows: result.rows.length, events: result.events })}</strong>
        {result.failed > 0 && <span className={styles.bad}>■ {t('resultFailed',
          { count: result.failed })}</span>}
        {result.late > 0 && <span>△ {t('resultLate', { count: result.late })}</span>}
        {cut && <span className="hw-dim">{t('cut')}</span>}
      </Group>
      {result.errors.length > 0 && (
        <ul className={styles.errors}>{result.errors.map((one) => <li key={one}>{one}</li>)}</ul>)}
      {result.rows.length === 0 ? <p className={styles.note}>{t('noRowsOut')}</p>
        : <RowsTable plain rows={result.rows} times={result.times} label={t('dryRun')} />}
      <StepTable result={result} />
    </div>
  );
}
