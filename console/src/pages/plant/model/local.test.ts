import { expect, it } from 'vitest';
import { localScene } from './local';

it('takes the texts of a scene in the language of the person', () => {
  const pump = { id: 'p', name: { en: 'Pump', zh: '水泵' }, extras: { name: { en: 'x' } },
    bindings: [{ kind: 'badge', property: 'head', text: { zh: '扬程 {value}', en: 'head {value}' },
      when: { op: '>', value: 2 } }],
    shape: { kind: 'label', text: 'P1' } };
  const scene = { format: 'headworks-scene/1', name: { en: 'Works', zh: '水厂' }, nodes: [pump],
    views: [{ id: 'v', name: '全厂' }] } as unknown as Parameters<typeof localScene>[0];
  const local = localScene(scene, 'zh');
  expect(local).toMatchObject({ format: 'headworks-scene/1', name: '水厂',
    views: [{ id: 'v', name: '全厂' }] });
  expect(local.nodes?.[0]).toEqual({ ...pump, name: '水泵',
    bindings: [{ kind: 'badge', property: 'head', text: '扬程 {value}',
      when: { op: '>', value: 2 } }] });
  expect(localScene(scene, 'en').name).toBe('Works');
});
