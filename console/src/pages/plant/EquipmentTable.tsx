import { useMemo, useSyncExternalStore, type ReactNode } from 'react';
import { useUnits } from '~/lib/units';
import { DataTable, State, type Column } from '~/ui';
import type { Trouble, ValueSource } from './contract';
import { isEquipment, type Item, type SceneModel } from './model/scene';
import { itemState, motionWord, type ShownLabel } from './model/state';
import styles from './plant.module.css';
import { words } from './words';

interface Row {
  item: Item;
  motion: string;
  values: ShownLabel[];
  trouble: Trouble | undefined;
}

const weight = { alarm: 3, warn: 2, note: 1 };

// The scene as a table: the same equipment, for those who do not see it or rather read it.
export function EquipmentTable({ model, source, trouble, selected, onSelect }: {
  model: SceneModel; source: ValueSource; trouble: (node: Item['node']) => Trouble | undefined;
  selected: string | null; onSelect: (id: string) => void;
}): ReactNode {
  const t = words.use();
  const set = useUnits();
  const snapshot = useSyncExternalStore(source.subscribe, () => stateKey(model, source));
  const rows = useMemo(() => {
    void snapshot;
    return model.items.filter(isEquipment).map((item): Row => {
      const state = itemState(item, source, trouble(item.node), set);
      return {
        item, motion: motionWord(state.motion), trouble: state.trouble, values: state.labels,
      };
    });
  }, [snapshot, model, source, trouble, set, t]);
  const columns: Column<Row>[] = [
    { id: 'name', title: t('equipment'), width: '26%', sort: (row) => row.item.name,
      cell: (row) => row.item.name },
    { id: 'state', title: t('state'), width: '16%', sort: (row) => row.motion,
      cell: (row) => (row.motion
        ? <State kind={row.motion === t('running') ? 'ok' : 'idle'}>{row.motion}</State> : '') },
    { id: 'values', title: t('values'), cell: (row) => (
      <span className={styles.cells}>
        {row.values.map((one, i) => (
          <span key={i} className={one.trust === 'good' ? 'hw-num' : 'hw-num hw-hatched'}>
            {one.text}{one.trust !== 'good' && one.trust !== 'none'
              && <em> {t(`trust_${one.trust}`)}</em>}
          </span>))}
      </span>) },
    { id: 'trouble', title: t('trouble'), width: '26%',
      sort: (row) => (row.trouble ? -weight[row.trouble.kind] : 0),
      cell: (row) => (row.trouble
        ? <State kind={row.trouble.kind}>{row.trouble.text}</State> : '') },
  ];
  return (
    <div className={styles.tabled}>
      <DataTable rows={rows} columns={columns} rowKey={(row) => row.item.id}
        label={t('equipment')} selected={selected ?? undefined}
        onOpen={(row) => onSelect(row.item.id)} />
    </div>
  );
}

// A text that changes when any value does.
function stateKey(model: SceneModel, source: ValueSource): string {
  let key = '';
  for (const bound of model.bound) {
    const [twin, property] = bound.split('\n') as [string, string];
    const reading = source.read(twin, property);
    key += `${String(reading?.value)} ${reading?.trust ?? ''};`;
  }
  return key;
}
