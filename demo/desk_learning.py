"""What readers of the sample shop's help centre looked for in vain, read, and said."""

SEARCHES = (
    *("ポイント 期限",) * 9, *("領収書",) * 7, *("店舗 営業時間",) * 4, *("ギフトカード",) * 3, "海外発送", "レシピ",
)  # fmt: skip
VIEWS = {"teikibin-oyasumi": 14, "soryo": 11, "hozon": 6, "henpin": 9, "otodokebi": 5}  # on a day
ANSWERS = (  # the latest first: article, helpful, why not, in the reader's words
    ("henpin", False, "missing", "開封してしまったものが返せるのか分かりませんでした"),
    ("teikibin-oyasumi", True, "", ""),
    ("henpin", False, "unclear", ""),
    ("hozon", True, "", ""),
    ("teikibin-oyasumi", True, "", ""),
    ("soryo", False, "missing", "離島の送料が載っていません"),
    ("henpin", False, "missing", ""),
    ("soryo", True, "", ""),
    ("teikibin-oyasumi", True, "", ""),
    ("henpin", True, "", ""),
    ("otodokebi", True, "", ""),
    ("teikibin-oyasumi", False, "wrong", "マイページに「定期便」が見つかりません"),
    ("soryo", True, "", ""),
)
READ_BEFORE = (
    "teikibin-oyasumi",
    "soryo",
    "otodokebi",
    "hozon",
    "teikibin-oyasumi",
)  # in the chat's window, before asking
OFFERING = ("line", "chat")  # whose customers are shown articles first
FLAG = ("soryo", "nakamura", "outdated", "10月からの北海道の送料に直す必要があります")
