"""What a caller and an agent hear, in Japanese and English. Versioned as pairs (T9): a test keeps both complete."""

from collections.abc import Mapping

UNREACHED = frozenset({"busy", "no-answer", "failed"})  # what an agent is told about a customer whom they called
LONGEST_TOLD_POSITION = 9  # beyond this a number only discourages: an honest band instead (T11)

WORDS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "recording": "この通話は、品質向上のため録音させていただくことがあります。",
        "next": "次におつなぎいたします。そのままお待ちください。",
        "position": "ただいま{position}番目にお待ちいただいております。順番におつなぎしますので、そのままお待ちください。",
        "band": "ただいま大変混み合っております。十人以上の方がお待ちです。順番におつなぎしますので、そのままお待ちください。",
        "hold": "ただいま担当者におつなぎしています。そのままお待ちください。",
        "voicemail": (
            "申し訳ございません。ただいま電話に出ることができません。発信音の後に、お名前とご用件をお話しください。"
            "終わりましたら、シャープを押すか、電話をお切りください。担当者から折り返しご連絡いたします。"
        ),
        "goodbye": "お電話ありがとうございました。担当者から折り返しご連絡いたします。失礼いたします。",
        "press": "三河屋サポートセンターへのお電話です。応答するには、1を押してください。",
        "gone": "お客様が電話を切られました。",
        "taken": "このお電話は、ほかの担当者が対応しています。",
        "press_to_call": "三河屋サポートセンターです。お客様に電話をおかけします。つなぐには、1を押してください。",
        "calling": "お客様を呼び出しています。そのままお待ちください。",
        "canceled": "この発信は取り消されました。",
        "busy": "お客様はお話し中です。",
        "no-answer": "お客様はお出になりませんでした。",
        "failed": "お客様に電話がつながりませんでした。",
        "sorry": "三河屋サポートセンターです。申し訳ございません。担当者におつなぎできませんでした。あらためてお電話いたします。",
        "survey": (
            "お電話ありがとうございました。よろしければ、今回の対応の満足度をお聞かせください。とても良いは5、良いは4、普通は3、悪いは2、"
            "とても悪いは1を押してください。お答えにならない場合は、そのまま電話をお切りください。"
        ),
        "survey_again": "恐れ入ります。1から5の数字を押してください。とても良いは5、とても悪いは1です。",
        "rated": "ご回答ありがとうございました。失礼いたします。",
    },
    "en": {
        "recording": "This call may be recorded to help us improve our service.",
        "next": "You are next in line. Please stay on the line.",
        "position": "You are number {position} in line. Please stay on the line and we will be with you in turn.",
        "band": "We are very busy at the moment. Ten or more callers are waiting. Please stay on the line.",
        "hold": "Please stay on the line while we connect you.",
        "voicemail": (
            "We are sorry, nobody can take your call right now. Please leave your name and message after the tone. "
            "Press the hash key or hang up when you are done, and we will call you back."
        ),
        "goodbye": "Thank you for calling. We will call you back. Goodbye.",
        "press": "A customer is calling the Mikawaya support centre. Press 1 to take the call.",
        "gone": "The caller has hung up.",
        "taken": "Somebody else has taken this call.",
        "press_to_call": "This is the Mikawaya support centre, about to call a customer. Press 1 to go ahead.",
        "calling": "Calling the customer. Please stay on the line.",
        "canceled": "This call was canceled.",
        "busy": "The customer's line is busy.",
        "no-answer": "The customer did not answer.",
        "failed": "The customer could not be reached.",
        "sorry": "This is the Mikawaya support centre. We are sorry, we could not connect you. We will call you again.",
        "survey": (
            "Thank you for calling. If you have a moment, please rate our help with a key from 1 to 5: "
            "5 for very good, 3 for fair, 1 for very poor. If you would rather not, simply hang up."
        ),
        "survey_again": "Sorry, please press a key from 1 to 5. 5 is very good, 1 is very poor.",
        "rated": "Thank you for your answer. Goodbye.",
    },
}


def known_language(language: object, default: str) -> str:
    """A language that we have words for: of "en-GB" the first part, of anything else the default."""
    first = str(language or "").partition("-")[0].lower()
    return first if first in WORDS else default


def queue_words(position: int, language: str) -> str:
    """What somebody in the queue is told. 0 means that the place is not known, or must not be told (T11)."""
    words = WORDS[language]
    if position <= 0:
        return words["hold"]
    if position == 1:
        return words["next"]
    return words["position" if position <= LONGEST_TOLD_POSITION else "band"].format(position=position)
