export const en = {
  title: 'System', tab_health: 'Health', tab_users: 'Users', tab_keys: 'API keys',
  tab_account: 'My account', tab_settings: 'Settings', tab_storage: 'Storage and backup',
  tab_audit: 'Audit', tab_log: 'Log', tab_api: 'API',
  tab_about: 'About', close: 'Close', cancel: 'Cancel',
  save: 'Save', state: 'State', time: 'Time', value: 'Value', loading: 'Loading',
  queues: 'Queues and limits', queue: 'Queue', depth: 'Now', limit: 'Limit', full: 'Full',
  noLimit: 'none', dropped: 'Dropped and refused since the start',
  nothingDropped: 'Nothing ({{count}} counters)', lastHour: 'The last hour',
  fig_samples_rate: 'Samples/s', fig_messages_in_rate: 'Messages in/s',
  fig_messages_out_rate: 'Messages out/s', fig_requests_rate: 'Requests/s',
  fig_rule_events_rate: 'Rule events/s', fig_cpu_cores: 'CPU cores used',
  fig_memory_bytes: 'Memory', fig_clients: 'MQTT clients', history: 'History', health_ok: 'keeps',
  health_disk_full: 'disk full', health_failing: 'failing', clock: 'Clock',
  clockGood: 'synchronised', clockAlone: 'not synchronised',
  clockHelp: 'The kernel says it may be off by {{error}} ms at most.', upFor: 'Up for',
  startedAt: 'Started {{time}}', cpu: 'CPU cores',
  cpuHelp: 'Of {{cores}} cores; load of the machine {{load}}', memory: 'Memory',
  memoryHelp: '{{free}} of the machine are free', diskFree: 'Disk free', data: 'Data',
  points: 'Points', committed: 'Samples kept', files: 'Open files', threads: 'Threads',
  lag: 'Worst lag of a task',
  needsRole: 'This needs the role “{{role}}”; yours is “{{mine}}”. Ask an administrator.',
  role_viewer: 'Viewer', role_operator: 'Operator', role_engineer: 'Engineer',
  role_administrator: 'Administrator', roleHelp_viewer: 'sees everything, changes nothing',
  roleHelp_operator: 'also writes values, gives commands, runs scenarios',
  roleHelp_engineer: 'also configures devices, rules and twins',
  roleHelp_administrator: 'also users, keys, backups; sees all paths',
  rolesHelp:
    'Viewers see, operators also operate, engineers also configure, administrators also ' +
    'manage users.',
  openMode: 'access.mode is “open”: nobody needs to sign in, and users have no effect.',
  newUser: 'New user', userName: 'Name', displayName: 'Shown as', role: 'Role', scope: 'Scope',
  scopeHelp: 'MQTT filter of the paths that may be seen and touched; # is all',
  lastSignIn: 'Last sign-in', enabled: 'enabled', disabled: 'disabled', expired: 'expired',
  mustChange: 'must change password', you: 'you', noUsers: 'No users yet',
  noUsersText:
    'Each person has a name, a role and a scope of paths. The first one is the ' +
    'administrator and is made by the first run.',
  thatIsYou: 'This is you: a lesser role takes effect at once.', firstPassword: 'First password',
  newPassword: 'New password',
  passwordHelp: 'At least {{least}} characters; it must be changed at the next sign-in',
  tooShort: 'At least {{least}} characters.', maySignIn: 'May sign in', removeUser: 'Remove user',
  typeName: 'Type {{name}} to confirm', sessions: 'Sessions', noSessions: 'None.',
  browser: 'Browser', address: 'Address', lastUsed: 'Last used', ends: 'Ends',
  thisOne: 'this one', endSession: 'End', endAll: 'End all', endOthers: 'End all others',
  noAccount:
    'Nobody is signed in here, so there is no account: the server is open to this ' +
    'machine.',
  changePassword: 'Change password', oldPassword: 'Password now', again: 'Once more',
  differs: 'The two differ.', passwordChanged: 'Changed. All other sessions have ended.',
  noKeys: 'No API keys yet',
  noKeysText:
    'A key lets a program in, with a role and a scope like a person: over HTTP, and as ' +
    'the password of MQTT.',
  newKey: 'New key', keysHelp: 'A key is shown once, when it is made.', keyName: 'Name',
  expires: 'Expires', never: 'never', createdBy: 'Made by', keyMade: 'Key {{name}}',
  keyOnce: 'Copy the key now: it is not shown again.', keyTaken: 'I have it', asItIs: 'As it is',
  inDays_one: 'in {{count}} day', inDays_other: 'in {{count}} days', keyEnabled: 'Is accepted',
  removeKey: 'Delete key', removeKeySure: 'Delete it: programs that use it are refused at once',
  setting: 'Setting', origin: 'Comes from', asDefault: 'default', default: 'Default',
  change: 'A change', atRestart: 'needs restart', atOnce: 'at once', meaning: 'Meaning',
  searchSettings: 'Search settings', onlyChanged: 'Only those that differ from the default',
  settingsHelp:
    'To be read here; they are set in the configuration file, by the environment or ' +
    '--set.',
  backup: 'Backup',
  backupHelp:
    'A consistent copy of all that is kept, in a new or empty folder on the server’s ' +
    'machine. The server goes on meanwhile.',
  folder: 'Folder on the server', backUp: 'Back up', compact: 'Compact',
  compactHelp:
    'Puts all samples into chunks and merges what is small. It happens by itself; before ' +
    'a backup it saves room.',
  compactNow: 'Compact now', backupDone: 'The backup is complete.', compactDone: 'Compacted.',
  diskFull: 'Disk used', journal: 'Journal', chunks: 'Chunks', oldest: 'Oldest sample',
  retention: 'Retention', inFolder: 'Kept in', keepsAll: 'Everything is kept without end.',
  filter: 'Points', keep: 'Kept for', actor: 'Who', action: 'What', target: 'Of',
  whatChanged: 'Change', result: 'Result', from: 'From', detail: 'Detail', member: 'Member',
  old: 'Old', new: 'New', noChange: 'Nothing differs.', auditPath: 'Path or filter, works/#',
  auditAction: 'Action, point.write', span_1h: 'Last hour', span_1d: 'Last day',
  span_7d: 'Last 7 days', span_30d: 'Last 30 days', noAudit: 'Nothing was changed in this time.',
  older: 'Older ones', level: 'Level', level_debug: 'debug', level_info: 'info',
  level_warning: 'warning', level_error: 'error', searchLog: 'Search the log', pause: 'Pause',
  follow: 'Follow', noLines: 'No lines.', version: 'Version', build: 'Build', machine: 'Machine',
  started: 'Started', license: 'Licence', interfaces: 'Interfaces',
  apiText: 'Description of the API', metricsText: 'Figures for Prometheus',
  readyText: 'Is it ready', bundle: 'Support bundle',
  bundleHelp: 'Facts, settings, log and figures in one file, without secrets.',
  bundleGet: 'Download',
  queue_history: 'history', queue_journal: 'journal', queue_rules: 'rules', queue_twin: 'twins',
  queue_sessions: 'sessions', queue_connections: 'connections',
  queue_retained: 'retained messages', queue_retained_bytes: 'retained bytes',
  queue_live_streams: 'live streams', queue_upstream: 'to the centre',
  checks: 'Checks', check_history: 'History', check_disk: 'Disk', check_memory: 'Memory',
  check_queues: 'Queues', check_points: 'Points', check_files: 'Open files', check_lag: 'Lag',
  check_clock: 'Clock', noneTodo: '–', todo: 'What to do',
  is_history: '{{reason}}', is_disk: '{{used}} % of the disk are used',
  is_memory: '{{free}} % of the machine’s memory are free',
  is_queues: 'the fullest, {{queue}}, is at {{full}} %',
  is_points: '{{full}} % of the limit', is_files: '{{full}} % of the limit',
  is_lag: '{{task}} was {{ms}} ms late at most', is_clock: 'off by {{error}} ms at most',
  todo_history:
    'Samples are not kept: {{reason}}. Make room on the disk or mend it; the server tries again ' +
    'by itself.',
  todo_disk:
    'The disk is {{used}} % full. Shorten the retention, compact, or move the data folder to a ' +
    'larger disk, before history stops at history.disk_reserve_bytes.',
  todo_memory:
    'Only {{free}} % of the memory are free. Look for what else runs there, or lower ' +
    'history.head_bytes_limit and history.cache_bytes.',
  todo_queues:
    'The queue {{queue}} is {{full}} % full; beyond its limit things are dropped. Find what ' +
    'sends so much, or what takes it too slowly: rules, disk, a subscriber.',
  todo_points:
    'At {{full}} % of history.points_limit: new points will be refused. Raise it, or find who ' +
    'invents names.',
  todo_files:
    'At {{full}} % of the open files that the system allows. Raise LimitNOFILE of the service.',
  todo_lag:
    'The task {{task}} was {{ms}} ms late. The machine is busy, or the disk slow; look at CPU ' +
    'and load below.',
  todo_clock:
    'No time server sets this clock; the kernel says it may be off by {{error}} ms. Set up ' +
    'chrony or systemd-timesyncd: times of samples depend on it.',
  resultOk: 'ok',
  check: 'Check', perDay: 'Growth a day', diskLasts: 'Disk lasts',
  byBranch: 'By branch of the plant',
  forecastHelp:
    'Data divided by the days since the oldest sample; retention and more points change it.',
  yearsOver: 'over {{count}} years', yearsAbout: 'about {{count}} years',
  daysAbout_one: 'about {{count}} day', daysAbout_other: 'about {{count}} days', branch: 'Branch',
  samples: 'Samples', share: 'Share', byPoint: 'The {{count}} points with most samples',
  point: 'Point', first: 'First', last: 'Last', backupRestore: 'To restore',
  restoreStop: 'Stop the server, or use another machine. The old folder is not touched.',
  restoreRun: 'Make a data folder of the backup; it is checked first, file by file:',
  restoreStart: 'Start on it, and look before you send devices to it:',
  backupDaily: 'Every night',
  backupDailyHelp:
    'The server has no timetable of its own: let the machine’s do it (crontab of the server’s ' +
    'user). Send the folder elsewhere afterwards and delete old ones.',
  ended: 'Ended.', makePassword: 'Make one', passwordMade:
    'Give it to them by a safe way; it is not shown again.',
  keyUse: 'Over HTTP', keyUseMqtt: 'Over MQTT', result_all: 'All results', result_ok: 'Done',
  result_not: 'Refused or failed', span_own: 'From … to …', fromTime: 'From', toTime: 'To',
  saveLog: 'Save', newest: 'To the newest', thirdParties: 'Third parties',
  thirdHelp: 'What is in the program, in its tests and tools, and under which licences.',
  show: 'Show',
};
