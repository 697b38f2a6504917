"""What the sample desk's accounts did in half a year: some as ever, some less and less, some in a rhythm. Days count back."""

# code, what, by how many people, every so many days, from so many days ago until so many
PAST: tuple[tuple[str, str, int, int, int, int], ...] = (
    ("M-001", "発注", 3, 5, 170, 2), ("M-001", "在庫の確認", 5, 3, 170, 1), ("M-001", "納品の確認", 4, 6, 170, 3),
    ("M-002", "発注", 8, 3, 170, 45), ("M-002", "在庫の確認", 9, 3, 170, 40), ("M-002", "納品の確認", 3, 14, 39, 9),
    ("M-003", "表示の検索", 4, 3, 170, 1), ("M-003", "献立の閲覧", 3, 5, 170, 2), ("M-003", "発注", 2, 7, 170, 4),
    ("M-005", "返し用醤油の発注", 1, 32, 173, 45), ("M-005", "在庫の確認", 3, 6, 170, 2), ("M-005", "納品の確認", 2, 9, 170, 5),
    ("M-006", "発注", 20, 3, 170, 62), ("M-006", "在庫の確認", 12, 4, 170, 70), ("M-006", "納品の確認", 6, 7, 170, 66),
    ("M-008", "献立の閲覧", 1, 3, 170, 1), ("M-008", "発注", 1, 9, 170, 3),
    ("M-009", "help.view", 1, 2, 13, 1), ("M-009", "発注", 1, 15, 170, 40),
    ("M-011", "発注", 1, 10, 170, 9), ("M-011", "invoice.unpaid", 1, 1, 35, 35),
    ("M-012", "味噌の発注", 2, 14, 170, 20), ("M-012", "在庫の確認", 6, 5, 170, 2), ("M-012", "納品の確認", 3, 8, 170, 4),
)  # fmt: skip
# code, 1 to 5, in the success manager's words, days ago
PULSES = (
    ("M-001", 5, "二号店の話で前向き。女将さんの反応がとても良い", 6),
    ("M-002", 2, "購買の担当が替わってから返事が遅い", 4),
    ("M-006", 1, "他社の発注アプリを見ていると聞いた", 9),
)
# code, colour, why, days from now
OVERRIDES = (("M-012", "yellow", "改装で一か月休業の予定。数字ほど安心はできない", 20),)
# account, rule: what came of it
OUTCOMES = (
    ("M-002", "usage_drop", "saved", "新しい担当の方に使い方を説明し、来週から再開"),
    ("M-009", "usage_drop", "false_alarm", "店の改装で休んでいただけでした"),
)
