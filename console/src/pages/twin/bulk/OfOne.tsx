import { useState, type ReactNode } from 'react';
import { useUnits } from '~/lib/units';
import { valueText } from '~/ui';
import { nameOf, plain, type Slot, type Twin, type TwinValue } from '../data';
import { useDocs } from '../detail/DescriptionTab';
import { check, plainSchema, slotField } from '../schema';
import { SchemaField } from '../SchemaField';
import twinStyles from '../twin.module.css';
import { words as twinWords } from '../words';
import type { Wanted } from './many';
import { ManyDesired } from './ManyDesired';
import { words } from './words';

// Several properties of one twin; what stays empty is left as it is.
export function ManyOfOne({ twin, slots, values, onClose }: {
  twin: Twin; slots: Slot[]; values: Record<string, TwinValue>; onClose: () => void;
}): ReactNode {
  const t = words.use();
  const say = twinWords.use();
  const units = useUnits();
  const docs = useDocs(slots.filter((one) => !plainSchema(one.schema))
    .map((one) => one.definedIn));
  const [wishes, setWishes] = useState<Record<string, unknown>>({});
  const rows = slots.map((slot) => {
    const field = slotField(slot, docs.get(slot.definedIn));
    const value = wishes[slot.path];
    return { slot, field, value, flaw: value === undefined ? undefined : check(field, value)[0] };
  });
  const wanted = rows.filter((one) => one.value !== undefined).map(({ slot, value }): Wanted => ({
    twin: twin.id, name: nameOf(twin), path: slot.path, title: slot.displayName ?? slot.path,
    value, before: values[slot.path]?.value, unit: slot.unit,
  }));
  return (
    <ManyDesired title={t('ofOne', { name: nameOf(twin) })} wanted={wanted} onClose={onClose}
      flawed={rows.some((one) => one.flaw !== undefined)}>
      <div className="hw-dim">{t('ofOneHint')}</div>
      <div className={twinStyles.formGrid}>
        {rows.map(({ slot, field, value, flaw }) => (
          <SchemaField key={`${slot.path} ${docs.size}`} field={field} value={value}
            label={slot.displayName ?? slot.path}
            description={t('reportedNow', {
              value: valueText(plain(values[slot.path]?.value), slot.unit, units) })}
            error={flaw ? say(flaw.key, flaw.values) : undefined}
            onChange={(next) => setWishes((old) => ({ ...old, [slot.path]: next }))} />))}
      </div>
    </ManyDesired>
  );
}
