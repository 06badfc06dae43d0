import { defineWords } from '~/lib/words';

// Of what the shell loads when it is needed: they are no part of its first 150 kB.
export const later = defineWords(
  'shell later',
  {
    endsIn: 'Your session ends in {{time}}.', endsAt: 'Your session ends at {{time}}.',
    staySignedIn: 'Stay signed in', passwordOf: 'Password of {{name}}', closeWindow: 'Close',
    serverNotWell: 'Server: {{what}}', tvPages: 'Pages that take turns',
    tvHelp: 'In TV mode these pages take turns. With none or one of them the page stays. ' +
      'Whoever touches keys or pointer stops it for one turn.',
    tvAddThis: 'Add what is shown now', tvRemove: 'Take {{address}} away',
    tvSeconds: 'Each stays for',
    tvSession: 'A screen on the wall needs its own user with the role viewer. Its session does ' +
      'not end while pages take turns, but after access.session_longest.',
    copyLink: 'Copy the address of this page', print: 'Print this page',
  },
  {
    endsIn: '您的会话将在 {{time}}后结束。', endsAt: '您的会话将于 {{time}} 结束。',
    staySignedIn: '保持登录', passwordOf: '{{name}} 的密码', closeWindow: '关闭',
    serverNotWell: '服务器：{{what}}', tvPages: '轮播页面',
    tvHelp: '电视模式下依次显示这些页面；未选或只选一个时不轮播。操作键盘或鼠标会暂停一轮。',
    tvAddThis: '加入当前页面', tvRemove: '移除 {{address}}', tvSeconds: '每页停留',
    tvSession: '墙上的大屏应使用单独的“查看者”用户。轮播期间会话不会因闲置结束，但最长为 access.session_longest。',
    copyLink: '复制本页地址', print: '打印本页',
  },
);
