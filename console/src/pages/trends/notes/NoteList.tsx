import { ActionIcon, Anchor, Button, TextInput } from '@mantine/core';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { query } from '~/lib/api';
import type { TimedNote } from '~/lib/notes';
import { Empty, ProblemAlert } from '~/ui';
import type { Range } from '../chart/types';
import styles from '../trends.module.css';
import { words } from '../words';
import { aboutText, inWindow, noteTime } from './marks';
import own from './notes.module.css';
import type { TrendNotes } from './useTrendNotes';

const fits = ({ note }: TimedNote, text: string): boolean => {
  const all = [note.text, note.author, ...note.tags].join(' ').toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => all.includes(word));
};

const iso = (time: number) => new Date(Math.round(time)).toISOString();

// The notes of the window, the newest first: the table twin of the flags on the axis.
export function NoteList({ notes: all, window, zone, onShow }: {
  notes: TrendNotes; window: Range; zone: string; onShow: (note: TimedNote) => void;
}): ReactNode {
  const t = words.use();
  const [text, setText] = useState('');
  const inView = inWindow(all.notes, window);
  const shown = inView.filter((one) => fits(one, text)).reverse();
  const csv = `/api/v1/notes${query({ format: 'csv', from: iso(window.from), to: iso(window.to),
    point: all.about.points, twin: all.about.twins })}`;
  return (
    <div className={styles.fill}>
      <div className={styles.sqlHead}>
        {all.mayWrite && <Button size="compact-sm" leftSection={<Plus size={14} />}
          onClick={all.add} aria-keyshortcuts="n">{t('noteAdd')}</Button>}
        <TextInput size="xs" aria-label={t('noteSearch')} placeholder={t('noteSearch')}
          value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <span className="hw-dim">{t('noteCount', { count: shown.length })}</span>
        {all.more && <span className="hw-dim">{t('noteMore')}</span>}
        <span className={styles.spring} />
        {inView.length > 0 && <Anchor size="sm" href={csv} download="notes.csv">
          {t('noteCsv')}</Anchor>}
      </div>
      <ProblemAlert error={all.error} />
      {shown.length === 0 ? <Empty title={t('noteNone')} text={t(all.mayWrite
        ? 'noteNoneText' : 'noteNoneRead')} /> : (
        <div className={styles.penScroll}>
          <table className={`${styles.penTable} ${own.table}`} aria-label={t('notes')}>
            <thead>
              <tr>
                <th scope="col">{t('time')}</th>
                <th scope="col" className={own.text}>{t('noteText')}</th>
                <th scope="col" data-wide="true">{t('noteAbout')}</th>
                <th scope="col" data-wide="true">{t('noteTags')}</th>
                <th scope="col">{t('noteAuthor')}</th>
                {all.mayWrite && <th scope="col"><span className="hw-visually-hidden">
                  {t('noteActions')}</span></th>}
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <NoteRow key={one.note.id} one={one} all={all} zone={zone} onShow={onShow} />))}
            </tbody>
          </table>
        </div>)}
    </div>
  );
}

function NoteRow({ one, all, zone, onShow }: {
  one: TimedNote; all: TrendNotes; zone: string; onShow: (note: TimedNote) => void;
}): ReactNode {
  const t = words.use();
  const { note } = one;
  const strong = () => all.setStrong(note.id);
  const plain = () => all.setStrong(null);
  const short = note.text.length > 40 ? `${note.text.slice(0, 40)}…` : note.text;
  return (
    <tr data-strong={all.strong === note.id} onPointerEnter={strong} onPointerLeave={plain}
      onFocus={strong} onBlur={plain}>
      <td className="hw-num">
        <button type="button" className={own.time} title={t('noteShow')}
          onClick={() => onShow(one)}>{noteTime(one, zone)}</button>
      </td>
      <td className={own.text}>{note.text}</td>
      <td data-wide="true" className={`hw-dim ${own.about}`} title={[...note.points, ...note.twins,
        ...note.paths].join('\n') || undefined}>{aboutText(note)}</td>
      <td data-wide="true" className={own.tags}>{note.tags.map((tag) => (
        <span key={tag} className={`${styles.chip} ${own.tag}`}>{tag}</span>))}</td>
      <td>{note.author}</td>
      {all.mayWrite && (
        <td className={styles.penButtons}>
          {note.editable && <>
            <ActionIcon size={24} variant="subtle" color="gray"
              aria-label={t('noteEditOne', { text: short })} onClick={() => all.edit(note)}>
              <Pencil size={14} /></ActionIcon>
            <ActionIcon size={24} variant="subtle" color="gray"
              aria-label={t('noteDeleteOne', { text: short })} onClick={() => all.remove(note)}>
              <Trash2 size={14} /></ActionIcon>
          </>}
        </td>)}
    </tr>
  );
}
