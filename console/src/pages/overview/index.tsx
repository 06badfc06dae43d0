import { SegmentedControl, Skeleton } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { formatDuration, resolveTime } from '~/lib/time';
import { Empty, PageFrame, ProblemAlert } from '~/ui';
import {
  filterOf, useDevices, usePointTroubles, useSomePoints, useRules, useSites, type Device, type Site,
} from './data';
import { Changes, Troubles } from './Lists';
import styles from './overview.module.css';
import { SiteTile } from './SiteTile';
import { Strip } from './Strip';
import { words } from './words';

const periods = ['1h', '6h', '24h', '7d'];
const rotateMs = 20_000;

// The whole utility at a glance (level 1): a tile for each site, how the machine does, what is
// amiss and what was changed.
export default function Overview(): ReactNode {
  const t = words.use();
  const [search, setSearch] = useSearchParams();
  const wanted = search.get('span') ?? '1h';
  const span = periods.includes(wanted) ? wanted : '1h';
  const sites = useSites();
  const none = sites.data?.length === 0;
  const points = useSomePoints(none).data;
  const devices = useDevices();
  const answered = !sites.isError && !sites.isRefetchError;
  if (search.get('tv') === '1' && sites.data && sites.data.length > 0)
    return <Television sites={sites.data} devices={devices.data} span={span}
      answered={answered} />;
  const setSpan = (next: string) => setSearch((old) => {
    const all = new URLSearchParams(old);
    if (next === '1h') all.delete('span');
    else all.set('span', next);
    return all;
  }, { replace: true });
  return (
    <PageFrame title={t('title')} actions={(
      <SegmentedControl size="xs" value={span} onChange={setSpan} aria-label={t('period')}
        data={periods.map((value) => ({
          value, label: formatDuration(-resolveTime(`now-${value}`, 0)) }))} />
    )}>
      <div className={styles.page}>
        {sites.error && <ProblemAlert error={sites.error} retry={() => void sites.refetch()} />}
        {sites.isPending && <Late />}
        {none && points && <Nothing points={points} />}
        {sites.data && (sites.data.length > 0 || Boolean(points?.length)) && (
          <Body sites={sites.data} devices={devices.data} span={span} answered={answered} />)}
      </div>
    </PageFrame>
  );
}

interface BodyProps {
  sites: Site[];
  devices: Device[] | undefined;
  span: string;
  answered: boolean;
}

function Body({ sites, devices, span, answered }: BodyProps): ReactNode {
  const rules = useRules();
  const troubles = usePointTroubles();
  const one = sites.length === 1;
  const tiles = (
    <div className={styles.tiles} data-one={one}>
      {sites.map((site) => <SiteTile key={site.id} site={site} devices={devices} alone={one}
        span={span} answered={answered} tv={false} />)}
    </div>
  );
  const amiss = <Troubles devices={devices ?? []} rules={rules.data ?? []} points={troubles} />;
  const changes = <Changes span={span} />;
  return (
    <>
      <Strip devices={devices} rules={rules.data} troubles={troubles} />
      {one ? (
        <div className={styles.one}>
          <div className={styles.column}>{tiles}</div>
          <div className={styles.column}>{amiss}{changes}</div>
        </div>
      ) : <>{tiles}<div className={styles.lists}>{amiss}{changes}</div></>}
    </>
  );
}

// Grey where the tiles will be, not before 300 ms.
function Late(): ReactNode {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLate(true), 300);
    return () => window.clearTimeout(timer);
  }, []);
  return late ? <><Skeleton height={62} /><Skeleton height={300} /></> : null;
}

function Nothing({ points }: { points: string[] }): ReactNode {
  const t = words.use();
  const go = useNavigate();
  return points.length > 0
    ? <Empty title={t('noTwinsTitle')} text={t('noTwinsText')}
        action={{ label: t('noTwinsAction'), run: () => void go('/twin/many') }}
        command={`headworks twin template twins.json --points '${filterOf(points)}'`} />
    : <Empty title={t('emptyTitle')} text={t('emptyText')}
        action={{ label: t('emptyAction'), run: () => void go('/gateway') }}
        command="headworks pub plant1/flow 12.5" />;
}

// For a screen on the wall: one site in large type; of several each in turn, slowly. Arrow keys
// turn by hand, and then it stays there for a while.
function Television({ sites, devices, span, answered }: BodyProps): ReactNode {
  const t = words.use();
  const [at, setAt] = useState(0);
  const [turned, setTurned] = useState(0);
  const shown = sites[at % sites.length] as Site;
  useEffect(() => {
    if (sites.length < 2) return;
    const timer = window.setTimeout(() => setAt((old) => (old + 1) % sites.length),
      turned ? 3 * rotateMs : rotateMs);
    return () => window.clearTimeout(timer);
  }, [at, sites.length, turned]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const way = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
      if (!way) return;
      setTurned((old) => old + 1);
      setAt((old) => (old + way + sites.length) % sites.length);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [sites.length]);
  return (
    <div className={styles.tv}>
      <h1 className="hw-visually-hidden">{t('title')}</h1>
      <SiteTile site={shown} devices={devices} alone={sites.length === 1} span={span}
        answered={answered} tv />
      {sites.length > 1 && (
        <div className={styles.tvFoot}>
          <button type="button" aria-label={t('previous')}
            onClick={() => setAt((at + sites.length - 1) % sites.length)}>‹</button>
          {t('ofSites', { at: (at % sites.length) + 1, all: sites.length })}
          <button type="button" aria-label={t('next')}
            onClick={() => setAt((at + 1) % sites.length)}>›</button>
        </div>
      )}
    </div>
  );
}
