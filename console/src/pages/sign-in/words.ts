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
    changeOwnLead: 'All other sessions of yours end.', forgotten: 'Forgotten your password?',
    caps: 'Caps lock is on.', showPassword: 'Show the password',
    rule_length: '{{least}} characters or more; several words are good',
    rule_name: 'not your name', rule_guess: 'not one that is guessed first',
    kept: 'kept', notKept: 'not yet', rulesNot: 'The password is not good enough yet.',
    differ: 'The two do not match.', change: 'Change the password',
    forgot: 'An administrator can set a new one under System, Users. An administrator ' +
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
    changeOwnLead: '您的其他会话都将结束。', forgotten: '忘记密码？',
    caps: '大写锁定已打开。', showPassword: '显示密码',
    rule_length: '至少 {{least}} 个字符；几个词组合起来就很好',
    rule_name: '不是用户名', rule_guess: '不是最容易被猜到的',
    kept: '已满足', notKept: '尚未满足', rulesNot: '密码还不够好。',
    differ: '两次输入不一致。', change: '更改密码',
    forgot: '管理员可在“系统 › 用户”中重设。管理员自己被锁在外时，在服务器上运行：',
    language: '语言',
  },
);
