export default {
  queue: {
    title: "チケットの一覧",
    search: "件名・お客様・番号で探す",
    sort: "並び順",
    by: {
      due: "期限順",
      updated: "更新順",
    },
    empty: "ここにはチケットがありません。落ち着いています。",
    nothingFound: "見つかりませんでした。",
    failed: "一覧を読み込めませんでした。",
    unread: "未読",
    we: "返信: {text}",
    held: "未承認の返信: {text}",
  },
  span: {
    days: "{a}日",
    hours: "{a}時間{b}分",
    minutes: "{a}分",
    seconds: "{a}秒",
  },
  due: {
    left: "あと{span}",
    late: "{span}超過",
    waiting: "{span}待ち",
    at: "返信期限 {at}",
  },
  status: {
    open: "対応中",
    pending: "お客様待ち",
    snoozed: "スヌーズ",
    resolved: "解決",
    closed: "終了",
    spam: "迷惑",
  },
  priority: {
    urgent: "緊急",
    high: "高",
    normal: "普通",
    low: "低",
  },
  channel: {
    line: "LINE",
    email: "メール",
    chat: "チャット",
    phone: "電話",
  },
  language: {
    ja: "日本語",
    en: "英語",
  },
};
