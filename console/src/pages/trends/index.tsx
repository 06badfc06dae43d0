import { ActionIcon, Button, useComputedColorScheme } from '@mantine/core';
import { PanelLeft, Plus } from 'lucide-react';
import { useCallback, useMemo, useRef, useState, type DragEvent, type ReactNode } from 'react';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery, keepPreviousData } from '@tanstack/react-query';
import { useLink } from '~/lib/live';
import type { TimedNote } from '~/lib/notes';
import { formatDuration, formatTime } from '~/lib/time';
import { convert, useUnits } from '~/lib/units';
import { Empty, PageFrame, ProblemAlert } from '~/ui';
import { Chart, type ChartHandle } from './chart/Chart';
import { loadStatistics } from './chart/load';
import { freeLook } from './chart/looks';
import { pensLimit, type Pen, type ShownPen } from './chart/types';
import { usePenData, type PenData } from './chart/usePenData';
import { useMarkers } from './events';
import { Menus } from './Menus';
import { NoteEditor } from './notes/NoteEditor';
import { useTrendNotes, type TrendNotes } from './notes/useTrendNotes';
import { Panel } from './Panel';
import { dragType, Picker, usePickPoints } from './Picker';
import { valueAt } from './PenTable';
import { useQuietWindow } from './quiet';
import { RangeChooser } from './RangeChooser';
import { usePageState, useView, type View } from './state';
import styles from './trends.module.css';
import { words } from './words';

export default function Trends(): ReactNode {
  const t = words.use();
  const state = usePageState();
  const { pens, setPens } = state;
  const dark = useComputedColorScheme('dark') === 'dark';
  const set = useUnits();
  const narrow = useMediaQuery('(max-width: 720px)') ?? false;
  const [picking, setPicking] = useState(() => window.innerWidth > 1100 || pens.length === 0);
  const [pixels, setPixels] = useState(0);
  const [cursor, setCursor] = useState<number | null>(null);
  const [spoken, setSpoken] = useState('');
  const [strong, setStrong] = useState(-1);
  const view = useView(state, pixels);
  const data = usePenData(pens, view.window, pixels, view.following, true);
  const quiet = useQuietWindow(view.window, view.following);
  const points = useMemo(() => pens.map(({ point }) => point), [pens]);
  const events = useMarkers(points, quiet, state.events);
  const chart = useRef<ChartHandle>(null);
  const notes = useTrendNotes({ shown: data.shown, quiet, zone: state.zone, visible: state.notes,
    at: { cursor, window: view.window, following: view.following } });
  const markers = useMemo(() => [...events, ...notes.markers], [events, notes.markers]);
  const noteTags = useMemo(() => [...new Set(notes.notes.flatMap(({ note }) => note.tags))].sort(),
    [notes.notes]);
  const showNote = ({ from, to }: TimedNote) => {
    if (to !== null && to > from)
      view.onMove({ from: from - (to - from) / 4, to: to + (to - from) / 4 }, false);
    else chart.current?.cursorTo(from);
  };
  const statistics = useQuery({
    queryKey: ['trend-figures', pens.map(({ point, shift }) => [point, shift]), quiet],
    enabled: pens.length > 0 && data.known, placeholderData: keepPreviousData, staleTime: 5_000,
    queryFn: ({ signal }) => loadStatistics(data.shown, quiet, signal),
  });
  const add = useCallback((point: string) => {
    if (pens.some((pen) => pen.point === point && !pen.shift)) {
      setPens(pens.filter((pen) => pen.point !== point || pen.shift));
      return;
    }
    if (pens.length >= pensLimit) return;
    const pen: Pen = { point, aggregation: 'auto', limits: [],
      look: freeLook(pens.map(({ look }) => look)) };
    setPens([...pens, pen]);
  }, [pens, setPens]);
  const linear = useCallback((index: number) => {
    const unit = data.shown[index]?.info.unit;
    const offset = convert(0, unit, set).value;
    return { offset, factor: convert(1, unit, set).value - offset };
  }, [data.shown, set]);
  const onCursor = useCallback((time: number | null, byKey: boolean) => {
    setCursor(time);
    if (byKey && time !== null) setSpoken(t('cursorAt', {
      time: formatTime(time, 'full', state.zone), values: spokenValues(data.shown, time) }));
  }, [data.shown, state.zone, t]);
  const openNote = (id: string) => {
    const note = notes.notes.find((one) => one.note.id === id)?.note;
    if (note?.editable && notes.mayWrite) notes.edit(note);
    else state.set({ tab: 'notes' });
  };
  return (
    <PageFrame plain title={t('title')} actions={(
      <>
        <RangeChooser view={view} from={state.from} to={state.to} zone={state.zone}
          setZone={(tz) => state.set({ tz })} />
        <Menus state={state} window={view.window} shown={data.shown} chart={chart}
          notes={notes} />
        {!picking && (narrow
          ? <ActionIcon aria-label={t('addPens')} onClick={() => setPicking(true)}>
              <Plus size={16} /></ActionIcon>
          : <Button size="compact-sm" variant="default" leftSection={<PanelLeft size={14} />}
              onClick={() => setPicking(true)}>{t('addPens')}</Button>)}
      </>
    )}>
      <div className={styles.page}>
        {picking && <Picker taken={points} onAdd={add} onClose={() => setPicking(false)} />}
        <div className={styles.main}>
          <ChartArea {...{ data, view, cursor, strong, add, chart, onCursor, markers, notes }}
            ranges={state.ranges} zone={state.zone} empty={pens.length === 0}
            setPixels={setPixels} onNote={openNote} full={pens.length >= pensLimit} />
          {pens.length > 0 && (
            <Panel state={state} shown={data.shown} version={data.version} window={view.window}
              quiet={quiet} statistics={statistics.data ?? []} cursor={cursor} dark={dark}
              linear={linear} onStrong={setStrong} notes={notes} onShowNote={showNote} />)}
        </div>
      </div>
      {notes.editing && <NoteEditor key={notes.editing.note?.id ?? 'new'} editing={notes.editing}
        shown={data.shown} zone={state.zone} tags={noteTags} onSave={notes.save}
        onClose={notes.close} onDelete={() => notes.editing?.note
          && notes.remove(notes.editing.note)} />}
      <div className="hw-visually-hidden" aria-live="polite">{spoken}</div>
    </PageFrame>
  );
}

const spokenValues = (shown: ShownPen[], time: number): string => shown
  .filter(({ pen }) => !pen.hidden)
  .map((one) => `${one.pen.point.split('/').slice(-2).join(' ')} ` +
    `${valueAt(one, time)?.text ?? words.now('gap')} ${one.unit}`).join('; ');

interface AreaProps {
  data: PenData; view: View; cursor: number | null; strong: number;
  add: (point: string) => void; chart: React.Ref<ChartHandle>;
  onCursor: (time: number | null, byKey: boolean) => void;
  markers: React.ComponentProps<typeof Chart>['markers'];
  notes: TrendNotes; ranges: boolean; zone: string; empty: boolean; full: boolean;
  setPixels: (pixels: number) => void; onNote: (id: string) => void;
}

function ChartArea(props: AreaProps): ReactNode {
  const { data, view, cursor, strong, add, onCursor, zone, empty, notes } = props;
  const t = words.use();
  const link = useLink();
  const [dropping, setDropping] = useState(false);
  const onDrag = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes(dragType)) return;
    event.preventDefault();
    setDropping(event.type !== 'dragleave' && event.type !== 'drop');
    if (event.type === 'drop') add(event.dataTransfer.getData(dragType));
  };
  const slices = data.shown.find(({ track }) => track?.kind === 'slices')?.track?.stepMs;
  return (
    <>
      <div className={styles.chartBox} data-drop={dropping} onDragOver={onDrag} onDragLeave={onDrag}
        onDrop={onDrag}>
        {data.loading && !empty && <div className={styles.progress} />}
        {empty ? <NoPens add={add} /> : (
          <div className={styles.chartInner}>
            <Chart shown={data.shown} window={view.window} version={data.version} zone={zone}
              markers={props.markers} tagRanges={props.ranges} strong={strong}
              strongNote={notes.strong} onStrongNote={notes.setStrong} onNote={props.onNote}
              label={t('chart', { count: data.shown.length })} onMove={view.onMove}
              onReset={view.reset} onCursor={onCursor} onPixels={props.setPixels}
              handle={props.chart}
              onKey={(key) =>
                ({ back: view.back, forward: view.forward, live: view.toLive })[key]()} />
          </div>
        )}
      </div>
      {!empty && (
        <div className={styles.note}>
          <span className="hw-num">{cursor === null ? '' : formatTime(cursor, 'ms', zone)}</span>
          <span className={styles.spring} />
          {props.full && <span>{t('full')}</span>}
          {link.state === 'down' && <span className={styles.warn}>△ {t('offlineNote')}</span>}
          {!data.doubtKnown && <span className={styles.warn}>{t('noDoubt')}</span>}
          <span>{slices ? t('thinned', { time: formatDuration(slices) }) : t('samples')}</span>
          <span className="hw-num">{t('answered', { ms: Math.round(data.answeredMs) })}</span>
        </div>
      )}
      {data.error ? <div style={{ padding: '0 16px 8px' }}>
        <ProblemAlert error={data.error} retry={data.retry} /></div> : null}
    </>
  );
}

function NoPens({ add }: { add: (point: string) => void }): ReactNode {
  const t = words.use();
  const points = usePickPoints();
  const first = points.data?.items.find(({ type }) => type === 'double');
  if (points.data && points.data.items.length === 0)
    return <Empty title={t('noPoints')} text={t('noPointsText')}
      command={'headworks pub plant1/flow 12.5'} />;
  return <Empty title={t('empty')} text={t('emptyText')}
    action={first ? { label: t('emptyFirst'), run: () => add(first.point) } : undefined} />;
}
