import type { KeyboardEvent, ReactNode } from 'react';
import { lazy, Suspense } from 'react';
import { Loading } from '~/app/Loading';
import type { TimedNote } from '~/lib/notes';
import type { Statistics } from './chart/load';
import type { Range, ShownPen } from './chart/types';
import { NoteList } from './notes/NoteList';
import type { TrendNotes } from './notes/useTrendNotes';
import { PenTable } from './PenTable';
import { StatisticsTable } from './StatisticsTable';
import { tabs, type PageState } from './state';
import styles from './trends.module.css';
import { ValueTable } from './ValueTable';
import { words } from './words';

const SqlTab = lazy(() => import('./sql/SqlTab'));

interface Props {
  state: PageState;
  shown: ShownPen[];
  version: number;
  window: Range;
  quiet: Range;
  statistics: (Statistics | undefined)[];
  cursor: number | null;
  dark: boolean;
  linear: (index: number) => { factor: number; offset: number };
  onStrong: (index: number) => void;
  notes: TrendNotes;
  onShowNote: (note: TimedNote) => void;
}

// Below the chart: pens with their figures, the same rows as a table, statistics, SQL.
export function Panel(props: Props): ReactNode {
  const { state, shown } = props;
  const t = words.use();
  const onKey = (event: KeyboardEvent) => {
    const way = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!way) return;
    const next = tabs[(tabs.indexOf(state.tab) + way + tabs.length) % tabs.length];
    state.set({ tab: next === 'pens' ? null : next });
    document.getElementById(`trends-tab-${next}`)?.focus();
  };
  return (
    <section className={styles.panel} data-tab={state.tab}>
      <div className={styles.tabs} role="tablist" onKeyDown={onKey}>
        {tabs.map((tab) => (
          <button key={tab} type="button" role="tab" id={`trends-tab-${tab}`}
            aria-selected={state.tab === tab} aria-controls="trends-panel"
            tabIndex={state.tab === tab ? 0 : -1}
            onClick={() => state.set({ tab: tab === 'pens' ? null : tab })}>
            {t(tab)}
          </button>
        ))}
      </div>
      <div className={styles.tabBody} role="tabpanel" id="trends-panel"
        aria-labelledby={`trends-tab-${state.tab}`}>
        {state.tab === 'pens' && (
          <PenTable {...props} onChange={(index, pen) =>
            state.setPens(state.pens.map((old, i) => i === index ? pen : old))}
            onRemove={(index) => state.setPens(state.pens.filter((_, i) => i !== index))} />)}
        {state.tab === 'table' && <ValueTable shown={shown} version={props.version}
          window={props.window} zone={state.zone} />}
        {state.tab === 'statistics' && <StatisticsTable pens={state.pens} shown={shown}
          quiet={props.quiet} linear={props.linear} />}
        {state.tab === 'notes' && <NoteList notes={props.notes} window={props.window}
          zone={state.zone} onShow={props.onShowNote} />}
        {state.tab === 'sql' && (
          <Suspense fallback={<Loading />}>
            <SqlTab state={state} window={props.quiet} />
          </Suspense>)}
      </div>
    </section>
  );
}
