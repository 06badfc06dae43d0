import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { formatNumber } from '~/lib/units';
import { DataTable, ProblemAlert, type Column } from '~/ui';
import { loadStatistics, type Statistics } from './chart/load';
import { isState, type Pen, type Range, type ShownPen } from './chart/types';
import styles from './trends.module.css';
import { words } from './words';

interface Row {
  index: number;
  name: string;
  unit: string;
  figures: Statistics | undefined;
  state: boolean;
}

const columnNames = [
  'count', 'min', 'p05', 'mean', 'median', 'twa', 'p95', 'max', 'stddev', 'first', 'last',
] as const;

// All figures of the window over the samples themselves, by the server; bad ones are left out.
export function StatisticsTable({ pens, shown, quiet, linear }: {
  pens: Pen[]; shown: ShownPen[]; quiet: Range;
  linear: (index: number) => { factor: number; offset: number };
}): ReactNode {
  const t = words.use();
  const answer = useQuery({
    queryKey: ['trend-statistics', pens.map(({ point, shift }) => [point, shift]), quiet],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => loadStatistics(shown, quiet, signal, true),
  });
  const rows = shown.map((one, index): Row => ({
    index, name: one.pen.point, unit: one.unit, figures: answer.data?.[index],
    state: isState(one.info),
  }));
  const valueOf = ({ figures, index, state }: Row, name: (typeof columnNames)[number]) => {
    const value = figures?.[name];
    if (value === undefined || (state && name !== 'count')) return NaN;
    const { factor, offset } = linear(index);
    return name === 'count' ? value : value * factor + (name === 'stddev' ? 0 : offset);
  };
  const columns: Column<Row>[] = [
    { id: 'pen', title: t('pen'), cell: ({ name }) => <span title={name}>{name}</span>,
      sort: ({ name }) => name, width: 320 },
    ...columnNames.map((name): Column<Row> => ({
      id: name, title: t(name), right: true, width: 100, sort: (row) => valueOf(row, name),
      cell: (row) => {
        const value = valueOf(row, name);
        return Number.isNaN(value) ? '–' : formatNumber(value, name === 'count' ? 0 : undefined);
      },
    })),
    { id: 'unit', title: t('unit'), cell: ({ unit }) => unit, width: 80 },
  ];
  return (
    <div className={styles.fill}>
      <ProblemAlert error={answer.error} />
      <DataTable rows={rows} columns={columns} label={t('statistics')}
        rowKey={({ index }) => String(index)} />
    </div>
  );
}
