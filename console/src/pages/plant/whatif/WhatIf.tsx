import { Button, Drawer, NativeSelect, Progress, Slider } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link2, Plus, Unlink2, X } from 'lucide-react';
import { lazy, Suspense, useEffect, useMemo, useState, type ReactNode } from 'react';
import { Loading } from '~/app/Loading';
import { seg, send } from '~/lib/api';
import { useMay } from '~/lib/session';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { useUnits } from '~/lib/units';
import { Empty, ProblemAlert, State } from '~/ui';
import { durationMs, isRunning, useResult, useScenarios } from '../../twin/scenarios/data';
import type { SceneViewProps, ValueSource } from '../contract';
import { troubleIn } from '../model/trouble';
import Drawing from '../schematic/Drawing';
import type { Camera, View } from '../schematic/useView';
import { Compared, differencesAt, ResultSource } from '../sources/whatif';
import { CameraLink } from '../three/link';
import type { Site } from '../useScene';
import type { SetAddress } from '../address';
import { words } from '../words';
import { Differences } from './Differences';
import styles from './whatif.module.css';

const PlantScene = lazy(() => import('../three'));
const ScenarioForm = lazy(() => import('../../twin/scenarios/ScenarioForm')
  .then((file) => ({ default: file.ScenarioForm })));

type Shared = Omit<SceneViewProps, 'source' | 'trouble' | 'label'>;

// Two scenes beside each other: how it goes by itself, or is now, and how it would go. One slider
// and, in the drawing, one view for both.
export function WhatIf({ site, id, spatial, shared, search, set }: {
  site: Site; id: string; spatial: boolean; shared: Shared;
  search: URLSearchParams; set: SetAddress;
}): ReactNode {
  const t = words.use();
  const may = useMay('operator');
  const scenarios = useScenarios();
  const [making, setMaking] = useState(false);
  const run = useMutation({
    mutationFn: (which: string) => send(`/api/v1/scenarios/${seg(which)}/run`, { method: 'POST' }),
    onSuccess: () => scenarios.refetch(),
  });
  const linked = search.get('unlink') !== '1';
  const all = scenarios.data ?? [];
  const chosen = all.find((one) => one.id === id) ?? (id === '1' ? all[0] : undefined);
  return (
    <div className={styles.whole}>
      <div className={styles.bar}>
        <State kind="note">{t('whatIf')}</State>
        {all.length > 0 && (
          <NativeSelect size="xs" aria-label={t('whatIf')} value={chosen?.id ?? ''}
            data={all.map((one) => ({ value: one.id, label: one.name || one.id }))}
            onChange={(event) => set({ whatif: event.currentTarget.value, step: null })} />)}
        {chosen && isRunning(chosen) && (
          <Progress w={140} value={(chosen.progress ?? 0) * 100} aria-label={t('running')} />)}
        <span className={styles.spring} />
        <Button size="compact-sm" variant={linked ? 'filled' : 'default'} aria-pressed={linked}
          title={t('linkedHelp')} onClick={() => set({ unlink: linked ? '1' : null })}
          leftSection={linked ? <Link2 size={14} /> : <Unlink2 size={14} />}>
          {t('linked')}</Button>
        {may && (
          <Button size="compact-sm" variant="default" leftSection={<Plus size={14} />}
            onClick={() => setMaking(true)}>{t('newWhatIf')}</Button>)}
        <Button size="compact-sm" variant="default" leftSection={<X size={14} />}
          onClick={() => set({ whatif: null, step: null, against: null, unlink: null })}>
          {t('endWhatIf')}</Button>
      </div>
      <ProblemAlert error={scenarios.error ?? run.error} />
      {chosen?.state === 'failed' && <ProblemAlert error={new Error(chosen.error)} />}
      {chosen?.state === 'done'
        ? <Sides key={`${chosen.id} ${chosen.ended_at ?? ''}`} site={site} id={chosen.id}
          run={chosen.ended_at ?? ''} name={chosen.name || chosen.id} spatial={spatial}
          shared={shared} search={search} set={set} />
        : chosen && !isRunning(chosen) && chosen.state !== 'failed' ? (
          <Empty title={t('notRun')} text={t('noWhatIfText')}
            action={may ? { label: t('runIt'), run: () => run.mutate(chosen.id) }
              : undefined} command={`headworks scenario run ${chosen.id} --wait`} />)
        : !chosen && scenarios.data && (
          <Empty title={t('noWhatIf')} text={t('noWhatIfText')}
            action={may ? { label: t('newWhatIf'), run: () => setMaking(true) } : undefined}
            command="headworks scenario create examples/waterworks/pump_out.json --wait" />)}
      <Drawer opened={making} onClose={() => setMaking(false)} position="right" size="lg"
        title={t('newWhatIf')} closeButtonProps={{ 'aria-label': t('close') }}>
        <Suspense fallback={<Loading />}>
          <ScenarioForm onDone={(made) => {
            setMaking(false);
            set({ whatif: made });
          }} />
        </Suspense>
      </Drawer>
    </div>
  );
}

function Sides({ site, id, run, name, spatial, shared, search, set }: {
  site: Site; id: string; run: string; name: string; spatial: boolean; shared: Shared;
  search: URLSearchParams; set: SetAddress;
}): ReactNode {
  const t = words.use();
  const zone = useZone();
  const mine = useResult(id, run);
  const base = useResult(id, run, true);
  const last = Math.max(0, (mine.data?.rows ?? 1) - 1);
  // It opens at the end: what comes of it, not how it begins.
  const asked = search.get('step');
  const step = asked === null ? last : Math.min(last, Math.max(0, Number(asked) || 0));
  const against = search.get('against') === 'live' ? 'live' : 'base';
  const linked = search.get('unlink') !== '1';
  const [link] = useState(() => new CameraLink());
  const [camera, setCamera] = useState<View | null>(null);
  const like = useMemo(() => (twin: string, path: string) =>
    site.live.read(twin, path)?.value ?? null, [site]);
  const sources = useMemo(() => (mine.data && base.data ? {
    mine: new ResultSource(mine.data.series, like), base: new ResultSource(base.data.series, like),
  } : null), [mine.data, base.data, like]);
  useEffect(() => {
    sources?.mine.moveTo(step);
    sources?.base.moveTo(step);
  }, [sources, step]);
  const compared = useMemo(() => (sources ? new Compared(sources.mine,
    against === 'live' ? site.live : sources.base) : null), [sources, against, site]);
  const differences = useMemo(() => (mine.data && base.data
    ? differencesAt(mine.data.series, base.data.series, step) : []), [mine.data, base.data, step]);
  if (mine.error || base.error) return <ProblemAlert error={mine.error ?? base.error} />;
  if (!sources || !compared || !mine.data) return <Loading />;
  const time = (at: number) =>
    parseTime(mine.data.start) + at * durationMs(mine.data.step);
  // A flow sheet is wide: two of them stand better over each other than beside.
  const [width, height] = site.model.sheet ?? [1, 1];
  const wide = width > 1.5 * height;
  const side = {
    site, spatial, shared: { ...shared, link: linked ? link : null },
    camera: linked ? [camera, setCamera] as const : undefined,
  };
  return (
    <>
      <div className={styles.sides}>
        <div className={styles.pair} data-over={!spatial && wide}>
        <figure className={styles.side}>
          <figcaption>
            <NativeSelect size="xs" aria-label={t('sideA')} value={against}
              data={[{ value: 'base', label: t('unchanged') }, { value: 'live', label: t('live') }]}
              onChange={(event) => set({
                against: event.currentTarget.value === 'live' ? 'live' : null })} />
          </figcaption>
          <Side {...side} source={against === 'live' ? site.live : sources.base}
            label={t(against === 'live' ? 'live' : 'unchanged')} />
        </figure>
        <figure className={styles.side}>
          <figcaption><State kind="note">{name}</State>
            <span className={styles.hint}>{t('notComputed')}</span></figcaption>
          <Side {...side} source={compared} label={name} />
        </figure>
        </div>
        <Differences site={site} rows={differences} selected={shared.selected}
          onSelect={shared.onSelect} />
      </div>
      <div className={styles.bar}>
        <span className={styles.moment}>{formatTime(time(step), 'full', zone)}</span>
        <Slider className={styles.slider} min={0} max={Math.max(1, last)} step={1}
          value={step} onChange={(value) => set({ step: String(value) })} size="sm"
          thumbLabel={t('moment')}
          label={(value) => formatTime(time(value), 'minute', zone)} />
        <span className="hw-dim">{mine.data.quality.quality}</span>
      </div>
    </>
  );
}

function Side({ site, spatial, shared, source, label, camera }: {
  site: Site; spatial: boolean; shared: Shared; source: ValueSource; label: string;
  camera: Camera | undefined;
}): ReactNode {
  const units = useUnits();
  const trouble = useMemo(() => troubleIn(site.model, source, units, []), [site, source, units]);
  const props = { ...shared, source, trouble, label };
  return (
    <div className={styles.scene}>
      {spatial
        ? <Suspense fallback={<Loading />}><PlantScene {...props} /></Suspense>
        : <Drawing {...props} model={site.model} camera={camera} />}
    </div>
  );
}
