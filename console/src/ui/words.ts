import { defineWords } from '~/lib/words';

export const words = defineWords(
  'ui',
  {
    good: 'good', uncertain: 'uncertain', bad: 'bad', stale: 'stale', offline: 'no link',
    none: 'no value', since: 'since {{time}}', ago: '{{time}} ago', copy: 'Copy', copied: 'Copied',
    problem: 'Something went wrong', retry: 'Try again', copyProblem: 'Copy the problem as JSON',
    unreachable: 'The server does not answer.',
    confirmTitle: 'Change {{what}}', confirmOld: 'Now', confirmNew: 'New', reason: 'Reason',
    reasonHint: 'Kept in the audit. Why do you change it?', write: 'Write', cancel: 'Cancel',
    writing: 'Writing …', confirmed: 'Confirmed: the plant reads back {{value}}',
    unconfirmed: 'Not confirmed: {{why}}', refused: 'Refused: {{why}}', close: 'Close',
    on: 'on', off: 'off', search: 'Search', rows: '{{count}} rows', noRows: 'Nothing matches.',
    loading: 'Loading', sortBy: 'Sort by {{column}}', needRole: 'Needs the role {{role}}.',
    limits: 'normal {{low}} to {{high}}', noData: 'no data', delete: 'Delete',
    typeName: 'Type {{name}} to confirm', more: 'Load more',
  },
  {
    good: '正常', uncertain: '不确定', bad: '坏值', stale: '过期', offline: '断线',
    none: '无值', since: '自 {{time}} 起', ago: '{{time}}前', copy: '复制', copied: '已复制',
    problem: '出错了', retry: '重试', copyProblem: '复制问题详情（JSON）',
    unreachable: '服务器没有应答。',
    confirmTitle: '更改 {{what}}', confirmOld: '当前', confirmNew: '新值', reason: '原因',
    reasonHint: '将记入审计日志。为什么更改？', write: '写入', cancel: '取消',
    writing: '正在写入…', confirmed: '已确认：现场回读 {{value}}',
    unconfirmed: '未确认：{{why}}', refused: '被拒绝：{{why}}', close: '关闭',
    on: '开', off: '关', search: '搜索', rows: '{{count}} 行', noRows: '没有匹配项。',
    loading: '加载中', sortBy: '按{{column}}排序', needRole: '需要“{{role}}”角色。',
    limits: '正常范围 {{low}} 至 {{high}}', noData: '无数据', delete: '删除',
    typeName: '输入 {{name}} 以确认', more: '加载更多',
  },
);
