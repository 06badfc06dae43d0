import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { PostgreSQL, sql } from '@codemirror/lang-sql';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef, type ReactNode } from 'react';

// The server names the nonce of its policy in the page; without it the editor has no styles.
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;

const highlight = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--hw-accent)' },
  { tag: [tags.string, tags.number], color: 'var(--hw-ok)' },
  { tag: tags.comment, color: 'var(--hw-dim)' },
]);

const theme = EditorView.theme({
  '&': { fontSize: '13px', backgroundColor: 'transparent', color: 'var(--hw-text)' },
  '.cm-content': { fontFamily: 'var(--hw-mono)', caretColor: 'var(--hw-text)' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--hw-dim)', border: '0' },
  '.cm-cursor': { borderLeftColor: 'var(--hw-text)' },
  '&.cm-focused': { outline: '2px solid var(--hw-accent)', outlineOffset: '-2px' },
  '& .cm-selectionBackground, &.cm-focused .cm-selectionBackground':
    { backgroundColor: 'var(--hw-accent-soft) !important' },
});

// Tab leaves the field, as on the rest of the page.
export function Editor({ text, label, onChange, onRun }: {
  text: string; label: string; onChange: (text: string) => void; onRun: () => void;
}): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const calls = useRef({ onChange, onRun });
  useEffect(() => {
    calls.current = { onChange, onRun };
  });
  useEffect(() => {
    const made = new EditorView({
      parent: place.current as HTMLElement,
      state: EditorState.create({
        doc: text,
        extensions: [
          ...(nonce ? [EditorView.cspNonce.of(nonce)] : []),
          lineNumbers(), history(), sql({ dialect: PostgreSQL }), theme, EditorView.lineWrapping,
          syntaxHighlighting(highlight),
          EditorView.contentAttributes.of({ 'aria-label': label }),
          keymap.of([{ key: 'Mod-Enter', run: () => {
            calls.current.onRun();
            return true;
          } }, ...defaultKeymap, ...historyKeymap]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) calls.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
    // The text that comes later is put in below.
  }, [label]);
  useEffect(() => {
    const at = view.current;
    if (at && at.state.doc.toString() !== text)
      at.dispatch({ changes: { from: 0, to: at.state.doc.length, insert: text } });
  }, [text]);
  return <div ref={place} />;
}
