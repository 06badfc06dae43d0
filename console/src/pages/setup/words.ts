import { defineWords } from '~/lib/words';

export const words = defineWords(
  'setup',
  {
    title: 'Welcome to Headworks', lead: 'One minute, and the plant is yours to see.',
    name: 'Sign-in name', nameHelp: 'Small letters, digits and . _ - @',
    display: 'Your name', displayHelp: 'As others read it in the audit: who changed what.',
    password: 'Password', again: 'Password again', differ: 'The two do not match.',
    rulesNot: 'The password is not good enough yet.',
    wait: 'Too many wrong codes. Try again in {{seconds}} s.',
    strength: 'Strength: {{word}}', weak: 'too short', fair: 'fair', good: 'good',
    strong: 'strong', units: 'Units', si: 'SI (L/s, m, bar)', us: 'US (gpm, ft, psi)',
    zone: 'Time zone of the site', code: 'Setup code',
    codeHelp: 'This server listens to the network, so it asks for the code that lies in its data ' +
      'folder in the file setup-code.',
    make: 'Make the administrator', look: 'Look around first',
    lookHelp: 'Until there is an administrator, everybody on this machine may do everything.',
    done: 'This server has its administrator already.', toSignIn: 'To the sign-in',
  },
  {
    title: '欢迎使用 Headworks', lead: '一分钟后即可查看您的水厂。',
    name: '登录名', nameHelp: '小写字母、数字以及 . _ - @',
    display: '您的姓名', displayHelp: '他人在审计日志中看到的名字：谁更改了什么。',
    password: '密码', again: '再次输入密码', differ: '两次输入不一致。',
    rulesNot: '密码还不够好。', wait: '设置码错误次数过多，请在 {{seconds}} 秒后重试。',
    strength: '强度：{{word}}', weak: '太短', fair: '一般', good: '良好',
    strong: '很强', units: '单位', si: '国际单位（L/s、m、bar）', us: '美制单位（gpm、ft、psi）',
    zone: '现场时区', code: '设置码',
    codeHelp: '本服务器对网络开放，因此需要输入数据目录中文件 setup-code 里的设置码。',
    make: '创建管理员', look: '先看看',
    lookHelp: '在创建管理员之前，本机上的任何人都可以进行任何操作。',
    done: '本服务器已有管理员。', toSignIn: '前往登录',
  },
);
