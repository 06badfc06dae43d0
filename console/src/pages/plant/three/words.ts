import { defineWords } from '~/lib/words';

export const words = defineWords(
  'plant3d',
  {
    lost: 'The graphics card has let go of the scene. It comes back by itself …',
    failed: 'The scene cannot be drawn: {{why}}',
    again: 'Try again',
    keys: 'Tab goes from equipment to equipment, Enter opens its faceplate, Escape closes it, ' +
      'and once more lets Tab lead on. Arrow keys turn the view, plus and minus zoom, Home shows ' +
      'the first view. The table lists the same equipment.',
    walk: '{{name}}, {{place}} of {{count}}',
    on: 'on', off: 'off',
    stale: 'stale', bad: 'bad', offline: 'no link', uncertain: 'uncertain', none: 'no value',
    alarm: 'Alarm', warn: 'Warning', note: 'Note',
    tape: 'Click two points to measure between them.',
    tapeSecond: 'Click the second point.',
    apart: 'level {{flat}}, height {{up}}',
  },
  {
    lost: '显卡暂时丢失了场景，正在自动恢复…',
    failed: '无法绘制场景：{{why}}',
    again: '重试',
    keys: 'Tab 键依次选择设备，Enter 键打开面板，Esc 键关闭，再按 Esc 后 Tab 键离开场景。' +
      '方向键旋转视角，加减键缩放，Home 键回到第一个视角。表格列出相同的设备。',
    walk: '{{name}}，第 {{place}} 个，共 {{count}} 个',
    on: '开', off: '关',
    stale: '过期', bad: '坏值', offline: '断线', uncertain: '不确定', none: '无值',
    alarm: '报警', warn: '警告', note: '提示',
    tape: '点击两点以测量距离。',
    tapeSecond: '点击第二个点。',
    apart: '水平 {{flat}}，高差 {{up}}',
  },
);
