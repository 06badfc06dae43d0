import type { ReactNode } from 'react';
import { formatNumber } from '~/lib/units';
import styles from './gateway.module.css';
import type { DeviceSummary } from './model';
import { DeviceMark, rateText } from './parts';
import { rates } from './rates';
import { words } from './words';

const spanMs = 300e3;

// Reads a second over the last five minutes, from nothing up: a steady rate is a steady line.
export function ReadsLine({ name, width = 120, height = 28 }: {
  name: string; width?: number; height?: number;
}): ReactNode {
  const t = words.use();
  const steps = rates.steps(name);
  const to = steps[steps.length - 1]?.time ?? 0;
  const most = Math.max(1, ...steps.map((step) => step.reads));
  const line = steps.filter((step) => step.time > to - spanMs).map((step, index) => {
    const x = width - 1 - ((to - step.time) / spanMs) * (width - 2);
    const y = height - 2 - (step.reads / most) * (height - 6);
    return `${index ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
  }).join('');
  return (
    <svg width={width} height={height} role="img" aria-label={t('readsLine')}
      style={{ display: 'block', maxWidth: '100%' }}>
      <path d={`M0 ${height - 1.5}h${width}`} stroke="var(--hw-line-strong)" fill="none" />
      <path d={line} fill="none" stroke="var(--hw-accent)" strokeWidth="1.4" />
    </svg>
  );
}

export function DeviceCards({ devices, onOpen }: {
  devices: DeviceSummary[]; onOpen: (device: DeviceSummary) => void;
}): ReactNode {
  const t = words.use();
  return (
    <div className={`${styles.fill} ${styles.scroll}`} tabIndex={0}>
      <div className={styles.cards}>
        {devices.map((device) => (
          <button type="button" key={device.name} className={`hw-panel ${styles.card}`}
            onClick={() => onOpen(device)}>
            <span className={styles.name}>
              <span><strong>{device.name}</strong></span>
              <small>{device.description || device.driver}</small>
            </span>
            <DeviceMark device={device} />
            <span className={styles.bar}>
              <span className={styles.num}>
                {rateText(rates.now(device.name)?.reads)} {t('perSecond')}
              </span>
              <span className={styles.spring} />
              <ReadsLine name={device.name} />
            </span>
            <span className={`${styles.dim} ${styles.num}`}>
              {device.driver} · {t('tagCount', { count: device.tags })}
              {device.state?.round_trip_ms
                ? ` · ${formatNumber(device.state.round_trip_ms)} ms` : ''}
            </span>
          </button>
        ))}
      </div>
    </div>
  );
}
