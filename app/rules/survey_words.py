"""What customers read when they are asked how satisfied they are, in both languages."""

# ruff: noqa: E501 - what people read is data

from collections.abc import Mapping
from typing import Any

from app.rules.survey import REASONS, SCORES, data

WORDS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "ask": "先日のお問い合わせ{about}の対応はいかがでしたか。よろしければ、5段階でお聞かせください。",
        "ask_link": "先日のお問い合わせ{about}の対応はいかがでしたか。よろしければ、次のページから5段階でお聞かせください。1分もかかりません。\n\n{link}",
        "ask_reason": "ご回答ありがとうございます。ご期待に沿えず申し訳ありません。いちばん近い理由をお聞かせください。",
        "thanks": "ご回答ありがとうございました。今後の対応に役立てます。",
        "title": "対応の満足度",
        "question": "お問い合わせ{about}の対応はいかがでしたか。",
        "by": "{name}からのお願いです。",
        "why": "いちばん近い理由をお聞かせください。",
        "comment": "ご意見があればお書きください (任意)",
        "send": "回答を送る",
        "send_reason": "理由を送る",
        "given": "ご回答: {score}",
        "change": "回答を変える",
        "changeable": "{days}日以内は変更できます。",
        "closed": "この回答の受付は終わりました。",
        "gone": "このページは見つかりません。リンクが途中で切れていないかご確認ください。",
        "busy": "ただいま混み合っています。1分ほど待ってからもう一度お試しください。",
        "choose": "1つ選んでください。",
        "private": "回答は担当チームだけが見ます。",
    },
    "en": {
        "ask": "How did we do with your recent inquiry{about}? Please rate us from 1 to 5.",
        "ask_link": "How did we do with your recent inquiry{about}? Please rate us from 1 to 5 on this page. It takes less than a minute.\n\n{link}",
        "ask_reason": "Thank you. We are sorry that we let you down. What comes closest to the reason?",
        "thanks": "Thank you for your answer. It helps us to do better.",
        "title": "Your satisfaction",
        "question": "How did we do with your inquiry{about}?",
        "by": "{name} would like to know.",
        "why": "What comes closest to the reason?",
        "comment": "Anything you would like to add (optional)",
        "send": "Send my answer",
        "send_reason": "Send the reason",
        "given": "Your answer: {score}",
        "change": "Change my answer",
        "changeable": "You can change it for {days} days.",
        "closed": "This question can no longer be answered.",
        "gone": "There is no such page. Please check that the link is complete.",
        "busy": "We are very busy right now. Please try again in a minute.",
        "choose": "Please choose one.",
        "private": "Only the team that helped you sees your answer.",
    },
}
SCORE_WORDS: Mapping[str, Mapping[int, str]] = {
    "ja": {5: "とても良い", 4: "良い", 3: "ふつう", 2: "悪い", 1: "とても悪い"},
    "en": {5: "Very good", 4: "Good", 3: "Neutral", 2: "Bad", 1: "Very bad"},
}
FACES: Mapping[int, str] = {5: "😄", 4: "😊", 3: "😐", 2: "😕", 1: "😞"}
REASON_WORDS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "wait": "待ち時間", "unsolved": "解決しなかった", "unclear": "説明がわかりにくい", "manner": "対応・言葉遣い",
        "product": "商品・サービス", "other": "その他",
    },
    "en": {
        "wait": "Waiting time", "unsolved": "Not solved", "unclear": "Hard to follow", "manner": "Manner of the reply",
        "product": "Product or service", "other": "Something else",
    },
}  # fmt: skip
QUESTIONS = ("score", "reason")  # what a message of ours may ask


def tongue(language: str) -> str:
    return "en" if language.startswith("en") else "ja"


def say(key: str, language: str, **given: object) -> str:
    return WORDS[tongue(language)][key].format(**given)


def about(subject: str, language: str) -> str:
    """Which inquiry, as a part of a sentence; "" when it has no subject."""
    if not subject:
        return ""
    return f" “{subject}”" if tongue(language) == "en" else f"「{subject}」"


def linked(meta: Mapping[str, Any], link: str) -> str:
    """The question for a channel that shows no choices."""
    language = str(meta.get("language", ""))
    return say("ask_link", language, about=about(str(meta.get("about", "")), language), link=link)


def choices(asks: str, survey: int, language: str) -> list[tuple[str, str]]:
    """(label, data) of what may be tapped under a message that asks this."""
    words = tongue(language)
    if asks == "score":
        return [(f"{FACES[score]} {SCORE_WORDS[words][score]}", data(survey, score)) for score in SCORES]
    if asks == "reason":
        return [(REASON_WORDS[words][reason], data(survey, reason)) for reason in REASONS]
    return []
