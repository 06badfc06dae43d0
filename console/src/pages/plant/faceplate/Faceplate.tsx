import { CloseButton } from '@mantine/core';
import { ChartLine, Boxes, Crosshair, Network } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { Link } from 'react-router';
import { useLink } from '~/lib/live';
import { formatTime, useZone } from '~/lib/time';
import { ProblemAlert, State } from '~/ui';
import { shortModel, useShape, useTwin } from '../../twin/data';
import { useTwinStream } from '../../twin/useTwinStream';
import type { Trouble } from '../contract';
import { words } from '../words';
import { useDevice, usePast } from './data';
import styles from './faceplate.module.css';
import type { Limits } from './limits';
import { StateLine } from './StateLine';
import { Values } from './Values';

// What one sees at the equipment, on any page: state, values with their last hour and limits, what
// may be set, and how the last orders ended. Nothing is done until the plant has read it back.
export interface FaceplateProps {
  twin: string | undefined;
  name: string;
  trouble?: Trouble;
  limits?: ReadonlyMap<string, Limits>; // by property, where the page knows them
  at?: number | null; // the moment of a replay; null or left out: now
  onShow?: () => void; // leads to it in the scene
  onClose?: () => void;
}

export function Faceplate({ twin: id, name, trouble, limits, at = null, onShow, onClose }:
FaceplateProps): ReactNode {
  const t = words.use();
  const head = useRef<HTMLHeadingElement>(null);
  // Who came by keys goes on by keys in here.
  useEffect(() => {
    if (document.activeElement?.matches(':focus-visible'))
      head.current?.focus({ preventScroll: true });
  }, []);
  return (
    <aside className={styles.face} aria-label={t('faceplate', { name })}>
      <div className={styles.head}>
        <div>
          <h2 ref={head} tabIndex={-1}>{name}</h2>
          {id && <span className="hw-dim hw-mono">{id}</span>}
        </div>
        {onClose && <CloseButton aria-label={t('close')} title="Esc" onClick={onClose} />}
      </div>
      {trouble && (
        <div className={styles.trouble} data-kind={trouble.kind} role="status">
          <State kind={trouble.kind}>{trouble.text}</State>
        </div>)}
      {id ? <Body id={id} at={at} limits={limits} onShow={onShow} />
        : <p className="hw-dim">{t('noTwin')}</p>}
    </aside>
  );
}

function Body({ id, at, limits, onShow }: {
  id: string; at: number | null; limits: ReadonlyMap<string, Limits> | undefined;
  onShow: (() => void) | undefined;
}): ReactNode {
  const t = words.use();
  const zone = useZone();
  const link = useLink();
  const twin = useTwin(id);
  const shape = useShape(twin.data?.model);
  const stream = useTwinStream(twin.data);
  const past = usePast(twin.data, shape.data?.slots, at);
  const points = Object.values(twin.data?.properties ?? {}).flatMap((one) => one.point ?? []);
  const device = useDevice(points[0], at === null);
  if (twin.isError) return <ProblemAlert error={twin.error} retry={() => void twin.refetch()} />;
  if (!twin.data) return null;
  const values = past?.values ?? stream.values;
  const down = at === null && (stream.down || link.state === 'down');
  return (
    <>
      <StateLine twin={twin.data} values={values} device={device} at={at} down={down} />
      <nav className={styles.links} aria-label={shortModel(twin.data.model)}>
        {onShow && <button type="button" onClick={onShow}>
          <Crosshair size={14} aria-hidden="true" />{t('showThere')}</button>}
        <Link to={`/twin?id=${encodeURIComponent(id)}`}>
          <Boxes size={14} aria-hidden="true" />{t('toTwin')}</Link>
        {points.length > 0 && (
          <Link to={trendsOf(points, at)}><ChartLine size={14} aria-hidden="true" />
            {t('toTrends')}</Link>)}
        {device && (
          <Link to={`/gateway?device=${encodeURIComponent(device.name)}`} title={device.name}>
            <Network size={14} aria-hidden="true" />{t('device')}</Link>)}
      </nav>
      {past && <State kind="note">
        {t('replayOf', { time: formatTime(past.time, 'clock', zone) })}</State>}
      <Values twin={twin.data} shape={shape.data} values={values} limits={limits} down={down}
        at={past ? past.time : null} />
    </>
  );
}

const pensAtMost = 16;

// All pens of the equipment; of a replay the hours around its moment.
export function trendsOf(points: string[], at: number | null): string {
  const pens = points.slice(0, pensAtMost).map(encodeURIComponent).join(',');
  const iso = (time: number) => encodeURIComponent(new Date(time).toISOString());
  return `/trends?pens=${pens}` + (at === null ? ''
    : `&from=${iso(at - 3 * 3600e3)}&to=${iso(Math.min(Date.now(), at + 3600e3))}`);
}
