import { Autocomplete } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import { usePoints } from '~/lib/points';
import { unitText } from '~/lib/units';
import { Value } from '~/ui';
import type { Slot } from '../data';
import styles from '../twin.module.css';
import { words } from '../words';
import { fedFirst, usualPoint } from './bindings';

const choices = 50;

// Which point feeds which property, with what the point reads now. Empty means the usual one.
export function Bindings({ slots, id, bindings, onChange }: {
  slots: Slot[]; id: string; bindings: Record<string, string>;
  onChange: (bindings: Record<string, string>) => void;
}): ReactNode {
  const t = words.use();
  const points = usePoints();
  const all = useMemo(() => points.data ?? [], [points.data]);
  const sorted = useMemo(
    () => fedFirst(slots, id, new Set(all.map((one) => one.point))), [slots, id, all]);
  return (
    <div className={styles.tableScroll}>
      <table className={styles.table}>
        <thead><tr>
          <th scope="col">{t('property')}</th><th scope="col">{t('point')}</th>
          <th scope="col" className={styles.num}>{t('readsNow')}</th>
        </tr></thead>
        <tbody>
          {sorted.map((slot) => {
            const usual = usualPoint(slot, id);
            const typed = bindings[slot.path] ?? '';
            const wanted = typed.toLowerCase();
            const point = typed || usual || undefined;
            const info = all.find((one) => one.point === point);
            const other = info?.unit && slot.unit
              && unitText(info.unit, 'si') !== unitText(slot.unit, 'si');
            return (
              <tr key={slot.path}>
                <td>{slot.displayName ?? slot.path}{' '}
                  <span className={styles.sub}>{slot.unit}</span></td>
                <td style={{ minWidth: 300 }}>
                  <Autocomplete size="xs" value={typed} placeholder={usual ?? t('usualPoint')}
                    aria-label={t('pointOf', { name: slot.path })}
                    data={all.filter((one) => one.point.toLowerCase().includes(wanted))
                      .slice(0, choices).map((one) => one.point)}
                    filter={({ options }) => options}
                    onChange={(next) => onChange({ ...bindings, [slot.path]: next })} />
                  {other && <div className={styles.hint}>△ {t('otherUnit',
                    { point: info.unit ?? '', slot: slot.unit ?? '' })}</div>}
                </td>
                <td className={styles.num}>
                  <Value point={point} unit={info?.unit ?? slot.unit} /></td>
              </tr>);
          })}
        </tbody>
      </table>
    </div>
  );
}
