"""The sample desk's accounts as a spreadsheet has them, and what they lately did. Days count from the seeding."""

from datetime import date, timedelta

HEAD = "顧客コード,会社名,段階,担当,ドメイン,目標,契約番号,商品,席数,年間契約額,契約開始日,更新日,解約通知期限,氏名,メール,役割"
MORI = "mori@mikawaya.example"
# code, name, stage, manager, domain, goals, product, seats, value, renewal in days, notice in days, person, mail, role
FIRMS: tuple[tuple[str, ...], ...] = (
    ("M-001", "割烹 たなか", "安定", MORI, "", "二号店でも同じ味を、仕入れに手をかけずに", "業務用定期便", "12", "1860000",
     "46", "16",
     "田中 節子", "okami@kappo-tanaka.example", "決裁者"),
    ("M-002", "Harbour View Hotel", "更新", MORI, "", "Breakfast buffet without a single stock-out", "業務用定期便", "40",
     "2640000",
     "28", "-2", "Priya Nair", "p.nair@harbourview.example", "推進者"),
    ("M-003", "みどり台こども園", "安定", "", "", "アレルギー表示の確認を一度で終える", "給食パック", "8", "420000", "130", "100",
     "大野 亜希", "kyushoku@midoridai.example", "推進者"),
    ("M-004", "高橋商店", "", "", "", "", "小口卸", "2", "96000", "210", "", "", "", ""),
    ("M-005", "蕎麦処 藪原", "活用", MORI, "yabuhara.example", "返しの原価を五分下げる", "業務用定期便", "6", "1240000", "88",
     "58",
     "藪原 巌", "iwao@yabuhara.example", "決裁者"),
    ("M-006", "株式会社まるよし食堂", "解約の恐れ", MORI, "maruyoshi.example", "三店舗の発注を一つに", "発注アプリ Pro", "60",
     "3120000", "74", "44",
     "吉村 圭", "kei@maruyoshi.example", "管理者"),
    ("M-007", "港南ベーカリー", "導入", "", "konan-bakery.example", "毎朝四時までに届くこと", "早朝便", "4", "380000", "300",
     "270",
     "今井 奈緒", "nao@konan-bakery.example", "推進者"),
    ("M-008", "社会福祉法人 あおぞら会", "安定", "", "aozora-kai.example", "減塩の献立を増やす", "給食パック", "20", "640000",
     "160", "130",
     "村田 健", "murata@aozora-kai.example", "管理者"),
    ("M-009", "居酒屋 ふくろう", "活用", "", "fukuro.example", "", "小口卸", "3", "150000", "240", "", "福井 徹",
     "toru@fukuro.example", "利用者"),
    ("M-010", "Bluebird Café", "導入", "", "bluebird.example", "Miso on a Western menu", "小口卸", "2", "88000", "330", "",
     "Grace Hall", "grace@bluebird.example", "推進者"),
    ("M-011", "川端醤油 直売所", "安定", "", "kawabata.example", "", "小口卸", "1", "60000", "190", "", "川端 誠",
     "makoto@kawabata.example", "決裁者"),
    ("M-012", "旅館 山海亭", "更新", MORI, "sankaitei.example", "夕食の仕込みを一時間早く", "業務用定期便", "16", "1420000",
     "19", "-11",
     "大西 香", "kaori@sankaitei.example", "決裁者"),
)  # fmt: skip
LADDER = (1_000_000, 300_000)  # yen a year: high touch from here, low touch from there
# code, what, how many in the last 30 days
USE = (
    ("M-001", "発注", 9), ("M-001", "在庫の確認", 22), ("M-002", "発注", 13), ("M-003", "表示の検索", 31), ("M-005", "発注", 7),
    ("M-006", "ログイン", 3), ("M-007", "発注", 4), ("M-007", "早朝便の変更", 6), ("M-008", "献立の閲覧", 12),
    ("M-012", "発注", 8), ("M-099", "発注", 3),
)  # fmt: skip
# form, cause, reason, what was promised, what came of it (None: nobody has accepted; empty: it is being worked at)
HANDOVERS: tuple[tuple[str, str, str, str, str | None], ...] = (
    ("consult", "agent", "契約の更新と合わせて相談したいとのこと。値段の話に触れています。", "月曜までにご返事", None),
    ("consult", "agent", "仕入れの仕組み全体のご相談。担当の森さんから話すのがよさそうです。", "明日お電話", ""),
    (
        "inform",
        "expansion",
        "二号店の仕入れの話が出ています。",
        "",
        "二号店の見積もりを出し、来月から始めることになりました。",
    ),
)


def table(today: date) -> str:
    """As the success manager's spreadsheet has it."""
    lines = [HEAD]
    for code, name, stage, manager, domain, goals, product, seats, value, renews, notice, who, mail, role in FIRMS:
        day, last = (str(today + timedelta(days=int(n))) if n else "" for n in (renews, notice))
        years = 1 if stage == "導入" else 3
        starts = str(today + timedelta(days=int(renews) - 365 * years))
        contract = f"K-{code[2:]}", product, seats, value, starts, day, last
        lines.append(",".join((code, name, stage, manager, domain, goals, *contract, who, mail, role)))
    return "\n".join(lines)
