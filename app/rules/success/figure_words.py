"""What the success team's figures are called and how they are explained, in both languages. {margin}: as asked."""

# ruff: noqa: E501 - what people read is data

from collections.abc import Mapping

NAMES: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "logo_churn": "解約率 (社数)", "grr": "GRR (売上維持率)", "nrr": "NRR (売上継続率)", "arpa": "ARPA (年額)", "ltv": "LTV",
        "renewal_rate": "更新率 (件数)", "renewal_amount": "更新率 (金額)", "save_rate": "セーブ率", "coverage": "カバー率",
        "outreach_response": "アウトリーチの返信率", "outreach_stops": "アウトリーチの停止率",
        "ttv": "最初の成果まで (中央値)",
    },
    "en": {
        "logo_churn": "Logo churn", "grr": "Gross retention (GRR)", "nrr": "Net retention (NRR)", "arpa": "Revenue per account (a year)",
        "ltv": "Lifetime value", "renewal_rate": "Renewal rate", "renewal_amount": "Renewal rate (amount)", "save_rate": "Save rate",
        "outreach_response": "Answers to outreach", "outreach_stops": "Outreach stopped",
        "coverage": "Coverage", "ttv": "Time to value (median)",
    },
}  # fmt: skip

DEFINITIONS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "logo_churn": "期首に有効な契約があったアカウントのうち、期末に1つもなくなったものの割合。期中の新規は分子にも分母にも入りません。デスクの通貨の契約だけを数えます。",
        "grr": "期首に契約があったアカウントの、(期首の年額 − 縮小 − 解約) ÷ 期首の年額。拡大は数えないため、100%を超えません。",
        "nrr": "期首に契約があったアカウントの、期末の年額 ÷ 期首の年額。拡大・縮小・解約をすべて含みます。期中の新規は入りません。",
        "arpa": "期末に契約のあるアカウントの年額の合計 ÷ その数。",
        "ltv": "ARPA × 粗利率 ({margin}%) × 続く年数。年数は、期間の解約率を1年に直した値の逆数で、5年を上限とします (解約がなければ5年)。",
        "renewal_rate": "期間中に更新日を迎えた契約のうち、更新されたものの件数の割合。まだ決まっていないものも分母に入ります。更新日が先のものは数えません。",
        "renewal_amount": "期間中に更新日を迎えた契約の年額のうち、更新で維持された額の割合。増えた分は数えません。",
        "save_rate": "期間中に終わったアラートのうち「防いだ」÷ (「防いだ」+「失った」)。誤報と、自然に収まったものは数えません。",
        "coverage": "期末に契約のあるアカウントのうち、期末までの90日に、やりとり (公開のメッセージ、通話) か済んだプレイブックの連絡があったものの割合。",
        "outreach_response": "期間中に送り届けたアウトリーチ (お知らせとご案内) のうち、14日以内にお客様の返事があったものの割合。自動返信と、届かなかったもの、送らなかった人は数えません。LINE では、ほかのチケットが開いている間の返事はそのチケットのものとし、数えません。",
        "outreach_stops": "期間中に送り届けたアウトリーチのうち、そのリンクから配信を停止したものの割合。",
        "ttv": "期間中に「最初の成果」の手順を終えたアカウントの、契約の開始からその日までの日数の中央値。契約の開始が分からないときは、導入を始めた日から数えます。",
    },
    "en": {
        "logo_churn": "Of the accounts that had a running contract when the period began, the share that has none when it ends. Accounts that are new in the period are in neither. Only contracts in the desk's currency count.",
        "grr": "Of the accounts that had contracts when the period began: (value then − contraction − churn) ÷ value then, a year's values. Growth does not count, so it is never above 100%.",
        "nrr": "Of the accounts that had contracts when the period began: value when it ends ÷ value when it began, with growth, contraction and churn. New accounts do not count.",
        "arpa": "A year's value of all accounts that have contracts when the period ends ÷ how many they are.",
        "ltv": "Revenue per account × margin ({margin}%) × the years that accounts stay: the inverse of the period's churn, taken for a year, five years at most (five without churn).",
        "renewal_rate": "Of the contracts whose renewal was due in the period, the share that was renewed. Those not yet decided are in the denominator; renewals still to come are not counted.",
        "renewal_amount": "Of the yearly value that was due for renewal in the period, the share that was kept. Growth does not count.",
        "save_rate": "Of the early warnings closed in the period: saved ÷ (saved + lost). False alarms and those that eased by themselves do not count.",
        "coverage": "Of the accounts that have contracts when the period ends, the share with a contact in the 90 days before: a public message, a call, or a playbook's contact that was done.",
        "outreach_response": "Of the letters of outreach (notices and promotions) that went out in the period, the share that the customer answered within 14 days. Automatic answers, undelivered letters and people who were left out do not count. On LINE what is written while another case is open belongs to that case, and does not count.",
        "outreach_stops": "Of the letters of outreach that went out in the period, the share whose receiver stopped more of it by its link.",
        "ttv": "Of the accounts whose first-value step was done in the period: the median of the days since their contract began, or since onboarding began where that is not known.",
    },
}  # fmt: skip


def name(code: str, language: str) -> str:
    return NAMES["en" if language == "en" else "ja"][code]


def definition(code: str, language: str, margin: int) -> str:
    return DEFINITIONS["en" if language == "en" else "ja"][code].format(margin=margin)
