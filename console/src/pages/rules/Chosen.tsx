import { Button, Checkbox } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Download, Power, PowerOff } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { Column } from '~/ui';
import { enableRule, refreshRules, specOf, type Rule } from './data';
import { saveFile, sayProblem, sayWithUndo } from './notify';
import styles from './rules.module.css';
import { words, type T } from './words';

// The column in which rules are chosen for what is done with many.
export const choiceColumn = (
  t: T, chosen: ReadonlySet<string>, toggle: (id: string) => void,
): Column<Rule> => ({
  id: 'choice', title: '', width: 38, cell: (rule) => (
    <span onClick={(event) => event.stopPropagation()} role="presentation">
      <Checkbox size="xs" aria-label={t('select', { id: rule.id })} checked={chosen.has(rule.id)}
        onChange={() => toggle(rule.id)} />
    </span>),
});

// What can be done with the chosen rules; only those that are not so already are touched, and the
// way back is theirs alone.
export function ChosenBar({ rules, shown, mayEdit, onChoose }: {
  rules: Rule[]; shown: Rule[]; mayEdit: boolean; onChoose: (ids: string[]) => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const all = async (ids: string[], on: boolean) => {
    for (const id of ids) await enableRule(id, on);
    await refreshRules(client);
  };
  const run = (on: boolean) => {
    const ids = rules.filter((rule) => rule.enable !== on).map((rule) => rule.id);
    setBusy(true);
    all(ids, on).then(
      () => sayWithUndo(t(on ? 'enabledMany' : 'disabledMany', { count: ids.length }),
        () => all(ids, !on)),
      (error: unknown) => {
        sayProblem(error);
        return refreshRules(client);
      }).finally(() => setBusy(false));
  };
  return (
    <div className={styles.bar} role="toolbar" aria-label={t('selected', { count: rules.length })}>
      <strong>{t('selected', { count: rules.length })}</strong>
      {mayEdit && <>
        <Button size="compact-sm" variant="default" loading={busy} leftSection={<Power size={14} />}
          disabled={rules.every((rule) => rule.enable)} onClick={() => run(true)}>
          {t('enable')}</Button>
        <Button size="compact-sm" variant="default" loading={busy}
          leftSection={<PowerOff size={14} />} disabled={rules.every((rule) => !rule.enable)}
          onClick={() => run(false)}>{t('disable')}</Button>
      </>}
      <Button size="compact-sm" variant="default" leftSection={<Download size={14} />}
        onClick={() => saveFile('headworks-rules.json',
          JSON.stringify({ rules: rules.map(specOf) }, null, 2))}>{t('exportChosen')}</Button>
      <span style={{ flex: 1 }} />
      <Button size="compact-sm" variant="subtle" disabled={rules.length === shown.length}
        onClick={() => onChoose(shown.map((rule) => rule.id))}>{t('selectAll')}</Button>
      <Button size="compact-sm" variant="subtle" onClick={() => onChoose([])}>
        {t('clearChoice')}</Button>
    </div>
  );
}
