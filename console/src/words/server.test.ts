import { describe, expect, it } from 'vitest';
import { translated } from './server';

const texts = { Time: '时间', 'Address of the device': '设备地址', toString: '错' };

describe('texts of the server', () => {
  it('turns help, title and label into Chinese at any depth', () => {
    const answer = { items: [{ name: 'Time', title: 'Time', settings: [
      { name: 'host', help: 'Address of the device', min: 1, open: true, nothing: null }] },
    { label: 'Time' }] };
    expect(translated(answer, texts)).toEqual({ items: [{ name: 'Time', title: '时间', settings: [
      { name: 'host', help: '设备地址', min: 1, open: true, nothing: null }] }, { label: '时间' }] });
  });

  it('shows a text that it does not know, or that has changed, as it is', () => {
    expect(translated({ help: 'Address of a device' }, texts)).toEqual(
      { help: 'Address of a device' });
    expect(translated({ help: 'constructor' }, texts)).toEqual({ help: 'constructor' });
  });
});
