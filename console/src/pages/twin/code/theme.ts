import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

// The editors in the console's colours, of both themes by its variables.
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;

export const editorTheme: Extension = [
  // The server's policy takes styles of its own pages only.
  ...(nonce ? [EditorView.cspNonce.of(nonce)] : []),
  EditorView.theme({
    '&': { color: 'var(--hw-text)', backgroundColor: 'var(--hw-panel)', fontSize: '12.5px' },
    '&.cm-focused': { outline: '1px solid var(--hw-accent)' },
    '.cm-scroller': { fontFamily: 'var(--hw-mono)', lineHeight: '1.5' },
    '.cm-content': { caretColor: 'var(--hw-text)' },
    '.cm-cursor': { borderLeftColor: 'var(--hw-text)' },
    '.cm-gutters': {
      backgroundColor: 'var(--hw-panel)', color: 'var(--hw-dim)',
      borderRight: '1px solid var(--hw-line)',
    },
    '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
    '&.cm-focused .cm-activeLine': { backgroundColor: 'var(--hw-raised)' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, ::selection': {
      backgroundColor: 'var(--hw-accent-soft)',
    },
    '.cm-selectionBackground': { backgroundColor: 'var(--hw-accent-soft)' },
    '.cm-matchingBracket': { backgroundColor: 'var(--hw-accent-soft)' },
    '.cm-tooltip': {
      backgroundColor: 'var(--hw-raised)', color: 'var(--hw-text)',
      border: '1px solid var(--hw-line-strong)', borderRadius: '4px',
      boxShadow: 'var(--hw-shadow)',
    },
    '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
      backgroundColor: 'var(--hw-accent-soft)', color: 'var(--hw-text)',
    },
    '.cm-completionDetail': { color: 'var(--hw-dim)', fontStyle: 'normal' },
    '.cm-diagnostic-error': { borderLeftColor: 'var(--hw-alarm)' },
    '.cm-diagnostic-warning': { borderLeftColor: 'var(--hw-warn)' },
    '.cm-lintRange-error': {
      backgroundImage: 'none', textDecoration: 'underline wavy var(--hw-alarm)',
    },
    '.cm-lintRange-warning': {
      backgroundImage: 'none', textDecoration: 'underline wavy var(--hw-warn)',
    },
    '.cm-placeholder': { color: 'var(--hw-dim)' },
    '.cm-changedLine': { backgroundColor: 'var(--hw-accent-soft) !important' },
    '.cm-changedText': { background: 'none', textDecoration: 'underline var(--hw-warn)' },
    '.cm-panels': { backgroundColor: 'var(--hw-raised)', color: 'var(--hw-text)' },
  }),
  syntaxHighlighting(HighlightStyle.define([
    { tag: tags.propertyName, color: 'var(--hw-accent)' },
    { tag: [tags.string, tags.special(tags.string)], color: 'var(--hw-text)' },
    { tag: [tags.number, tags.bool, tags.null], color: 'var(--hw-note)' },
    { tag: [tags.punctuation, tags.separator, tags.brace, tags.squareBracket],
      color: 'var(--hw-dim)' },
  ])),
];
