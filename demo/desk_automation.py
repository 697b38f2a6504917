"""What the sample desk does by itself, and what its agents say and do at one stroke."""

from typing import Any

from demo.desk_promises import PREMIUM

Json = dict[str, Any]


def _says(*words: str) -> Json:
    return {"any": [{"field": "message_text", "op": "contains", "value": word} for word in words]}


def rules(tags: dict[str, int]) -> list[Json]:
    """One that is on, and one to look at and to try before it is switched on."""
    return [
        {
            "name": "返品・返金のご相談を見落とさない",
            "trigger": {"on": ["message.received"]},
            "conditions": {
                "all": [
                    {"field": "message_auto", "op": "is", "value": False},
                    _says("返品", "返金", "refund", "return"),
                ]
            },
            "actions": [{"do": "priority", "to": "high"}, {"do": "add_tag", "tag": tags[RETURNS]}],
            "stop": False,
            "active": True,
        },
        {
            "name": "3 日お返事がなければ解決にする",
            "trigger": {"time": True},
            "conditions": {
                "all": [
                    {"field": "status", "op": "is", "value": "pending"},
                    {"field": "hours_since_reply", "op": "greater", "value": 72},
                ]
            },
            "actions": [{"do": "note", "text": NOTE}, {"do": "status", "to": "resolved"}],
            "stop": False,
            "active": False,
        },
    ]


def macros(tags: dict[str, int], policies: dict[str, int]) -> list[Json]:
    return [
        {"name": "お詫びと確認", "text": APOLOGY, "actions": []},
        {
            "name": "返品のご案内",
            "text": RETURN,
            "actions": [{"do": "add_tag", "tag": tags[RETURNS]}, {"do": "status", "to": "pending"}],
        },
        {"name": "Delivery delay (English)", "text": DELAY, "actions": [{"do": "status", "to": "pending"}]},
        {
            "name": "カスタマーサクセスへ",
            "text": "",
            "actions": [{"do": "hand_over"}, {"do": "priority", "to": "high"}],
        },
        {
            "name": "プレミアムの速さで応対",
            "text": "",
            "actions": [{"do": "policy", "policy": policies[PREMIUM]}, {"do": "note", "text": HURRY}],
        },
    ]


RETURNS = "返品・返金"
HURRY = "ご事情をうかがい、プレミアムの目標で応対します。"
NOTE = "3 日お返事がないため、解決にしました。"
APOLOGY = """{{person.name|お客様}}様

ご不便をおかけして申し訳ございません。
お問い合わせ番号 {{ticket.number}} で状況を確認しております。今しばらくお待ちください。

{{agent.alias|三河屋サポート}}"""
RETURN = """{{person.name|お客様}}様

返品を承ります。商品が届いてから 8 日以内に、着払いでお送りください。
届き次第、ご返金の手続きをいたします。"""
DELAY = """Dear {{person.name|customer}},

I am sorry that your order is late. I am looking into it now and will write to you again today.
Your case number is {{ticket.number}}.

{{agent.alias|Mikawaya Support}}"""
