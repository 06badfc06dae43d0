import { defineWords } from '~/lib/words';

export const words = defineWords(
  'plant3d',
  {
    lost: 'The graphics card has let go of the scene. It comes back by itself …',
    failed: 'The scene cannot be drawn: {{why}}',
    again: 'Try again',
    keys: 'Arrow keys turn the view, plus and minus zoom, Home shows the first view, Escape ' +
      'deselects. The table lists the same equipment.',
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
    keys: '方向键旋转视角，加减键缩放，Home 键回到第一个视角，Esc 键取消选择。表格列出相同的设备。',
    on: '开', off: '关',
    stale: '过期', bad: '坏值', offline: '断线', uncertain: '不确定', none: '无值',
    alarm: '报警', warn: '警告', note: '提示',
    tape: '点击两点以测量距离。',
    tapeSecond: '点击第二个点。',
    apart: '水平 {{flat}}，高差 {{up}}',
  },
);
