import { MantineProvider } from '@mantine/core';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfirmWrite, type WriteOutcome } from './ConfirmWrite';

describe('a write to the plant', () => {
  let root: Root;
  let answer: (outcome: WriteOutcome) => void;
  const run = vi.fn(() => new Promise<WriteOutcome>((done) => { answer = done; }));
  const onClose = vi.fn();
  const area = () => document.querySelector(
    'textarea:not([aria-hidden])') as HTMLTextAreaElement;
  const key = (init: KeyboardEventInit) => act(async () => {
    area().dispatchEvent(new KeyboardEvent('keydown',
      { bubbles: true, cancelable: true, ...init }));
  });
  const button = (text: string) => [...document.querySelectorAll('button')]
    .find((one) => one.textContent === text) as HTMLButtonElement;
  const type = (text: string) => act(async () => {
    const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')?.set;
    set?.call(area(), text);
    area().dispatchEvent(new Event('input', { bubbles: true }));
  });
  beforeEach(async () => {
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
    vi.clearAllMocks();
    // The text area looks at it; happy-dom has none.
    Object.defineProperty(document, 'fonts', { value: new EventTarget(), configurable: true });
    const place = document.body.appendChild(document.createElement('div'));
    root = createRoot(place);
    await act(async () => root.render(
      <MantineProvider env="test">
        <ConfirmWrite opened onClose={onClose} what="pump" oldText="off" newText="on" run={run} />
      </MantineProvider>));
  });
  afterEach(() => {
    act(() => root.unmount());
    document.body.replaceChildren();
  });

  it('needs a reason', async () => {
    await key({ key: 'Enter' });
    expect(run).not.toHaveBeenCalled();
    expect(button('Write').disabled).toBe(true);
  });

  it('goes out once, however long Enter is held, and tells what came of it', async () => {
    await type('filter is full');
    const form = area().form as HTMLFormElement;
    await act(async () => {
      form.requestSubmit();
      form.requestSubmit();
    });
    expect(run).toHaveBeenCalledTimes(1);
    expect(run).toHaveBeenCalledWith('filter is full');
    expect(button('Cancel').disabled).toBe(true);
    await act(async () => {
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    });
    expect(onClose).not.toHaveBeenCalled();
    await act(async () => answer({ kind: 'unconfirmed', why: 'no answer' }));
    expect(document.body.textContent).toContain('Not confirmed: no answer');
    await act(async () => button('Close').click());
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  it('takes the Enter of an input method for a part of the word', async () => {
    await type('滤池已满');
    await key({ key: 'Enter', isComposing: true });
    expect(run).not.toHaveBeenCalled();
    await key({ key: 'Enter' });
    expect(run).toHaveBeenCalledTimes(1);
  });
});
