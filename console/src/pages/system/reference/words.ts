import { defineWords } from '~/lib/words';

export const words = defineWords('reference', {
  find: 'Find an operation, e.g. post rules', list: 'Operations', others: 'beside the API',
  count_one: '{{count}} operation', count_other: '{{count}} operations',
  intro: 'Everything the console does goes through this API, and so can your programs, with a key'
    + ' of the tab API keys. The texts of the reference come from the server, in English.',
  document: 'openapi.json', metrics: 'Metrics',
  role: 'needs {{role}}', open: 'open to all', parameters: 'Parameters', name: 'Name',
  worth: 'Value', type: 'Type', meaning: 'Meaning', needed: 'needed', body: 'Body',
  answers: 'Answers', code: 'Code', command: 'By curl', tryIt: 'Try it', send: 'Send',
  inPath: 'path', inQuery: 'query', inHeader: 'header', value: 'Value of {{name}}',
  answered: '{{status}} after {{ms}} ms', cut: 'The rest is not shown.',
  notTried: 'Changes are not tried here: they would be real.',
  streams: 'This answer is a stream or a file; take curl.',
  copy: 'Copy', copied: 'Copied', timeout: 'No answer within {{seconds}} s.',
  members: 'Members', nothing: 'No operation is called so.', choose: 'Choose an operation.',
}, {
  find: '查找接口，例如 post rules', list: '接口', others: 'API 之外',
  count_one: '{{count}} 个接口', count_other: '{{count}} 个接口',
  intro: '控制台的一切操作都经由此 API；您的程序凭“API 密钥”页中的密钥同样可以调用。接口说明来自服务器，为英文。',
  document: 'openapi.json', metrics: '指标',
  role: '需要角色：{{role}}', open: '无需登录', parameters: '参数', name: '名称',
  worth: '值', type: '类型', meaning: '含义', needed: '必填', body: '请求体',
  answers: '响应', code: '状态码', command: '用 curl 调用', tryIt: '试一试', send: '发送',
  inPath: '路径', inQuery: '查询串', inHeader: '请求头', value: '{{name}} 的值',
  answered: '{{status}}，耗时 {{ms}} 毫秒', cut: '其余内容未显示。',
  notTried: '变更类接口不在此处试用，以免真正生效。',
  streams: '此响应是流或文件，请使用 curl。',
  copy: '复制', copied: '已复制', timeout: '{{seconds}} 秒内没有响应。',
  members: '成员', nothing: '没有这样的接口。', choose: '请选择一个接口。',
});
