import { Button, SegmentedControl, useComputedColorScheme } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Play, Square } from 'lucide-react';
import { useMemo, useRef, useState, type ReactNode } from 'react';
import { ApiError, sendJson } from '~/lib/api';
import { formatNumber } from '~/lib/units';
import { DataTable, ProblemAlert, type Column } from '~/ui';
import { Chart } from '../chart/Chart';
import { bucketStep } from '../chart/grid';
import type { Range, ShownPen } from '../chart/types';
import { startSql } from '../exports';
import { PenSign } from '../PenTable';
import type { PageState } from '../state';
import styles from '../trends.module.css';
import { words } from '../words';
import { Editor } from './Editor';
import { cellText, isNumber, linesOf, type Cell, type QueryResult } from './result';

const rowsLimit = 10_000;

// A small workbench of SQL over history; the statement is part of the address.
export default function SqlTab({ state, window: range }: {
  state: PageState; window: Range;
}): ReactNode {
  const t = words.use();
  const made = startSql(state.pens, range, `${bucketStep((range.to - range.from) / 300) / 1000}s`);
  const [text, setText] = useState(state.sql ?? made);
  const [way, setWay] = useState<'table' | 'chart'>('table');
  const abort = useRef<AbortController | null>(null);
  const run = useMutation({
    mutationFn: () => {
      abort.current?.abort();
      abort.current = new AbortController();
      return sendJson<QueryResult>('POST', '/api/v1/query',
        { sql: text, format: 'json', limit: rowsLimit }, { signal: abort.current.signal });
    },
  });
  const start = () => {
    state.set({ sql: text === made ? null : text });
    run.mutate();
  };
  const { data, error } = run;
  const lines = useMemo(() => data ? linesOf(data) : [], [data]);
  const stopped = error instanceof DOMException;
  return (
    <div className={styles.fill}>
      <div className={styles.sqlEdit}>
        <Editor text={text} label={t('sqlLabel')} onChange={setText} onRun={start} />
      </div>
      <div className={styles.sqlHead}>
        {run.isPending
          ? <Button size="compact-sm" variant="default" leftSection={<Square size={13} />}
              onClick={() => abort.current?.abort()}>{t('stop')}</Button>
          : <Button size="compact-sm" leftSection={<Play size={13} />} onClick={start}>
              {t('run')}</Button>}
        <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setText(made)}>
          {t('fromPens')}</Button>
        <span className="hw-dim">{t('sqlHelp')}</span>
        <span className={styles.spring} />
        {data && <span className="hw-dim hw-num">
          {t(data.cut ? 'cut' : 'rows', { count: formatNumber(data.count, 0) })} ·{' '}
          {t('took', { ms: formatNumber(data.elapsed_ms, 0) })}</span>}
        {data && <SegmentedControl size="xs" value={way} onChange={(next) =>
          setWay(next as 'table' | 'chart')} data={[{ value: 'table', label: t('sqlTable') },
          { value: 'chart', label: t('sqlChart') }]} />}
      </div>
      {!stopped && <ProblemAlert error={error instanceof ApiError ? error : error ?? null} />}
      {data && (way === 'chart' ? <ResultChart lines={lines} /> : <ResultTable data={data} />)}
    </div>
  );
}

interface ResultRow {
  index: number;
  cells: Cell[];
}

function ResultTable({ data }: { data: QueryResult }): ReactNode {
  const t = words.use();
  const rows = useMemo(() => data.rows.map((cells, index) => ({ index, cells })), [data]);
  const columns = data.columns.map(({ name, type }, i): Column<ResultRow> => ({
    id: String(i), title: name, right: isNumber(type),
    sort: ({ cells }) => typeof cells[i] === 'number' ? cells[i] : cellText(cells[i]),
    cell: ({ cells }) => <span title={cellText(cells[i])}>{cellText(cells[i])}</span>,
  }));
  return (
    <div className={styles.grow}>
      <DataTable rows={rows} columns={columns} label={t('sql')}
        rowKey={({ index }) => String(index)} />
    </div>
  );
}

function ResultChart({ lines }: { lines: ShownPen[] }): ReactNode {
  const t = words.use();
  const dark = useComputedColorScheme('dark') === 'dark';
  const whole = useMemo<Range>(() => {
    const times = lines.flatMap(({ track }) => track?.times ?? []);
    let from = Infinity;
    let to = -Infinity;
    for (const time of times) {
      from = Math.min(from, time);
      to = Math.max(to, time);
    }
    return to > from ? { from, to } : { from: from - 1000, to: from + 1000 };
  }, [lines]);
  const [range, setRange] = useState<Range | null>(null);
  if (lines.length === 0 || !Number.isFinite(whole.from))
    return <p className="hw-dim">{t('sqlNoChart')}</p>;
  return (
    <>
      <div className={styles.grow} style={{ minHeight: 120 }}>
        <div style={{ position: 'absolute', inset: 0 }}>
          <Chart shown={lines} window={range ?? whole} version={0} label={t('sqlChart')}
            onMove={setRange} onReset={() => setRange(null)} />
        </div>
      </div>
      <div className={styles.sqlHead}>
        {lines.map(({ pen }) => (
          <span key={pen.point} className={styles.penLabel}>
            <PenSign look={pen.look} dark={dark} />{pen.point}</span>))}
      </div>
    </>
  );
}
