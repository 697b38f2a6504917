"""Where the new part of a mail ends: quotes and signatures are folded on the screen, never deleted (E22, E23, E24).

Every pattern is anchored and sees at most `HEAD` characters of a line, and each line is looked at a bounded number of
times: the cost is linear whatever the text is.
"""

import re

HEAD = 300  # characters of a line that the patterns see
SIGNATURE_LINES = 15
DELIMITER = {
    "ja": "-- この線より上に返信してください --",
    "en": "-- Please reply above this line --",
}

_WEEKDAY = r"(?:\s*[(（].{1,5}[)）])?"
_JA_DATE = rf"\d{{4}}(?:年|/|-|\.)\d{{1,2}}(?:月|/|-|\.)\d{{1,2}}日?{_WEEKDAY}"
_STRONG = re.compile(
    rf"\s*(?:(?:On|Am|Le|El|Em|Il|Op)\b.{{5,220}}\b(?:wrote|schrieb|écrit|escribió|escreveu|scritto|schreef)\s?[:：]?\s*$"
    rf"|{_JA_DATE}.{{0,120}}(?:<[^<>\s]{{1,100}}@[^<>\s]{{1,100}}>|さん[はが]?書きました|のメール|のメッセージ|wrote).{{0,12}}[:：]\s*$"
    rf"|{_JA_DATE}\s*(?:の\s*)?\d{{1,2}}[:時]\d{{2}}.{{0,200}}(?:書きました|より|からのメール)\s*[:：]?\s*$)"
)
_WEAK = re.compile(
    r"\s*(?:.{0,200}(?:さん[はが]?書きました|のメール|のメッセージ|が書き込みました|様[よりは]|さん[よりは]|wrote|writes|said)\s*[:：]?\s*$"
    rf"|.{{0,100}}{_JA_DATE}.{{0,150}}[:：]\s*$|In (?:message|article) .{{0,200}}$)"
)
_DIVIDER = re.compile(
    r"\s*(?:-{2,}\s*(?:Original Message|Original Appointment|元のメッセージ|Forwarded message|Forwarded by .{1,80}|転送メッセージ"
    r"|転送されたメッセージ|オリジナルメッセージ|返信元メッセージ|Ursprüngliche Nachricht|Message d'origine)\s*-{2,}"
    r"|Begin forwarded message:|転送されたメッセージ[:：]|_{30,})\s*$",
    re.IGNORECASE,
)
_FROM = re.compile(r"\s*\*?(?:From|差出人|送信者|Von|De)\s?[:：]\*?\s*\S", re.IGNORECASE)
_BLOCK = re.compile(
    r"\s*\*?(?:Sent|Date|To|Cc|Subject|送信日時|日時|日付|宛先|件名|CC|送信済み|Gesendet|An|Betreff)\s?[:：]",
    re.IGNORECASE,
)
_DELIMITER = re.compile(r"[>\s]*-- (?:この線より上に返信してください|Please reply above this line) --\s*$")
_DASHES = re.compile(r"--$")
_RULE = re.compile(r"\s*(?:[━─═＝=*＊_＿/／◇◆■□●○+＋~〜～☆★・.\-‐―ー┏┓┗┛┌┐└┘|｜※]\s?){8,}\s*$")
_CONTACT = re.compile(
    r"(?:TEL|Tel|FAX|Fax|電話|〒|E-?[Mm]ail|mail[:：]|https?://|www\.|株式会社|有限会社|合同会社|\(株\)|㈱|Inc\.|Ltd|@[\w-]{1,60}\.|部\s|課\s)"
)
_DEVICE = re.compile(
    r"\s*(?:(?:iPhone|iPad|Android|スマートフォン|携帯電話|Yahoo!メール|Outlook|Gmail|モバイル).{0,60}(?:から送信|から送信されました|を入手)"
    r"|Sent from (?:my|Yahoo|Mail|Outlook|Gmail|an?)\b.{0,80}|Sent via .{1,60}|Get Outlook for .{1,60})[。.]?\s*$"
)


def fold(text: str) -> tuple[str, str]:
    """(visible, folded): what the sender wrote now, and the quote and signature behind it. Together they are `text`."""
    lines = text.splitlines(keepends=True)
    heads = [line[:HEAD].rstrip() for line in lines]
    cut = _trimmed(heads, _first_divider(heads))
    visible = "".join(lines[:cut])
    return (visible, text[len(visible) :]) if visible.strip() else (text, "")


def folded_at(text: str) -> int | None:
    """The index of the first folded character; None when nothing is folded."""
    visible, folded = fold(text)
    return len(visible) if folded.strip() else None


def _first_divider(heads: list[str]) -> int:
    """The first line behind which everything is somebody else's; the number of lines without one."""
    written = False
    for at, head in enumerate(heads):
        if written and (_DELIMITER.match(head) or _divides(heads, at)):
            return at
        written = written or bool(head.strip())
    return len(heads)


def _divides(heads: list[str], at: int) -> bool:
    head = heads[at]
    if _DIVIDER.match(head):
        return not head.lstrip().startswith("_") or any(_FROM.match(one) for one in heads[at + 1 : at + 4])
    if _FROM.match(head):
        return sum(1 for one in heads[at + 1 : at + 6] if _BLOCK.match(one)) >= 2
    return _attribution(heads, at) > 0 and not _marked_below(heads, at)


def _attribution(heads: list[str], at: int) -> int:
    """How many lines a dated attribution beginning here has: 0 for none, at most 3."""
    if not heads[at].strip() or not re.match(r"\s*(?:On|Am|Le|El|Em|Il|Op|\d{4})\b|\s*\d{4}年", heads[at]):
        return 0
    return next((n for n in (1, 2, 3) if _STRONG.match(" ".join(heads[at : at + n])[:HEAD])), 0)


def _marked_below(heads: list[str], at: int) -> bool:
    """Whether what follows the attribution carries quote marks: then the tail is judged from the end, by `_trimmed`."""
    after = at + _attribution(heads, at)
    return next((_quoted(one) for one in heads[after : after + 3] if one.strip()), False)


def _trimmed(heads: list[str], cut: int) -> int:
    """Takes quotes, their attributions and signatures off the end, as long as there are any."""
    while True:
        end = _without_blank(heads, cut)
        shorter = _without_signature(heads, _without_quote(heads, end))
        if shorter == end:
            return cut
        cut = shorter


def _without_blank(heads: list[str], cut: int) -> int:
    while cut and not heads[cut - 1].strip():
        cut -= 1
    return cut


def _without_quote(heads: list[str], cut: int) -> int:
    top = cut
    while top and (not heads[top - 1].strip() or _quoted(heads[top - 1])):
        top -= 1
    if not any(_quoted(head) for head in heads[top:cut]):
        return cut
    top = _without_blank(heads, top)
    for count in (1, 2, 3):
        if top >= count and _STRONG.match(" ".join(heads[top - count : top])[-HEAD:]):
            return top - count
    return top - 1 if top and _WEAK.match(heads[top - 1]) else top


def _quoted(head: str) -> bool:
    return head.lstrip().startswith((">", "＞"))


def _without_signature(heads: list[str], cut: int) -> int:
    """A signature at the end: behind dashes, behind a rule with two lines of contact details, a device's line."""
    if cut and _DEVICE.match(heads[cut - 1]):
        return cut - 1
    first = max(0, cut - SIGNATURE_LINES)
    dashes = next((at for at in range(first, cut) if _DASHES.match(heads[at])), None)
    if dashes is not None:
        return dashes
    for at in range(first, cut):
        if _RULE.match(heads[at]) and sum(1 for one in heads[at + 1 : cut] if _CONTACT.search(one)) >= 2:
            return at
    return cut
