"""The figures of the knowledge base: what each is, of what it is counted, and how it is explained (K3, K4). Pure.

How a figure is counted is SQL and stands in queries/knowledge/figures.py. A ratio of nothing is None, shown as "–".
"""

# ruff: noqa: E501 - what people read is data

from collections.abc import Mapping
from dataclasses import dataclass

from app.rules.kpi import COUNT, DURATION, RATIO


@dataclass(frozen=True, slots=True)
class Figure:
    """`rows`: what it counts, each of which the screen can show: tickets, links, articles, answers."""

    code: str
    kind: str
    rows: str
    good: str = ""  # "up" or "down": which way is better; empty: neither


FIGURES: dict[str, Figure] = {
    each.code: each
    for each in (
        Figure("link_rate", RATIO, "tickets", "up"),
        Figure("waived_rate", RATIO, "tickets"),
        Figure("create_rate", RATIO, "tickets"),
        Figure("known_to_new", RATIO, "tickets", "up"),
        Figure("reuse", COUNT, "links", "up"),
        Figure("link_accuracy", RATIO, "links", "up"),
        Figure("modify_rate", RATIO, "articles"),
        Figure("publish_time", DURATION, "articles", "down"),
        Figure("self_service", RATIO, "answers", "up"),
        Figure("deflection_explicit", RATIO, "tickets", "up"),
        Figure("deflection_implicit", RATIO, "tickets", "up"),
        Figure("widget_explicit", RATIO, "readers", "up"),
        Figure("widget_implicit", RATIO, "readers", "up"),
    )
}
Words = Mapping[str, tuple[str, str]]  # code → name, definition
JA: Words = {
    "link_rate": ("リンク率", "期間中に初めて解決したチケットのうち、記事が1つ以上関連付けられているものの割合。迷惑メールと、ほかのチケットに統合されたものは除きます。「対象外」としたものも分母に入ります。"),
    "waived_rate": ("対象外の割合", "期間中に初めて解決したチケットのうち、記事は要らないと理由を付けて「対象外」にしたものの割合。"),
    "create_rate": ("作成率", "期間中に初めて解決したチケットのうち、そこから記事が書かれたものの割合。"),
    "known_to_new": ("既知の割合 (既知 / 既知+新規)", "期間中に初めて解決し記事が関連付けられたチケットのうち、すでにあった記事で解決したもの (既知) の割合。残りは新しく書いたもの (新規) です。"),
    "reuse": ("再利用の回数", "期間中に、すでにある記事がチケットに関連付けられた、またはお客様に送られた回数。1つのチケットで同じ記事は1回と数えます。"),
    "link_accuracy": ("リンク正確率", "期間中に「正しい記事だった」「違う記事だった」と判定された関連付けのうち、正しかったものの割合。判定されていない関連付けは数えません (抜き取りでの判定です)。"),
    "modify_rate": ("改善率", "期間中に再利用された記事のうち、同じ期間に新しい版が保存されたものの割合。最初の版は数えません。"),
    "publish_time": ("公開までの時間", "期間中に初めて公開された記事について、最初の報告 (もとになったチケットの受付、なければ記事の作成) から公開まで。"),
    "self_service": ("自己解決率 (回答による)", "期間中に「この記事は役に立ちましたか」に答えた読者のうち、「はい」の割合。答えなかった読者は数えません。"),
    "deflection_explicit": ("自己解決 (お客様の申告)", "期間中に記事をご案内したお問い合わせのうち、お客様が「解決しました」を選び、その後72時間に同じお客様から連絡がなかったものの割合。ご案内から72時間たっていないものは、まだ数えません。"),
    "deflection_implicit": ("自己解決 (閲覧後に連絡なし)", "期間中にご案内のリンクから記事を開いたお客様のうち、「解決しました」を選ばず、担当者の返信もないまま、開いてから24時間に連絡がなかったものの割合。「解決しました」を選んだ方は申告のほうで数えます。開いてから24時間たっていないものと、だれか分からない閲覧 (ヘルプセンターに直接来た方など) は数えません。"),
    "widget_explicit": ("問い合わせ前の自己解決 (お客様の申告)", "期間中に、チャットの画面で問い合わせの前に記事を読んだ方のうち、「解決しました」を選び、その後72時間に同じ方から連絡がなかったものの割合。同じ方は1日 (UTC) に1人と数えます。読む前の24時間に連絡があった方と、72時間たっていないものは数えません。"),
    "widget_implicit": ("問い合わせ前の自己解決 (閲覧後に連絡なし)", "期間中に、チャットの画面で問い合わせの前に記事を読んだ方のうち、「解決しました」を選ばず、読み始めてから24時間に同じ方から連絡がなかったものの割合。ほかの窓口 (電話など) への連絡は、同じ方と分からないため含まれません。読む前の24時間に連絡があった方と、24時間たっていないものは数えません。"),
}  # fmt: skip
EN: Words = {
    "link_rate": ("Link rate", "Of the tickets first resolved in the period, the share with at least one article linked. Spam and tickets merged into another are left out; tickets called “not applicable” are in the denominator."),
    "waived_rate": ("Not applicable", "Of the tickets first resolved in the period, the share of which somebody said, with a reason, that they need no article."),
    "create_rate": ("Create rate", "Of the tickets first resolved in the period, the share from which an article was written."),
    "known_to_new": ("Known (known / known + new)", "Of the tickets first resolved in the period that have an article, the share solved by one that was there already (known). The others had a new one written (new)."),
    "reuse": ("Reuse", "How often in the period an article that was there was linked to a ticket or sent to a customer. The same article counts once in a ticket."),
    "link_accuracy": ("Link accuracy", "Of the links judged right or wrong in the period, the share that was right. Links that nobody judged are not counted: it is a sample."),
    "modify_rate": ("Modify rate", "Of the articles reused in the period, the share of which a new version was saved in the same period. The first version does not count."),
    "publish_time": ("Time to publish", "For articles first published in the period: from the first report (the ticket that it was written from, else the article's own beginning) to its publication."),
    "self_service": ("Self-service success (as answered)", "Of the readers who answered in the period whether an article helped, the share that said yes. Readers who did not answer are not counted."),
    "deflection_explicit": ("Deflection, explicit", "Of the tickets to which articles were offered in the period, the share whose customer chose “solved” and did not write again within 72 hours. Offers of the last 72 hours are not counted yet."),
    "deflection_implicit": ("Deflection, implicit", "Of the customers who opened an article in the period by the link that they were sent, the share that neither chose “solved” nor got an answer from a person, and did not write within 24 hours. Those who chose “solved” are counted as explicit. Not counted: the last 24 hours, and readers whom we do not know (who came to the help centre by themselves)."),
    "widget_explicit": ("Solved before asking, explicit", "Of those who read an article in the chat window in the period before asking, the share that chose “solved” and did not write within 72 hours. A visitor counts once a day (UTC). Not counted: who had written in the 24 hours before, and the last 72 hours."),
    "widget_implicit": ("Solved before asking, implicit", "Of those who read an article in the chat window in the period before asking and did not choose “solved”, the share that did not write within 24 hours. Whether they called or mailed instead is not known. Not counted: who had written in the 24 hours before, and the last 24 hours."),
}  # fmt: skip


def named(code: str, language: str) -> tuple[str, str]:
    """Its name and its definition."""
    return (EN if language == "en" else JA)[code]
