import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { ProblemAlert } from '~/ui';
import styles from './gateway.module.css';
import { useDrivers } from './model';
import { words } from './words';

export function WizardDriver({ chosen, onChoose }: {
  chosen: string; onChoose: (name: string) => void;
}): ReactNode {
  const t = words.use();
  const drivers = useDrivers();
  if (drivers.isError)
    return <ProblemAlert error={drivers.error} retry={() => void drivers.refetch()} />;
  if (!drivers.data) return <Skeleton height={200} />;
  return (
    <>
      <p style={{ margin: 0 }}>{t('driverQuestion')}</p>
      <div className={styles.choices} role="radiogroup" aria-label={t('driver')}>
        {drivers.data.map((driver) => (
          <button key={driver.name} type="button" role="radio" className={styles.choice}
            aria-checked={chosen === driver.name} onClick={() => onChoose(driver.name)}>
            <strong>{driver.title}</strong>
            <span>{driver.help}</span>
            <span>{t(`link_${driver.link}`)}</span>
          </button>))}
      </div>
      <p className={styles.dim} style={{ margin: 0 }}>{t('mqttHint')}</p>
    </>
  );
}
