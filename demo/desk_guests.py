"""The sample desk's customers. Those with a LINE account or a mailbox can be played on the page."""

# ruff: noqa: E501 - one line a person

from hashlib import sha256

from demo.desk_values import Firm, Guest

RESTAURANT, HOTEL, SCHOOL, HOUSEHOLD = "割烹 たなか", "Harbour View Hotel", "みどり台こども園", "高橋商店"
POST = "mail.demo.example"


def _visitor(key: str) -> str:
    return sha256(f"sample visitor {key}".encode()).hexdigest()[:32]


FIRMS = (
    Firm(name=RESTAURANT, tier="high", domain="kappo-tanaka.example", owner="mori",
         note="毎週火曜に発注。濃口1.8Lと本みりんは切らさない。年内に二号店の予定。"),
    Firm(name=HOTEL, tier="high", domain="harbourview.example", owner="mori",
         note="Breakfast buffet since April. Invoices in English, payment 30 days."),
    Firm(name=SCHOOL, tier="low", domain="midoridai.example", note="給食用。小麦・大豆の表示に毎回確認あり。"),
    Firm(name=HOUSEHOLD, tier="tech", note="町内の酒屋。小口の卸。"),
)  # fmt: skip

GUESTS = (
    # The first ones are those that a visitor of the page meets first. Callers: demo.telephone_people.CALLERS.
    Guest(key="tanaka", name="田中 美咲", kana="たなか みさき", line=True, note="定期便(しょうゆ1L 月2本)。平日は夜のみ在宅。"),
    Guest(key="sato_k", name="佐藤 健一", kana="さとう けんいち", line=True),
    Guest(key="suzuki_h", name="鈴木 花子", kana="すずき はなこ", line=True, note="お子さまに小麦アレルギー。"),
    Guest(key="emily", name="Emily Carter", language="en", line=True, mail=f"emily.carter@{POST}", phone="+14155550123",
          note="Moved to Bunkyo in spring. Prefers English."),
    Guest(key="kobayashi", name="小林 悠", kana="こばやし ゆう", line=True),
    Guest(key="kato", name="加藤 恵", kana="かとう めぐみ", line=True),
    Guest(key="yoshida", name="吉田 誠", kana="よしだ まこと", line=True),
    Guest(key="watanabe", name="渡辺 直子", kana="わたなべ なおこ", line=True, note="ぬか床の相談が多い。"),
    Guest(key="ito", name="伊藤 翔", kana="いとう しょう", line=True),
    Guest(key="matsumoto", name="松本 香織", kana="まつもと かおり", line=True),
    Guest(key="liam", name="Liam O’Brien", language="en", line=True),
    Guest(key="shimizu", name="清水 学", kana="しみず まなぶ", line=True),
    Guest(key="hayashi", name="林 由美", kana="はやし ゆみ", line=True),
    Guest(key="ogawa", name="小川 さと子", kana="おがわ さとこ", line=True),
    Guest(key="mai", name="Mai Nguyen", language="en", line=True),
    Guest(key="ishii", name="石井 拓也", kana="いしい たくや", line=True),
    Guest(key="yamada", name="山田 花子", kana="やまだ はなこ", mail=f"hanako.yamada@{POST}"),
    Guest(key="takahashi", name="髙橋 一郎", kana="たかはし いちろう", mail=f"ichiro.takahashi@{POST}", note="「髙」は、はしごだか。"),
    Guest(key="suzuki", name="鈴木 美咲", kana="すずき みさき", mail=f"misaki..suzuki@{POST}"),
    Guest(key="emma", name="Emma Clarke", language="en", mail=f"emma.clarke@{POST}"),
    Guest(key="okami", name="田中 節子", kana="たなか せつこ", mail="okami@kappo-tanaka.example", firm=RESTAURANT, note="女将。お電話は14〜16時に。"),
    Guest(key="priya", name="Priya Nair", language="en", mail="p.nair@harbourview.example", firm=HOTEL, note="Purchasing."),
    Guest(key="midori", name="大野 亜希", kana="おおの あき", mail="kyushoku@midoridai.example", firm=SCHOOL, note="栄養士。"),
    Guest(key="noah", name="Noah Weber", language="en", mail=f"noah.weber@{POST}"),
    Guest(key="inoue", name="井上 和也", kana="いのうえ かずや", mail=f"kazuya.inoue@{POST}"),
    Guest(key="spam", name="SEO Growth Team", language="en", mail="sales@rank-faster.example"),
    Guest(key="fune", name="磯野 フネ", kana="いその ふね", member="member-1024", mail="fune@example.jp", note="創業以来のお得意さま。"),
    Guest(key="kimura", name="木村 理沙", visitor=_visitor("kimura")),
    Guest(key="sasaki", name="佐々木 大", visitor=_visitor("sasaki")),
    Guest(key="chloe", name="Chloe", language="en", visitor=_visitor("chloe")),
    Guest(key="daniel", name="Daniel Kim", language="en", visitor=_visitor("daniel")),
    Guest(key="mori_g", name="森田 杏", visitor=_visitor("mori_g")),
    Guest(key="visitor_1", name="", visitor=_visitor("1")),
    Guest(key="visitor_2", name="", visitor=_visitor("2")),
    Guest(key="nishida", name="西田 幸", visitor=_visitor("nishida")),
    Guest(key="sato_h", name="佐藤 花子", kana="さとう はなこ", phone="+819011112222", note="足が悪いので玄関まで少しかかります。"),
    Guest(key="suzuki_i", name="鈴木 一郎", kana="すずき いちろう", phone="+818033334444"),
    Guest(key="shop", name="高橋商店", kana="たかはししょうてん", phone="+81355556666", firm=HOUSEHOLD),
    Guest(key="okamoto", name="岡本 敏夫", kana="おかもと としお", phone="+81354441212"),
    Guest(key="fujita", name="藤田 節", kana="ふじた みさお", phone="+819077778888"),
    Guest(key="withheld", name=""),
)  # fmt: skip
