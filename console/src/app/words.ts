import { defineWords } from '~/lib/words';

export const words = defineWords(
  'shell',
  {
    overview: 'Overview', plant: 'Plant', trends: 'Trends', twin: 'Twin', gateway: 'Gateway',
    broker: 'Broker', rules: 'Rules', system: 'System', pages: 'Pages', skip: 'Skip to the content',
    linkUp: 'Live', linkConnecting: 'Connecting', linkDown: 'No link',
    linkUpHelp: 'Values come from the server as they are committed.',
    linkDownHelp: 'The server has not been heard since {{time}}. Everything on this page is of ' +
      'then or older.',
    clockWrong: 'Clocks differ by {{time}}',
    clockHelp: 'The clock of this computer and that of the server differ. Times are the server’s.',
    missed: '{{count}} values were passed over',
    palette: 'Search or go to', paletteHint: 'Points, twins, devices, rules, pages, actions',
    nothingFound: 'Nothing found for “{{text}}”.', keys: 'Keys', keysPalette: 'Search and go to',
    keysHelp: 'This list', keysGo: 'Go to {{page}}', keysRail: 'Fold the menu',
    keysEscape: 'Close what is open', account: 'Account', signOut: 'Sign out',
    signOutFailed: 'You are still signed in',
    signIn: 'Sign in', language: 'Language', theme: 'Theme', dark: 'Dark', light: 'Light',
    auto: 'As the system', units: 'Units', si: 'SI', us: 'US', zone: 'Time zone',
    zoneBrowser: 'Of this computer ({{zone}})', open: 'Open access',
    openHelp: 'Nobody signs in: access.mode is “open”.',
    unclaimed: 'This server has no administrator yet: whoever is on this machine may do anything.',
    makeAdmin: 'Make the administrator', fold: 'Fold the menu', unfold: 'Unfold the menu',
    notFound: 'There is no such page', notFoundText: 'The address {{path}} leads nowhere.',
    home: 'To the overview', kind_page: 'Page', kind_point: 'Point', kind_twin: 'Twin',
    kind_device: 'Device', kind_rule: 'Rule', kind_client: 'Client', kind_action: 'Action',
    tv: 'TV mode', tvEnd: 'End TV mode', replay: 'Replay of {{time}}', backToLive: 'Back to live',
    crashed: 'This page has failed', crashedText: 'The rest of the console still works. ' +
      'Reload the page; if it fails again, tell your administrator the text below.',
<<<<<<< HEAD
    reload: 'Reload', more: 'Menu', actions: 'Actions', close: 'Close',
    role_viewer: 'viewer', role_operator: 'operator', role_engineer: 'engineer',
    role_administrator: 'administrator',
=======
    copyLink: 'Copy the address of this page', print: 'Print this page', reload: 'Reload', more: 'Menu', actions: 'Actions',
>>>>>>> main
  },
  {
    overview: '总览', plant: '水厂', trends: '趋势', twin: '孪生', gateway: '网关',
    broker: '消息代理', rules: '规则', system: '系统', pages: '页面', skip: '跳到正文',
    linkUp: '实时', linkConnecting: '正在连接', linkDown: '断线',
    linkUpHelp: '数值在服务器提交后立即送达。',
    linkDownHelp: '自 {{time}} 起没有收到服务器的消息。本页内容为当时或更早的数据。',
    clockWrong: '时钟相差 {{time}}',
    clockHelp: '本机时钟与服务器时钟不一致。显示的时间以服务器为准。',
    missed: '略过了 {{count}} 个数值',
    palette: '搜索或跳转', paletteHint: '测点、孪生体、设备、规则、页面、操作',
    nothingFound: '没有找到“{{text}}”。', keys: '快捷键', keysPalette: '搜索与跳转',
    keysHelp: '本列表', keysGo: '转到{{page}}', keysRail: '收起菜单',
    keysEscape: '关闭已打开的面板', account: '账户', signOut: '退出登录',
    signOutFailed: '您仍处于登录状态',
    signIn: '登录', language: '语言', theme: '主题', dark: '深色', light: '浅色',
    auto: '跟随系统', units: '单位', si: '国际单位', us: '美制单位', zone: '时区',
    zoneBrowser: '本机时区（{{zone}}）', open: '开放访问',
    openHelp: '无需登录：access.mode 为 “open”。',
    unclaimed: '本服务器还没有管理员：本机上的任何人都可以进行任何操作。',
    makeAdmin: '创建管理员', fold: '收起菜单', unfold: '展开菜单',
    notFound: '没有这个页面', notFoundText: '地址 {{path}} 不存在。',
    home: '回到总览', kind_page: '页面', kind_point: '测点', kind_twin: '孪生体',
    kind_device: '设备', kind_rule: '规则', kind_client: '客户端', kind_action: '操作',
    tv: '大屏模式', tvEnd: '退出大屏模式', replay: '回放 {{time}}', backToLive: '回到实时',
    crashed: '本页出错了', crashedText: '控制台的其余部分仍可使用。请重新加载；若再次出错，请把下面的文字告诉管理员。',
<<<<<<< HEAD
    reload: '重新加载', more: '菜单', actions: '操作', close: '关闭',
    role_viewer: '查看者', role_operator: '操作员', role_engineer: '工程师',
    role_administrator: '管理员',
=======
    copyLink: '复制本页地址', print: '打印本页', reload: '重新加载', more: '菜单', actions: '操作',
>>>>>>> main
  },
);
