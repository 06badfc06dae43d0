import type { ReactNode } from 'react';
import { convert, formatNumber, useUnits } from '~/lib/units';
import { valueText } from '~/ui';
import { isEquipment } from '../model/scene';
import type { Difference } from '../sources/whatif';
import type { Site } from '../useScene';
import { words } from '../words';
import styles from './whatif.module.css';

const shownAtMost = 40;

// What changed most, by its share of the range that both sides run through.
export function Differences({ site, rows, selected, onSelect }: {
  site: Site; rows: Difference[]; selected: string | null;
  onSelect: (id: string | null) => void;
}): ReactNode {
  const t = words.use();
  const units = useUnits();
  const itemOf = (twin: string) => site.model.items.find(
    (item) => item.twin === twin && isEquipment(item));
  return (
    <aside className={styles.list}>
      <h2>{t('mostChanged')}</h2>
      {rows.length === 0 ? <p className="hw-dim">{t('noDifferences')}</p> : (
        <table aria-label={t('differences')}>
          <thead>
            <tr><th scope="col">{t('value')}</th><th scope="col">{t('wasValue')}</th>
              <th scope="col">{t('isValue')}</th><th scope="col">{t('change')}</th></tr>
          </thead>
          <tbody>
            {rows.slice(0, shownAtMost).map((one) => {
              const item = itemOf(one.twin);
              const change = convert(one.after, one.unit, units).value
                - convert(one.before, one.unit, units).value;
              return (
                <tr key={`${one.twin} ${one.path}`} data-selected={item?.id === selected}>
                  <th scope="row">
                    {item ? <button type="button" onClick={() => onSelect(item.id)}>
                      {item.name}</button> : one.twin}
                    <small>{one.path}</small>
                    <span className={styles.share} aria-hidden="true"
                      style={{ width: `${Math.round(Math.min(1, one.share) * 100)}%` }} />
                  </th>
                  <td>{valueText(one.before, one.unit, units)}</td>
                  <td>{valueText(one.after, one.unit, units)}</td>
                  <td><strong>{change < 0 ? '' : '+'}{formatNumber(change)}</strong></td>
                </tr>);
            })}
          </tbody>
        </table>)}
    </aside>
  );
}
