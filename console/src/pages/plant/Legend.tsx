import { Button, CloseButton } from '@mantine/core';
import { Info } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import { useUnits } from '~/lib/units';
import { State } from '~/ui';
import type { SetAddress } from './address';
import styles from './legend.module.css';
import { scalesOf, type Scale } from './model/legend';
import type { Site } from './useScene';
import { words } from './words';

// What forms, hatching and colours mean; every state of it is told by form or word too.
export function Legend({ site, spatial, open, set }: {
  site: Site; spatial: boolean; open: boolean; set: SetAddress;
}): ReactNode {
  const t = words.use();
  const units = useUnits();
  const scales = useMemo(() => scalesOf(site.model, site.info, spatial, units),
    [site, spatial, units]);
  if (!open)
    return (
      <Button className={styles.opener} data-beside={!spatial} size="compact-xs" variant="default"
        leftSection={<Info size={13} />} onClick={() => set({ legend: '1' })}>
        {t('legend')}</Button>
    );
  return (
    <section className={styles.legend} aria-label={t('legend')}>
      <header>
        <h2>{t('legend')}</h2>
        <CloseButton size="sm" aria-label={t('close')} onClick={() => set({ legend: null })} />
      </header>
      <ul>
        <li><Sign><circle cx="9" cy="8" r="6" className={styles.filled} />
          <path d="M6.5 4.5L14 8L6.5 11.5" className={styles.inner} /></Sign>{t('legendRuns')}</li>
        <li><Sign><circle cx="9" cy="8" r="6" className={styles.empty} />
          <path d="M6.5 4.5L14 8L6.5 11.5" className={styles.outer} /></Sign>
        {t('legendStands')}</li>
        <li><Sign><path d="M1 8H18" className={styles.pipe} />
          <path d="M7 4.5L13 8L7 11.5z" className={styles.arrow} /></Sign>{t('legendFlow')}</li>
        <li><Sign><path d="M3 2V14H15V2" className={styles.outer} />
          <path d="M3 8H15V14H3z" className={styles.water} /></Sign>{t('legendLevel')}</li>
        <li><span className={`${styles.doubt} hw-hatched`} />{t('legendDoubt')}</li>
        <li className={styles.kinds}><State kind="alarm">{t('legendAlarm')}</State>
          <State kind="warn">{t('legendWarn')}</State>
          <State kind="note">{t('legendNote')}</State></li>
      </ul>
      {scales.length > 0 && <h3>{t('legendColours')}</h3>}
      {scales.map((scale) => <ScaleRow key={scale.title + scale.stops[0]?.text} scale={scale} />)}
    </section>
  );
}

const Sign = ({ children }: { children: ReactNode }): ReactNode => (
  <svg width="18" height="16" viewBox="0 0 18 16" aria-hidden="true">{children}</svg>
);

function ScaleRow({ scale }: { scale: Scale }): ReactNode {
  const { stops, smooth, title, unit } = scale;
  const share = 100 / stops.length;
  const bands = stops.map(({ colour }, i) => smooth
    ? `${colour} ${(i / (stops.length - 1)) * 100}%`
    : `${colour} ${i * share}% ${(i + 1) * share}%`);
  return (
    <div className={styles.scale}>
      <span>{title}{unit && <small> {unit}</small>}</span>
      <span className={styles.band} style={{
        background: `linear-gradient(90deg, ${bands.join(', ')})` }} />
      <span className={styles.stops} data-smooth={smooth}>
        {stops.map((one) => <span key={one.text} className="hw-num">{one.text}</span>)}
      </span>
    </div>
  );
}
