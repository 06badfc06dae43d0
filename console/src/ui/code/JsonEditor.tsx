import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json, jsonParseLinter } from '@codemirror/lang-json';
import { bracketMatching, foldGutter, indentOnInput } from '@codemirror/language';
import { lintGutter, linter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import { EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef, type ReactNode } from 'react';
import { placeOfFlaw, type TextFlaw } from './locate';
import { editorTheme } from './theme';
import styles from './code.module.css';

// A JSON text with what is wrong with it at its place: what does not parse, and the `flaws` of the
// server or of a check.
export default function JsonEditor({ text, onChange, flaws, label, readOnly = false, onSave,
  plain = false }: {
  text: string; onChange?: (text: string) => void; flaws?: TextFlaw[]; label: string;
  readOnly?: boolean; onSave?: () => void;
  plain?: boolean; // lines of any kind, not one JSON document
}): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef({ onChange, onSave });
  useEffect(() => {
    latest.current = { onChange, onSave };
  });
  useEffect(() => {
    if (!place.current) return;
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: '',
        extensions: [
          lineNumbers(), ...(plain ? [] : [foldGutter(), json()]), bracketMatching(),
          indentOnInput(), editorTheme,
          highlightSelectionMatches(), EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
          ...(readOnly ? [EditorState.readOnly.of(true)] : [
            history(), highlightActiveLine(), lintGutter(),
            // A text that does not parse is told after a pause; flaws are set from outside.
            ...(plain ? [linter(null)] : [
              linter((at) => (at.state.doc.length ? jsonParseLinter()(at) : []), { delay: 400 })]),
          ]),
          // Tab leaves the field, as on the rest of the page; Ctrl-] indents.
          keymap.of([
            { key: 'Mod-s', preventDefault: true, run: () => {
              latest.current.onSave?.();
              return Boolean(latest.current.onSave);
            } },
            ...defaultKeymap, ...historyKeymap, ...searchKeymap,
          ]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [readOnly, label, plain]);
  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== text)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, [text, readOnly, label]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || readOnly || !flaws) return;
    const timer = window.setTimeout(() => {
      const now = editor.state.doc.toString();
      const marks = flaws.map((flaw): Diagnostic => {
        const span = placeOfFlaw(now, flaw);
        const to = Math.min(span.to, now.length);
        return {
          from: Math.min(span.from, to), to, message: flaw.text,
          severity: flaw.soft ? 'warning' : 'error',
        };
      });
      if (marks.length) editor.dispatch(setDiagnostics(editor.state, marks));
    }, 600);
    return () => window.clearTimeout(timer);
  }, [flaws, readOnly, text]);
  return <div className={styles.editor} ref={place} />;
}
