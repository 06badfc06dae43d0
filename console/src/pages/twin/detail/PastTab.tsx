import { Button, SegmentedControl, Slider, Switch, TextInput } from '@mantine/core';
import { useMemo, useState, type ReactNode } from 'react';
import { formatTime, parseTime, resolveTime, useZone } from '~/lib/time';
import { useUnits } from '~/lib/units';
import { ProblemAlert, ShownValue } from '~/ui';
import { plain, trustOfTwin, useTwin, useVersions, type TwinValue, type Version } from '../data';
import { useUrl } from '../state';
import styles from '../twin.module.css';
import { words } from '../words';
import { DiffOfTimes } from './DiffOfTimes';
import { deltaText, diffOf, diffSigns, shownDelta, stopsOf, type DiffRow } from './diff';
import { EventsList } from './EventsList';
import type { TabContext } from './TwinView';
import { WhenForm } from './WhenForm';

type View = 'then' | 'diff' | 'when' | 'events';

// The twin as it was: a moment beside now, two times, when something held, what happened.
export function PastTab(context: TabContext): ReactNode {
  const t = words.use();
  const url = useUrl();
  const view = (url.get('past') ?? 'then') as View;
  return (
    <div className={styles.scroll}>
      <div className={styles.toolbar} style={{ marginBottom: 12 }}>
        <SegmentedControl size="xs" value={view} aria-label={t('tab_past')}
          onChange={(next) => url.set({ past: next === 'then' ? null : next })}
          data={(['then', 'diff', 'when', 'events'] as const).map((one) => (
            { value: one, label: t(`past_${one}`) }))} />
      </div>
      {view === 'then' && <ThenAndNow {...context} />}
      {view === 'diff' && <DiffOfTimes {...context} />}
      {view === 'when' && <WhenForm {...context} />}
      {view === 'events' && <EventsList id={context.twin.id} />}
    </div>
  );
}

const spans: Record<string, number> = { '1h': 3600e3, '1d': 86400e3, '7d': 7 * 86400e3 };

function ThenAndNow({ twin, values, down }: TabContext): ReactNode {
  const t = words.use();
  const zone = useZone();
  const url = useUrl();
  const versions = useVersions(twin.id);
  const [now] = useState(() => Date.now());
  const [span, setSpan] = useState('1h');
  const at = url.get('at');
  const moment = at ? resolveTime(at, now) : NaN;
  const created = parseTime(twin.created_at);
  const from = Math.max(created, span === 'all' ? created : now - (spans[span] ?? 0));
  const marks = useMemo(() => (versions.data ?? []).map((one) => parseTime(one.from)),
    [versions.data]);
  const stops = useMemo(() => stopsOf(Math.min(from, now - 1000), now, marks), [from, now, marks]);
  const then = useTwin(at ? twin.id : null, at);
  const [dragged, setDragged] = useState<number | null>(null);
  const nearest = stops.reduce((best, one, index) =>
    (Math.abs(one - moment) < Math.abs((stops[best] ?? 0) - moment) ? index : best), 0);
  const place = dragged ?? (at ? nearest : stops.length - 1);
  const go = (index: number) => {
    setDragged(null);
    const time = stops[index];
    url.set({
      at: time === undefined || index >= stops.length - 1 ? null : new Date(time).toISOString(),
    });
  };
  const shownAt = dragged !== null ? stops[dragged] ?? now : at ? moment : now;
  return (
    <>
      <div className={`${styles.card} ${styles.timeline}`}>
        <div className={styles.toolbar}>
          <SegmentedControl size="xs" value={span} onChange={setSpan} aria-label={t('span')}
            data={['1h', '1d', '7d', 'all'].map((one) => (
              { value: one, label: one === 'all' ? t('all') : one }))} />
          <strong className="hw-num">
            {at || dragged !== null ? formatTime(shownAt, 'full', zone) : t('now')}</strong>
          <span className={styles.spring} />
          <TextInput size="xs" w={220} aria-label={t('atTime')} placeholder="now-1h" key={at ?? ''}
            defaultValue={at ?? ''} onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              const time = resolveTime(event.currentTarget.value.trim(), Date.now());
              url.set({ at: Number.isFinite(time) ? new Date(time).toISOString() : null });
            }} />
          <Button size="xs" variant="default" disabled={!at} onClick={() => url.set({ at: null })}>
            {t('toNow')}</Button>
        </div>
        <div className={styles.slider}>
          <Slider min={0} max={stops.length - 1} value={place} onChange={setDragged} size="sm"
            onChangeEnd={go} thumbLabel={t('atTime')}
            label={(index) => formatTime(stops[index] ?? now, 'full', zone)}
            marks={stops.map((time, value) => ({ time, value }))
              .filter(({ time }) => marks.includes(time)).map(({ value }) => ({ value }))} />
        </div>
        <VersionList versions={versions.data ?? []} zone={zone}
          onGo={(time) => url.set({ at: time })} />
      </div>
      <ProblemAlert error={versions.error ?? then.error} />
      {at && then.data && <DiffTable rows={diffOf(then.data.properties, values)} down={down}
        before={formatTime(moment, 'full', zone)} after={t('now')} />}
      {!at && <p className="hw-dim">{t('slideHint')}</p>}
    </>
  );
}

function VersionList({ versions, zone, onGo }: {
  versions: Version[]; zone: string; onGo: (time: string) => void;
}): ReactNode {
  const t = words.use();
  return (
    <div className={styles.hitSub} style={{ flexWrap: 'wrap' }}>
      <span>{t('versions', { count: versions.length })}</span>
      {versions.slice(0, 12).map((one) => (
        <button key={`${one.revision} ${one.from}`} type="button" className={styles.linkish}
          onClick={() => onGo(one.from)}
          title={JSON.stringify(one.description.properties ?? {})}>
          {t('versionAt', {
            revision: one.revision, time: formatTime(parseTime(one.from), 'full', zone),
            who: one.actor || t('nobody'),
          })}
        </button>))}
    </div>
  );
}

// Two states beside each other; what differs has a sign, a colour and, of numbers, by how much.
export function DiffTable({ rows, before, after, down, onlyDifferent = false }: {
  rows: DiffRow[]; before: string; after: string; down: boolean; onlyDifferent?: boolean;
}): ReactNode {
  const t = words.use();
  const units = useUnits();
  const [only, setOnly] = useState(true);
  const shown = rows.filter((row) => row.kind !== 'same'
    || (!only && !onlyDifferent
      && (row.before?.origin !== 'none' || row.after?.origin !== 'none')));
  const count = rows.filter((row) => row.kind !== 'same').length;
  const cell = (value: TwinValue | undefined, offline: boolean) => (
    <ShownValue value={plain(value?.value)} unit={value?.unit} quality={value?.quality}
      trust={trustOfTwin(value, offline)} />);
  return (
    <section className={styles.section} style={{ marginTop: 14 }}>
      <div className={styles.toolbar}>
        <span role="status">{t('differences', { count })}</span>
        {!onlyDifferent && <Switch size="xs" label={t('onlyDifferent')} checked={only}
          onChange={(event) => setOnly(event.currentTarget.checked)} />}
      </div>
      <div className={styles.tableScroll}>
        <table className={styles.table} aria-label={t('tab_past')}>
          <thead>
            <tr>
              <th scope="col">{t('property')}</th>
              <th scope="col" className={styles.num}>{before}</th>
              <th scope="col" className={styles.num}>{after}</th>
              <th scope="col" className={styles.num}>{t('difference')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.path} data-diff={row.kind}>
                <td>
                  <span className={styles.mark} aria-hidden="true">{diffSigns[row.kind]}</span>
                  {row.path}
                  {row.kind !== 'same' && <span className="hw-visually-hidden">
                    {t(`diff_${row.kind}`)}</span>}
                </td>
                <td className={styles.num}>{cell(row.before, false)}</td>
                <td className={styles.num}>{cell(row.after, down)}</td>
                <td className={styles.num}>{row.delta === undefined ? ''
                  : deltaText(shownDelta(row.before?.value as number, row.after?.value as number,
                    row.after?.unit, units))}</td>
              </tr>))}
            {shown.length === 0 && <tr><td colSpan={4} className="hw-dim">
              {t('nothingDiffers')}</td></tr>}
          </tbody>
        </table>
      </div>
    </section>
  );
}
