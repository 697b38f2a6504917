"""What readers of the help centre see around the articles, in both languages."""

from collections.abc import Mapping

REASONS = ("unclear", "wrong", "missing", "not_mine", "other")
LONGEST_COMMENT = 1000
TONGUES: Mapping[str, str] = {"ja": "日本語", "en": "English"}
WORDS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "title": "ヘルプセンター", "lead": "お困りのことを、ふだんの言葉で探せます。", "search": "ヘルプを検索", "go": "検索",
        "skip": "本文へ移動", "other": "そのほか", "only": "日本語のみ", "results": "「{q}」の検索結果: {n}件",
        "nothing": "「{q}」に合う記事は見つかりませんでした。",
        "nothing_help": "言葉を短くするか、別の言い方でお試しください。"
        "見つからないときは、お問い合わせください。人がお答えします。",
        "ask": "検索する言葉を入れてください。", "none": "公開中の記事はまだありません。", "home": "ヘルプセンターの最初へ",
        "issue": "こんなとき", "environment": "対象", "cause": "原因", "resolution": "解決方法", "updated": "更新日",
        "outdated": "この訳のもとになった日本語の記事が、その後変わっています。",
        "gone": "このページは見つかりません。移動したか、公開を終えました。",
        "helpful": "この記事は役に立ちましたか。", "yes": "はい", "no": "いいえ", "reason": "「いいえ」の理由",
        "pick": "選んでください (任意)",
        "comment": "ご意見 (任意)。個人情報は書かないでください。お返事はできません。", "send": "送る",
        "thanks": "ありがとうございました。記事の改善に役立てます。",
        "choose": "「はい」か「いいえ」を選んでください。",
        "busy": "ただいま混み合っています。1分ほど待ってからもう一度お試しください。", "languages": "言語", "path": "現在の場所",
        "shared": "このページは、リンクをお送りしたお客様だけにお見せしています。",
    },
    "en": {
        "title": "Help centre", "lead": "Search in your own words.", "search": "Search the help centre", "go": "Search",
        "skip": "Skip to the content", "other": "Other", "only": "Japanese only", "results": "Results for “{q}”: {n}",
        "nothing": "Nothing was found for “{q}”.",
        "nothing_help": "Try shorter or other words. If that does not help, ask us: a person will answer.",
        "ask": "Enter some words to search for.", "none": "There are no articles yet.", "home": "Help centre, first page",
        "issue": "When this happens", "environment": "Applies to", "cause": "Cause", "resolution": "What to do",
        "updated": "Updated",
        "outdated": "The article that this is a translation of has changed since.",
        "gone": "There is no such page. It has moved or is no longer published.",
        "helpful": "Was this article helpful?", "yes": "Yes", "no": "No", "reason": "If not, why", "pick": "Choose (optional)",
        "comment": "Comment (optional). Please do not write personal details. We cannot answer here.", "send": "Send",
        "thanks": "Thank you. This helps us to improve the article.",
        "choose": "Please choose yes or no.", "busy": "We are very busy right now. Please try again in a minute.",
        "languages": "Language", "path": "You are here", "shared": "Only customers who were sent the link can see this page.",
    },
}  # fmt: skip
REASON_WORDS: Mapping[str, Mapping[str, str]] = {
    "ja": {"unclear": "わかりにくい", "wrong": "書いてあるとおりにならない", "missing": "知りたいことが書いていない",
        "not_mine": "探していた内容と違う", "other": "その他"},
    "en": {"unclear": "Hard to follow", "wrong": "It does not work as described",
        "missing": "It does not say what I need", "not_mine": "Not what I was looking for", "other": "Something else"},
}  # fmt: skip


def say(key: str, locale: str, **given: object) -> str:
    return WORDS[locale][key].format(**given)
