import { defineWords } from '~/lib/words';

export const words = defineWords(
  'signIn',
  {
    title: 'Sign in', lead: 'The console of this waterworks.', name: 'Name',
    password: 'Password', signIn: 'Sign in', wrong: 'Name or password is wrong.',
    wait: 'Too many wrong passwords. Try again in {{seconds}} s.',
    changeTitle: 'Choose a new password',
    changeLead: 'Your password was set by somebody else. Choose your own to go on.',
    old: 'Password until now', next: 'New password', again: 'New password again',
    nextHelp: 'At least 12 characters. Several words that do not belong together are good.',
    differ: 'The two do not match.', change: 'Change the password',
    forgot: 'Forgotten? An administrator can set a new one under System, Users. An administrator ' +
      'who is locked out runs this on the server:',
    language: 'Language',
  },
  {
    title: '登录', lead: '本水厂的控制台。', name: '用户名',
    password: '密码', signIn: '登录', wrong: '用户名或密码错误。',
    wait: '密码错误次数过多，请在 {{seconds}} 秒后重试。',
    changeTitle: '设置新密码',
    changeLead: '您的密码由他人设置，请先改成自己的密码。',
    old: '原密码', next: '新密码', again: '再次输入新密码',
    nextHelp: '至少 12 个字符。几个互不相关的词组合起来就很好。',
    differ: '两次输入不一致。', change: '更改密码',
    forgot: '忘记密码？管理员可在“系统 › 用户”中重设。管理员本人无法登录时，在服务器上运行：',
    language: '语言',
  },
);
