"""The sample desk's customers. Those with a LINE account or a mailbox can be played on the page."""



from demo.desk_values import Firm, Guest

RESTAURANT, HOTEL, SCHOOL, HOUSEHOLD = "割烹 たなか", "Harbour View Hotel", "みどり台こども園", "高橋商店"

FIRMS = (
    Firm(name=RESTAURANT, tier="high", domain="kappo-tanaka.example", owner="mori",
         note="毎週火曜に発注。濃口1.8Lと本みりんは切らさない。年内に二号店の予定。"),
    Firm(name=HOTEL, tier="high", domain="harbourview.example", owner="mori",
         note="Breakfast buffet since April. Invoices in English, payment 30 days."),
    Firm(name=SCHOOL, tier="low", domain="midoridai.example", note="給食用。小麦・大豆の表示に毎回確認あり。"),
    Firm(name=HOUSEHOLD, tier="tech", note="町内の酒屋。小口の卸。"),
)  # fmt: skip

GUESTS = (
    # These can be played: the telephone's callers are demo.telephone_people.CALLERS.
    Guest(key="tanaka", name="田中 美咲", kana="たなか みさき", line=True, note="定期便(しょうゆ1L 月2本)。平日は夜のみ在宅。"),
    Guest(key="sato_k", name="佐藤 健一", kana="さとう けんいち", line=True),
    Guest(key="suzuki_h", name="鈴木 花子", kana="すずき はなこ", line=True, note="お子さまに小麦アレルギー。"),
    Guest(key="emily", name="Emily Carter", language="en", line=True, mail="emily.carter@mail.demo.example",
          phone="+14155550123", note="Moved to Bunkyo in spring. Prefers English."),
    Guest(key="yamada", name="山田 花子", kana="やまだ はなこ", mail="hanako.yamada@mail.demo.example"),
    Guest(key="takahashi", name="髙橋 一郎", kana="たかはし いちろう", mail="ichiro.takahashi@mail.demo.example"),
    Guest(key="suzuki", name="鈴木 美咲", kana="すずき みさき", mail="misaki..suzuki@mail.demo.example"),
    Guest(key="emma", name="Emma Clarke", language="en", mail="emma.clarke@mail.demo.example"),
    Guest(key="sato_h", name="佐藤 花子", kana="さとう はなこ", phone="+819011112222"),
    Guest(key="suzuki_i", name="鈴木 一郎", kana="すずき いちろう", phone="+818033334444"),
    Guest(key="shop", name="高橋商店", kana="たかはししょうてん", phone="+81355556666", firm=HOUSEHOLD),
    Guest(key="fune", name="磯野 フネ", kana="いその ふね", member="member-1024", note="創業以来のお得意さま。"),
)  # fmt: skip
