import { ArrowRight } from 'lucide-react';
import { useMemo, useSyncExternalStore, type ReactNode } from 'react';
import { Link } from 'react-router';
import { live, useLink, type Link as LinkOfPage, type Trust } from '~/lib/live';
import { parseTime } from '~/lib/time';
import { convert, useUnits } from '~/lib/units';
import { Bar, ShownValue, Sparkline, State, trustOf } from '~/ui';
import { isUp, useSiteDevices, worksOf, type Device, type Site } from './data';
import { measuresOf, outside, type Measure } from './measures';
import styles from './overview.module.css';
import { words } from './words';

const oldMs = 120_000;

// A value of a twin as of now: the server says how good it is; without the server, or long after
// its time, it is not of now.
function trustIn(measure: Measure, answered: boolean, link: LinkOfPage): Trust {
  if (link.state === 'down' || !answered) return 'offline';
  const trust = trustOf(measure.quality);
  const age = Date.now() + (link.clockOffsetMs || 0) - parseTime(measure.time);
  return trust === 'good' && age > oldMs ? 'stale' : trust;
}

function MeasureRow({ measure, span, trust, tv }: {
  measure: Measure; span: string; trust: Trust; tv: boolean;
}): ReactNode {
  const t = words.use();
  const set = useUnits();
  const { key, value, unit, point } = measure;
  const of = (one: number) => convert(one, unit, set).value;
  const ofOr = (one: number | undefined) => one === undefined ? undefined : of(one);
  const wrong = outside(measure) && trust !== 'offline';
  return (
    <tr data-wrong={wrong}>
      <th scope="row">{t(key)}</th>
      <td className={styles.value}>
        <ShownValue value={value} unit={unit} trust={trust} quality={measure.quality} />
      </td>
      <td className={styles.mark}>
        {wrong && <State kind="alarm"><span className="hw-visually-hidden">
          {t('abnormal', { count: 1 })}</span></State>}
      </td>
      <td className={styles.bar}>
        <Bar value={value === null ? undefined : of(value)} min={of(measure.min)}
          max={of(measure.max)} low={ofOr(measure.low)} high={ofOr(measure.high)} trust={trust}
          width={tv ? 220 : 112} height={tv ? 24 : 16} />
      </td>
      <td className={styles.spark}>
        {point
          ? <Link to={`/trends?pens=${encodeURI(point)}&from=now-${span}`}
              aria-label={t('trend', { name: t(key) })} title={point}>
              <Sparkline point={point} span={span} width={tv ? 320 : 128} height={tv ? 46 : 26}
                low={measure.low} high={measure.high} />
            </Link>
          : <span className="hw-dim">{t('kept')}</span>}
      </td>
    </tr>
  );
}

// Whether a point has history at all, as far as the live stream has told.
function useKept(): (point: string) => boolean {
  const count = useSyncExternalStore(
    (listener) => live.subscribeAll(listener), () => live.paths().length);
  return useMemo(() => {
    void count;
    return (point: string) => live.get(point) !== undefined;
  }, [count]);
}

export function SiteTile({ site, devices, alone, span, answered, tv }: {
  site: Site; devices: Device[] | undefined; alone: boolean; span: string; answered: boolean;
  tv: boolean;
}): ReactNode {
  const t = words.use();
  const kept = useKept();
  const measures = useMemo(() => measuresOf(site.twins, kept), [site.twins, kept]);
  const own = useSiteDevices(site, devices, alone).filter(({ enabled }) => enabled);
  const up = own.filter(isUp).length;
  const link = useLink();
  const trusts = measures.map((measure) => trustIn(measure, answered, link));
  const wrong = measures.filter(outside).length;
  // Normal is said only of what is known as of now.
  const doubtful = trusts.filter((trust) => trust !== 'good').length;
  const works = worksOf(site);
  return (
    <article className={styles.tile} aria-label={t('site', { name: site.name })} data-tv={tv}>
      <header>
        <h2>{site.name}</h2>
        {wrong > 0 && <State kind="alarm">{t('abnormal', { count: wrong })}</State>}
        {doubtful > 0 && <State kind="note">{t('doubtful', { count: doubtful })}</State>}
        {measures.length > 0 && wrong + doubtful === 0
          && <State kind="ok">{t('normal')}</State>}
        <span className={styles.spring} />
        {devices && own.length > 0 && (
          <State kind={up < own.length ? 'warn' : 'ok'}>
            {t('devices')}: {t('devicesUp', { up, all: own.length })}</State>)}
        {!tv && <Link to={`/plant/${encodeURI((works ?? site).id)}`} className={styles.open}>
          {t('toPlant')} <ArrowRight size={14} aria-hidden="true" /></Link>}
      </header>
      {measures.length === 0 ? <p className="hw-dim">{t('noMeasures')}</p> : (
        <table aria-label={t('table', { name: site.name })}>
          <tbody>
            {measures.map((measure, i) => <MeasureRow key={measure.key} measure={measure}
              span={span} trust={trusts[i] ?? 'none'} tv={tv} />)}
          </tbody>
        </table>
      )}
    </article>
  );
}
