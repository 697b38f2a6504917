export default {
  kinds: {
    kind: "問い合わせの種類",
    suggested: "推定",
    take: "これにする",
  },
  touch: {
    version: "第 {n} 版",
    copied: "#{number} が届きました (サクセス担当への知らせ)",
    answers: "答える人: {who}",
    wentBy: "見たもの",
    cell: "当たった枠",
    noCell: "どの枠にも当たらない",
    noTier: "タッチ未定",
    noKind: "種類未定",
    everywhere: "すべて",
    told: "対応表により、{who}が答えます",
    restHours: "時間あける",
    owner: {
      support: "サポート",
      pool: "サクセスの誰か",
      manager: "会社のサクセス担当",
    },
    hours: {
      in: "営業時間内",
      out: "営業時間外",
    },
  },
};
