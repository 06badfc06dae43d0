import { ActionIcon, Button, Group, Popover, TextInput, Tooltip } from '@mantine/core';
import { PenLine } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { live, type LiveValue, type PointValue, type Trust } from '~/lib/live';
import { convertBack, unitText, useUnits } from '~/lib/units';
import { ConfirmWrite, ShownValue, valueText } from '~/ui';
import styles from './gateway.module.css';
import type { Tag } from './model';
import { isSwitch, parseValue, writePoint } from './write';
import { words } from './words';

const limitsText = ({ min, max, unit }: Tag): string | undefined =>
  min === null && max === null ? undefined
    : `${min ?? ''} … ${max ?? ''}${unit ? ` ${unit}` : ''}`;

// The new value of a point is typed in a small window at its row; then ConfirmWrite asks.
export function WriteCell({ point, tag }: { point: string; tag: Tag }): ReactNode {
  const t = words.use();
  const units = useUnits();
  const [opened, setOpened] = useState(false);
  const [text, setText] = useState('');
  const [wanted, setWanted] = useState<PointValue | undefined>(undefined);
  // What was there when it was asked; the live value is the new one soon.
  const [old, setOld] = useState<{ value?: LiveValue; trust: Trust }>({ trust: 'none' });
  const take = (typed: PointValue | undefined) => {
    if (typed === undefined) return;
    setOpened(false);
    const value = live.get(point);
    setOld({ value, trust: live.trust(value) });
    setWanted(typeof typed === 'number' ? convertBack(typed, tag.unit, units) : typed);
  };
  const parsed = parseValue(text, tag.type);
  const shownUnit = unitText(tag.unit, units);
  return (
    <span onClick={(event) => event.stopPropagation()} role="presentation">
      <Popover opened={opened} onChange={setOpened} trapFocus withinPortal position="left"
        returnFocus shadow="md">
        <Popover.Target>
          <Tooltip label={t('write')} disabled={opened}>
            <ActionIcon variant="subtle" size="sm" aria-label={t('writeOf', { name: tag.name })}
              onClick={() => {
                setText('');
                setOpened((old) => !old);
              }}><PenLine size={14} /></ActionIcon>
          </Tooltip>
        </Popover.Target>
        <Popover.Dropdown>
          {isSwitch(tag.type) ? (
            <Group gap="xs" role="group" aria-label={t('newValueOf', { name: tag.name })}>
              <span>{t('newValueOf', { name: tag.name })}</span>
              <Button size="compact-sm" variant="default" data-autofocus
                onClick={() => take(true)}>
                {t('on')}</Button>
              <Button size="compact-sm" variant="default" onClick={() => take(false)}>
                {t('off')}</Button>
            </Group>
          ) : (
            <form onSubmit={(event) => {
              event.preventDefault();
              take(parsed);
            }}>
              <Group gap="xs" wrap="nowrap" align="flex-end">
                <TextInput size="xs" w={190} data-autofocus value={text}
                  label={t('newValueOf', { name: tag.name })} description={limitsText(tag)}
                  rightSection={<span className={styles.dim}>{shownUnit}</span>}
                  error={text !== '' && parsed === undefined ? t('notNumber') : undefined}
                  onChange={(event) => setText(event.currentTarget.value)} />
                <Button size="xs" type="submit" disabled={parsed === undefined}>
                  {t('write')} …</Button>
              </Group>
            </form>
          )}
        </Popover.Dropdown>
      </Popover>
      <ConfirmWrite opened={wanted !== undefined} onClose={() => setWanted(undefined)} what={point}
        oldText={<ShownValue value={old.value?.value} quality={old.value?.quality}
          trust={old.trust} unit={tag.unit} />}
        newText={valueText(wanted, tag.unit, units)}
        run={(reason) => writePoint(point, wanted ?? null, reason, tag.unit, units,
          t('notReadBack'))} />
    </span>
  );
}
