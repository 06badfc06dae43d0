import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Download, Ellipsis, Flag } from 'lucide-react';
import type { ReactNode, RefObject } from 'react';
import { problemText } from '~/ui';
import type { ChartHandle } from './chart/Chart';
import type { Range, ShownPen } from './chart/types';
import { copyPicture, exportSamples, formats, save, type ExportFormat } from './exports';
import { pictureLines } from './notes/marks';
import type { TrendNotes } from './notes/useTrendNotes';
import type { PageState } from './state';
import { words } from './words';

const tell = (message: string, bad = false) =>
  notifications.show({ message, color: bad ? 'red' : undefined });

// Export, picture, link; and what is drawn beside the lines.
export function Menus({ state, window: range, shown, chart, notes }: {
  state: PageState; window: Range; shown: ShownPen[]; chart: RefObject<ChartHandle | null>;
  notes: TrendNotes;
}): ReactNode {
  const t = words.use();
  const { pens } = state;
  const none = pens.length === 0;
  const run = (format: ExportFormat) => {
    exportSamples(pens, range, format).catch((error: unknown) => tell(problemText(error), true));
  };
  const picture = () => chart.current?.picture(shown.filter(({ pen }) => !pen.hidden)
    .map(({ pen, unit }) => ({ look: pen.look, text: `${pen.point}${unit ? ` (${unit})` : ''}` })),
    pictureLines(notes.notes, range, state.zone)) ?? null;
  const copy = () => {
    const made = picture();
    if (made) copyPicture(made).then(() => tell(t('pngCopied')),
      (error: unknown) => tell(problemText(error), true));
  };
  const saveIt = () => picture()?.toBlob((blob) => blob && save(blob, 'trends.png'));
  const link = () => navigator.clipboard.writeText(window.location.href)
    .then(() => tell(t('linkCopied')), (error: unknown) => tell(problemText(error), true));
  return (
    <>
      {notes.mayWrite && <Tooltip label={`${t('noteAdd')} (n)`}>
        <ActionIcon variant="subtle" color="gray" aria-label={t('noteAdd')} aria-keyshortcuts="n"
          onClick={notes.add}><Flag size={16} /></ActionIcon>
      </Tooltip>}
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <Tooltip label={t('export')}>
            <ActionIcon variant="subtle" color="gray" aria-label={t('export')} disabled={none}>
              <Download size={16} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t('asKept')}</Menu.Label>
          {formats.map((format) => (
            <Menu.Item key={format} onClick={() => run(format)}>{t(format)}</Menu.Item>))}
          <Menu.Divider />
          <Menu.Item onClick={copy}>{t('copyPng')}</Menu.Item>
          <Menu.Item onClick={saveIt}>{t('savePng')}</Menu.Item>
          <Menu.Item onClick={() => void link()}>{t('copyLink')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-end" shadow="md" closeOnItemClick={false}>
        <Menu.Target>
          <Tooltip label={t('view')}>
            <ActionIcon variant="subtle" color="gray" aria-label={t('view')}>
              <Ellipsis size={16} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.CheckboxItem checked={state.events}
            onChange={() => state.set({ events: state.events ? '0' : null })}>
            {t('events')}</Menu.CheckboxItem>
          <Menu.CheckboxItem checked={state.notes}
            onChange={() => state.set({ notes: state.notes ? '0' : null })}>
            {t('noteView')}</Menu.CheckboxItem>
          <Menu.CheckboxItem checked={state.ranges}
            onChange={() => state.set({ ranges: state.ranges ? null : '1' })}>
            {t('ranges')}</Menu.CheckboxItem>
          <Menu.Item disabled={none || pens.length * 2 > 16}
            onClick={() => state.setPens([...pens, ...pens.filter(({ shift }) => !shift)
              .map((pen) => ({ ...pen, shift: '7d', look: (pen.look + 8) % 16 }))])}>
            {t('compare')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
