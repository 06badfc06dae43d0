import { autocompletion, completionKeymap, completionStatus } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { useEffect, useRef, type ReactNode } from 'react';
import { complete, type Known } from './filter';
import { editorTheme } from '~/ui/code/theme';
import styles from '../twin.module.css';

export interface InputFlaw {
  from: number;
  to: number;
  text: string;
}

// One line with completion; what is wrong is underlined at its place.
export default function SearchInput({ text, onChange, onEnter, flaws, known, label, hint }: {
  text: string; onChange: (text: string) => void; onEnter: () => void; flaws: InputFlaw[];
  known: Known; label: string; hint: string;
}): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef({ onChange, onEnter, known });
  useEffect(() => {
    latest.current = { onChange, onEnter, known };
  });
  useEffect(() => {
    if (!place.current) return;
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        extensions: [
          history(), editorTheme, placeholder(hint),
          EditorView.contentAttributes.of({ 'aria-label': label }),
          EditorState.transactionFilter.of((change) => (change.newDoc.lines > 1
            ? [{ changes: { from: 0, to: change.startState.doc.length,
              insert: change.newDoc.toString().replace(/\s*\n\s*/g, ' ') },
            selection: { anchor: change.newDoc.toString().replace(/\s*\n\s*/g, ' ').length } }]
            : change)),
          autocompletion({
            icons: false,
            override: [(context) => {
              const found = complete(context.state.doc.toString(), context.pos,
                latest.current.known);
              if (!found || (!context.explicit && found.from === context.pos
                && !/:$/.test(context.state.sliceDoc(0, context.pos)))) return null;
              return { from: found.from, validFor: /^[\w:;./-]*$/,
                options: found.options.map((one) => (
                  { label: one.label, detail: one.detail, apply: one.apply, type: one.kind })) };
            }],
          }),
          keymap.of([
            ...completionKeymap,
            { key: 'Enter', run: (at) => {
              if (completionStatus(at.state) === 'active') return false;
              latest.current.onEnter();
              return true;
            } },
            ...defaultKeymap, ...historyKeymap,
          ]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [label, hint]);
  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== text)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, [text, label, hint]);
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const size = editor.state.doc.length;
    editor.dispatch(setDiagnostics(editor.state, flaws.filter((one) => one.to <= size).map(
      (one) => ({ from: one.from, to: one.to, message: one.text, severity: 'error' as const }))));
  }, [flaws]);
  return <div className={styles.searchInput} ref={place} />;
}
