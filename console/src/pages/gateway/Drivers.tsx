import { Anchor, Skeleton } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ProblemAlert } from '~/ui';
import { boundsText, fieldsOf } from './driverForm';
import styles from './gateway.module.css';
import { useDriver, useDrivers } from './model';
import { useParams } from './useParam';
import { words } from './words';

function DriverFacts({ name }: { name: string }): ReactNode {
  const t = words.use();
  const driver = useDriver(name);
  if (driver.isError) return <ProblemAlert error={driver.error} />;
  if (!driver.data) return <Skeleton height={120} mt={8} />;
  return (
    <div style={{ marginTop: 10 }}>
      <h3>{t('addresses')}</h3>
      <table className={`${styles.plain} ${styles.lined}`}>
        <tbody>
          {driver.data.addresses.map((one) => (
            <tr key={one.form}>
              <td className="hw-mono">{one.form}</td><td className="hw-mono">{one.example}</td>
              <td className={styles.dim}>{one.help}</td>
            </tr>))}
        </tbody>
      </table>
      <h3 style={{ marginTop: 12 }}>{t('types')}</h3>
      <span className="hw-mono">{driver.data.types.join(' ')}</span>
      <h3 style={{ marginTop: 12 }}>{t('settings')}</h3>
      <table className={`${styles.plain} ${styles.lined}`}>
        <thead><tr><th>{t('setting')}</th><th>{t('default')}</th><th>{t('bounds')}</th>
          <th>{t('description')}</th></tr></thead>
        <tbody>
          {fieldsOf(driver.data.settings).map((field) => (
            <tr key={field.name}>
              <td className="hw-mono">{field.name}</td>
              <td className="hw-mono">{field.default || '–'}</td>
              <td style={{ whiteSpace: 'nowrap' }}>
                {field.choices?.join(', ') || boundsText(field, t('to')) || '–'}</td>
              <td className={styles.dim}>{field.help}</td>
            </tr>))}
        </tbody>
      </table>
    </div>
  );
}

// What the gateway can speak, from the drivers' own tables.
export function Drivers(): ReactNode {
  const t = words.use();
  const { set } = useParams();
  const drivers = useDrivers();
  const [open, setOpen] = useState('');
  if (drivers.isError)
    return <ProblemAlert error={drivers.error} retry={() => void drivers.refetch()} />;
  if (!drivers.data) return <Skeleton height={240} />;
  return (
    <div className={`${styles.page} ${styles.scroll}`} tabIndex={0}>
      {drivers.data.map((driver) => (
        <section key={driver.name} className={`hw-panel ${styles.panel}`}>
          <div className={styles.bar}>
            <strong>{driver.title}</strong> <span className="hw-mono hw-dim">{driver.name}</span>
            <span className={styles.dim}>{t(`link_${driver.link}`)}</span>
            <span className={styles.spring} />
            <Anchor component="button" type="button" size="sm"
              onClick={() => set({ new: '1', driver: driver.name, step: '1' }, true)}>
              {t('newDevice')}</Anchor>
            <Anchor component="button" type="button" size="sm" aria-expanded={open === driver.name}
              onClick={() => setOpen((old) => (old === driver.name ? '' : driver.name))}>
              {open === driver.name ? t('less') : t('details')}</Anchor>
          </div>
          <div className={styles.dim}>{driver.help}</div>
          {open === driver.name && <DriverFacts name={driver.name} />}
        </section>))}
    </div>
  );
}
