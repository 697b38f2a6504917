"""What the sample desk's last two months were like: who wrote, about what, when, and how soon they were answered."""

DAYS = 60
CHANNELS = {"line": 42, "email": 27, "chat": 14, "phone": 17}  # shares
TARGETS = {"line": 3600, "email": 14400, "chat": 900, "phone": 60}  # seconds
AGENTS = (2, 5, 7, 4)  # how much each of them does
BUSY = (0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 11, 10, 6, 7, 9, 8, 7, 6, 5, 6, 7, 5, 3, 1)  # by the hour of the day

_FAMILY = (
    "佐々木", "山口", "松本", "井上", "木村", "林", "斎藤", "清水", "山崎", "阿部", "池田", "橋本", "石川", "前田", "藤田",
    "後藤", "岡田", "長谷川", "村上", "近藤",
)  # fmt: skip
_GIVEN = ("陽子", "健太", "美咲", "隆", "直美")
NAMES = tuple(f"{family} {given}" for given in _GIVEN for family in _FAMILY)

ASKED = (
    "次の定期便の日を変えたい", "届いた瓶のふたが開かない", "減塩しょうゆの在庫はありますか", "領収書の宛名を変えたい",
    "配達の時間帯を夜にしたい", "ギフト包装はできますか", "先週の注文がまだ届かない", "アレルギー表示について",
    "ポイントが付いていない", "住所を変更したい", "請求書を再発行してほしい", "味噌の賞味期限について",
    "注文をキャンセルしたい", "卸の見積もりをお願いしたい", "アプリにログインできない", "空き瓶の回収日はいつですか",
)  # fmt: skip

ANSWERS = (
    "お問い合わせありがとうございます。ご希望の内容で承りました。",
    "ご不便をおかけして申し訳ありません。本日中に手配いたします。",
    "確認いたしました。下記のとおりご案内いたします。ご不明な点はお知らせください。",
    "いつもありがとうございます。変更の手続きが完了しました。",
)
THANKS = "ありがとうございました。"
