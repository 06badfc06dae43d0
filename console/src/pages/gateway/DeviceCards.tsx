import type { ReactNode } from 'react';
import { formatNumber } from '~/lib/units';
import { SparkLine } from '~/ui';
import styles from './gateway.module.css';
import type { DeviceSummary } from './model';
import { DeviceMark, rateText } from './parts';
import { rates } from './rates';
import { words } from './words';

export function ReadsLine({ name, width = 120, height = 28 }: {
  name: string; width?: number; height?: number;
}): ReactNode {
  const t = words.use();
  const steps = rates.steps(name);
  const to = steps[steps.length - 1]?.time ?? Date.now();
  return <SparkLine rows={steps.map((step) => ({ time: step.time, value: step.reads }))}
    from={to - 300e3} to={to} width={width} height={height} label={t('readsRate')} />;
}

export function DeviceCards({ devices, onOpen }: {
  devices: DeviceSummary[]; onOpen: (device: DeviceSummary) => void;
}): ReactNode {
  const t = words.use();
  return (
    <div className={`${styles.fill} ${styles.scroll}`}>
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
