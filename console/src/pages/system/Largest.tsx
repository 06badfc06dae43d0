import { Skeleton } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import { Link } from 'react-router';
import { usePoints } from '~/lib/points';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { formatNumber } from '~/lib/units';
import styles from '~/pages/gateway/gateway.module.css';
import { ProblemAlert } from '~/ui';
import { branchesOf, largestOf } from './largestOf';
import { words } from './words';

const shownPoints = 20;

// Which points, and which branches of the plant, have most samples: where retention would help.
export function Largest(): ReactNode {
  const t = words.use();
  const zone = useZone();
  const points = usePoints();
  const branches = useMemo(() => branchesOf(points.data ?? []), [points.data]);
  const largest = useMemo(() => largestOf(points.data ?? [], shownPoints), [points.data]);
  if (points.isError)
    return <ProblemAlert error={points.error} retry={() => void points.refetch()} />;
  if (!points.data) return <Skeleton height={160} />;
  const all = branches.reduce((sum, one) => sum + one.count, 0);
  return (
    <>
      <section className={`hw-panel ${styles.panel}`}>
        <h2>{t('byBranch')}</h2>
        <table className={`${styles.plain} ${styles.lined}`}>
          <thead><tr><th>{t('branch')}</th><th className={styles.num}>{t('points')}</th>
            <th className={styles.num}>{t('samples')}</th><th className={styles.num}>
              {t('share')}</th></tr></thead>
          <tbody>
            {branches.map((one) => (
              <tr key={one.path}>
                <td className="hw-mono">{one.path}</td>
                <td className={styles.num}>{formatNumber(one.points, 0)}</td>
                <td className={styles.num}>{formatNumber(one.count, 0)}</td>
                <td className={styles.num}>{formatNumber((100 * one.count) / (all || 1), 1)} %</td>
              </tr>))}
          </tbody>
        </table>
      </section>
      <section className={`hw-panel ${styles.panel}`}>
        <h2>{t('byPoint', { count: largest.length })}</h2>
        <table className={`${styles.plain} ${styles.lined}`}>
          <thead><tr><th>{t('point')}</th><th className={styles.num}>{t('samples')}</th>
            <th>{t('first')}</th><th>{t('last')}</th></tr></thead>
          <tbody>
            {largest.map((one) => (
              <tr key={one.point}>
                <td><Link className="hw-mono" style={{ color: 'var(--hw-accent)' }}
                  to={`/trends?pens=${encodeURIComponent(one.point)}`}>{one.point}</Link></td>
                <td className={styles.num}>{formatNumber(one.count, 0)}</td>
                <td>{formatTime(parseTime(one.first_time), 'full', zone)}</td>
                <td>{formatTime(parseTime(one.last_time), 'full', zone)}</td>
              </tr>))}
          </tbody>
        </table>
      </section>
    </>
  );
}
