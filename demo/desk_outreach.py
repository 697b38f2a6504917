"""The sample desk's outreach: who agreed to it or refused it, what was sent, and what became of it."""

Texts = dict[str, dict[str, str]]

SENDER = {
    "name": "三河屋商店",
    "address": "東京都台東区浅草橋1-2-3",
    "contact": "03-5555-0142 / support@mikawaya.example",
}
SEASON: Texts = {
    "ja": {"subject": "年末の仕込みに、新樽のご案内",
           "text": "{{person.name|ご担当者}} 様\n\nいつもお世話になっております。三河屋の{{agent.alias}}です。\n"
                   "木桶で二年ねかせた新樽が入りました。{{account.name}}様の年末の仕込みに、まずは一升お試しになりませんか。\n"
                   "ご返信いただければ、次の便に入れてお届けします。"},
    "en": {"subject": "A new barrel for the year's end",
           "text": "Dear {{person.name|customer}},\n\nA barrel that has rested for two years has come in. "
                   "Would {{account.name}} like to try a bottle? Just answer, and it comes with the next delivery."
                   "\n\n{{agent.alias}}, Mikawaya"},
}  # fmt: skip
HOLIDAYS: Texts = {
    "ja": {"subject": "年末年始の配達について",
           "text": "{{person.name|ご担当者}} 様\n\n{{account.name}}様のお届けについてお知らせします。"
                   "12月30日から1月3日まで配達を休みます。29日の便に多めに載せることもできますので、ご返信ください。"},
    "en": {"subject": "Deliveries around New Year",
           "text": "Dear {{person.name|customer}},\n\nThere are no deliveries from 30 December to 3 January. "
                   "Answer this mail if you would like more on the 29th.\n\n{{agent.alias}}, Mikawaya"},
}  # fmt: skip
TEMPLATES = (("新樽のご案内", "promotion", SEASON), ("年末年始の配達", "service", HOLIDAYS))
# the account's code, what its contact said, where, in which words
CONSENTS = (
    ("M-001", "yes", "form", "「季節のご案内をメールで受け取る」にチェック"),
    ("M-002", "yes", "card", "Handed over at the trade fair"),
    ("M-005", "yes", "phone", "「新しい樽が出たら教えて」"), ("M-003", "no", "reply", "「ご案内は結構です」"),
)  # fmt: skip
# name, purpose, words, sent so many days ago, codes of accounts that answered after so many hours
SENT = (
    ("年末年始の配達のお知らせ", "service", HOLIDAYS, 6, {"M-002": 5, "M-005": 28}),
    ("新樽のご案内", "promotion", SEASON, 2, {"M-001": 3}),
)
