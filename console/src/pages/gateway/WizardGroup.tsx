import { Button, Group as Row, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import styles from './gateway.module.css';
import { intervalOf } from './GroupDialog';
import type { Group } from './model';
import { intervalText } from './parts';
import { words } from './words';

const usual = [250, 1000, 5000, 60_000];

export function WizardGroup({ group, onBack, onNext }: {
  group: Group; onBack: () => void; onNext: (group: Group) => void;
}): ReactNode {
  const t = words.use();
  const [name, setName] = useState(group.name);
  const [text, setText] = useState(intervalText(group.interval_ms));
  const ms = intervalOf(text);
  const ready = name.trim() !== '' && !Number.isNaN(ms);
  return (
    <form style={{ display: 'contents' }} onSubmit={(event) => {
      event.preventDefault();
      if (ready) onNext({ ...group, name: name.trim(), interval_ms: ms });
    }}>
      <section className={`hw-panel ${styles.panel}`}>
        <h2>{t('groupQuestion')}</h2>
        <p className={styles.dim} style={{ margin: '0 0 12px' }}>{t('groupsHelp')}</p>
        <Stack gap="sm" maw={420}>
          <div>
            <div style={{ fontSize: 12, marginBottom: 4 }}>{t('interval')}</div>
            <Row gap="xs">
              <SegmentedControl size="xs" aria-label={t('interval')}
                value={usual.includes(ms) ? String(ms) : ''}
                onChange={(value) => setText(intervalText(Number(value)))}
                data={usual.map((one) => ({ value: String(one), label: intervalText(one) }))} />
              <TextInput size="xs" w={100} value={text} aria-label={t('interval')}
                error={Number.isNaN(ms) ? t('intervalFlaw') : undefined}
                onChange={(event) => setText(event.currentTarget.value)} />
            </Row>
          </div>
          <TextInput size="xs" label={t('groupName')} value={name}
            onChange={(event) => setName(event.currentTarget.value)} />
        </Stack>
      </section>
      <Row>
        <Button variant="default" onClick={onBack}>{t('back')}</Button>
        <span className={styles.spring} />
        <Button type="submit" disabled={!ready} autoFocus>{t('next')}</Button>
      </Row>
    </form>
  );
}
