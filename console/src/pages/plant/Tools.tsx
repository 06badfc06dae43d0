import { Button, Menu, SegmentedControl, Select } from '@mantine/core';
import { Eye, GitCompareArrows, Layers, PanelTop, Ruler } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import type { SetAddress } from './address';
import { findIn, finderOf } from './model/find';
import styles from './plant.module.css';
import type { Site } from './useScene';
import { words } from './words';

export type Mode = '3d' | '2d' | 'table';

export function Tools({ site, mode, webGl, hidden, measure, onMeasure, view, set, onFind, whatIf,
  alone }: {
  site: Site; mode: Mode; webGl: boolean; hidden: ReadonlySet<string>; measure: boolean;
  onMeasure: (on: boolean) => void; view: string | null; set: SetAddress;
  onFind: (id: string) => void; whatIf: boolean; alone: boolean;
}): ReactNode {
  const t = words.use();
  const { model } = site;
  const toggle = (id: string) => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    set({ layers: [...next].join(',') || ',' });
  };
  return (
    <div className={styles.tools}>
      <Finder site={site} onFind={onFind} />
      {mode === '3d' && webGl && model.views.length > 0 && (
        <Menu>
          <Menu.Target>
            <Button size="xs" variant="default" leftSection={<Eye size={14} />}>
              {t('views')}</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {model.views.map((one) => (
              <Menu.Item key={one.id} onClick={() => set({ view: one.id })}
                aria-current={view === one.id || undefined}>{one.name ?? one.id}</Menu.Item>))}
          </Menu.Dropdown>
        </Menu>)}
      {mode !== 'table' && model.layers.length > 0 && (
        <Menu closeOnItemClick={false}>
          <Menu.Target>
            <Button size="xs" variant="default" leftSection={<Layers size={14} />}>
              {t('layers')}</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {model.layers.map((one) => (
              <Menu.CheckboxItem key={one.id} checked={!hidden.has(one.id)}
                onChange={() => toggle(one.id)}>{one.name ?? one.id}</Menu.CheckboxItem>))}
          </Menu.Dropdown>
        </Menu>)}
      {mode === '3d' && webGl && (
        <Button size="xs" variant={measure ? 'filled' : 'default'} aria-pressed={measure}
          title={t('measureHelp')} leftSection={<Ruler size={14} />}
          onClick={() => onMeasure(!measure)}>{t('measure')}</Button>)}
      {mode === 'table' && !whatIf && (
        <Button size="xs" variant={alone ? 'default' : 'filled'} aria-pressed={!alone}
          title={t('sceneAboveHelp')} leftSection={<PanelTop size={14} />}
          onClick={() => set({ alone: alone ? null : '1' })}>{t('sceneAbove')}</Button>)}
      <Button size="xs" variant={whatIf ? 'filled' : 'default'} aria-pressed={whatIf}
        title={t('whatIfHelp')} leftSection={<GitCompareArrows size={14} />}
        onClick={() => set({ whatif: whatIf ? null : '1', at: null, play: null })}>
        {t('whatIf')}</Button>
      <SegmentedControl size="xs" value={mode} aria-label={t('mode')}
        data={[{ value: '3d', label: t('mode3d'), disabled: !webGl },
          { value: '2d', label: t('mode2d') }, { value: 'table', label: t('modeTable') }]}
        onChange={(value) => set({
          mode: value, ...(value === 'table' && mode !== 'table' ? { beside: mode } : {}) })} />
    </div>
  );
}

const foundAtMost = 30;

// By name, id, twin or point; what of it met stands under the name.
function Finder({ site, onFind }: { site: Site; onFind: (id: string) => void }): ReactNode {
  const t = words.use();
  const [text, setText] = useState('');
  const finder = useMemo(() => finderOf(site.model, site.info), [site]);
  const found = useMemo(() => findIn(finder, text, foundAtMost), [finder, text]);
  const why = new Map(found.map((one) => [one.id, one.why]));
  return (
    <Select size="xs" w={190} searchable placeholder={t('find')} aria-label={t('find')}
      title={t('findHelp')} value={null} searchValue={text} onSearchChange={setText}
      data={found.map(({ id, name }) => ({ value: id, label: name }))}
      filter={({ options }) => options} comboboxProps={{ width: 300, position: 'bottom-start' }}
      renderOption={({ option }) => (
        <span className={styles.found}>
          {option.label}<small>{why.get(option.value)}</small>
        </span>)}
      nothingFoundMessage={<span className={styles.teach}>
        {t('findNothing', { text: text.trim() })}</span>}
      onChange={(id) => {
        if (id) onFind(id);
        setText('');
      }} />
  );
}
