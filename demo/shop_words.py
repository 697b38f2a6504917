"""What the demonstration shop says and sells, in both languages."""

from typing import TypedDict


class Good(TypedDict):
    picture: str  # the id of a symbol in shop_files/shop.html
    tone: str  # a class of shop_files/shop.css
    price: int  # yen
    ja: tuple[str, str]
    en: tuple[str, str]


GOODS: list[Good] = [
    {
        "picture": "soy",
        "tone": "soy",
        "price": 648,
        "ja": ("本醸造しょうゆ 1L", "木桶で二年。煮物にも刺身にも。"),
        "en": ("Brewed soy sauce, 1 L", "Two years in cedar. For stews and sashimi."),
    },
    {
        "picture": "sake",
        "tone": "sake",
        "price": 1980,
        "ja": ("純米酒「横丁」720ml", "常温でよし、燗でなおよし。"),
        "en": ("Junmai sake “Yokochō”, 720 ml", "Good as it is, better warm."),
    },
    {
        "picture": "miso",
        "tone": "miso",
        "price": 756,
        "ja": ("信州みそ 750g", "毎朝のみそ汁に、ちょうどよい塩気。"),
        "en": ("Shinshū miso, 750 g", "Just salty enough for every morning."),
    },
    {
        "picture": "mirin",
        "tone": "mirin",
        "price": 880,
        "ja": ("本みりん 500ml", "照りが違います。煮切りにも。"),
        "en": ("Real mirin, 500 ml", "For the shine on your teriyaki."),
    },
    {
        "picture": "rice",
        "tone": "rice",
        "price": 3240,
        "ja": ("新潟コシヒカリ 5kg", "精米したてを、お届けの朝に。"),
        "en": ("Koshihikari rice, 5 kg", "Polished the morning we deliver."),
    },
    {
        "picture": "beer",
        "tone": "beer",
        "price": 2460,
        "ja": ("瓶ビール 大瓶 6本", "空き瓶は次のお届けで引き取ります。"),
        "en": ("Beer, 6 large bottles", "We take the empties next time."),
    },
]

WORDS: dict[str, dict[str, str]] = {
    "ja": {
        "title": "三河屋 — 酒・醤油・味噌",
        "shop": "三河屋",
        "trade": "酒・醤油・味噌 創業昭和二十四年",
        "other": "English",
        "other_lang": "en",
        "lead": "そろそろ、お醤油が切れるころ。",
        "sub": "ご近所の台所に、切らす前にお届けします。朝のご注文は、その日の夕方までに。",
        "ask": "お店に聞いてみる",
        "member": "会員としてログイン",
        "member_name": "磯野 フネ 様",
        "leave": "ログアウト",
        "goods_title": "今日の棚",
        "deliver": "配達のこと",
        "deliver_1": "町内は一本から、配達無料です。",
        "deliver_2": "月・水・金の夕方にうかがいます。お急ぎの方はチャットでどうぞ。",
        "deliver_3": "重いもの、かさばるもの、よろこんで。",
        "note": "これはデモンストレーション用の架空のお店です。右下のボタンがチャットです。",
    },
    "en": {
        "title": "Mikawaya — sake, soy sauce, miso",
        "shop": "Mikawaya",
        "trade": "Sake, soy sauce and miso since 1949",
        "other": "日本語",
        "other_lang": "ja",
        "lead": "Your soy sauce must be running out.",
        "sub": "We bring it to your kitchen before it does. Order in the morning, cook with it in the evening.",
        "ask": "Ask the shop",
        "member": "Sign in as a member",
        "member_name": "Ms Fune Isono",
        "leave": "Sign out",
        "goods_title": "On the shelf today",
        "deliver": "About delivery",
        "deliver_1": "In our neighbourhood free of charge, from a single bottle.",
        "deliver_2": "We come round on Monday, Wednesday and Friday evenings. In a hurry? Ask us in the chat.",
        "deliver_3": "The heavier, the gladder we carry it.",
        "note": "This is a made-up shop for demonstration. The button at the lower right is the chat.",
    },
}
