"""The sample cases that came by the chat on the shop's page."""

# ruff: noqa: E501 - what people say is data

from demo.desk_values import Case, becomes, notes, replies, says

SUPPORT, ORDERS, ENGLISH = "サポート", "受注・配送", "English Desk"

CASES = (
    Case(
        channel="chat", who="fune", hours=50, subject="お歳暮ののし", team=ORDERS, owner="aoki",
        steps=(
            says("ごめんください。お歳暮ののしは付けられますか?", 0),
            replies("aoki", "磯野さま、いつもありがとうございます。はい、無料でお付けします。表書きは「お歳暮」でよろしいですか?", 1, read=True),
            says("ええ、名入れで「磯野」とお願いします。", 2),
            replies("aoki", "かしこまりました。ご注文の備考にも入れておきました。", 1, read=True, then="pending"),
        ),
    ),
    Case(
        channel="chat", who="kimura", hours=0.05, subject="", team=ORDERS,
        steps=(says("今日の17時までに注文したら、明日の朝に届きますか?", 0), says("文京区です", 0.4)),
    ),
    Case(
        channel="chat", who="daniel", hours=0.62, subject="Delivery to Kawasaki", team=ENGLISH, owner="olivia", tags=("配送", "English"),
        steps=(
            says("Hi, do you deliver to Kawasaki?", 0),
            replies("olivia", "Hi Daniel! By parcel, yes: ¥580, free over ¥5,000. Our own van only goes round Bunkyo and Toshima.", 2, read=True),
            says("Great. Is the miso OK without a fridge for a day?", 3),
            replies("olivia", "It is, especially in November. It keeps for a week at room temperature while sealed.", 1.5, read=True),
            says("Perfect, ordering now", 2),
            replies("olivia", "Thank you! Tell me here if anything goes wrong at the checkout.", 1, read=True, then="pending"),
        ),
    ),
    Case(
        channel="chat", who="sasaki", hours=24, subject="クーポンが使えない", team=SUPPORT, tags=("アプリ",), owner="nakamura",
        steps=(
            says("クーポン「SHOYU10」が使えません。期限内のはずですが…", 0),
            replies("nakamura", "佐々木さま、ご不便をおかけしております。カートにお酒が入っていませんか? お酒は対象外なのです。", 2, read=True),
            says("あ、ビールが入ってました!", 1),
            replies("nakamura", "お酒を分けてご注文いただくと使えます。送料は二つ合わせて計算しますのでご安心ください。", 1, read=True, then="resolved"),
        ),
    ),
    Case(
        channel="chat", who="chloe", hours=33, subject="Which soy sauce for sashimi?", team=ENGLISH, tags=("English",), owner="olivia",
        steps=(
            says("hi! which soy sauce should i get for sashimi?", 0),
            replies("olivia", "Hi Chloe! Our twice-brewed saishikomi: thick and a little sweet. A small bottle lasts two about a month.", 1, read=True),
            says("lovely, thanks!!", 2),
            becomes("resolved", "olivia", 6),
        ),
    ),
    Case(
        channel="chat", who="mori_g", hours=70, subject="離乳食に使えるだし", team=SUPPORT, tags=("アレルギー",), owner="aoki",
        steps=(
            says("離乳食に使えるだしはありますか。塩が入っていないものを探しています。", 0),
            replies("aoki", "森田さま、「うす色だし・食塩無添加」がございます。かつおと昆布だけです。初めてのときは、小さじ1からお試しください。", 3, read=True),
            says("助かります。注文してみます。", 4),
            replies("aoki", "ありがとうございます。ご不明な点がありましたら、いつでもどうぞ。", 1, then="resolved"),
            becomes("closed", "aoki", 2500),
        ),
    ),
    Case(
        channel="chat", who="visitor_1", hours=0.065, subject="", team=SUPPORT,
        steps=(says("問い合わせのメールの返事が来ないのですが", 0), says("一週間前に送りました", 0.5)),
    ),
    Case(
        channel="chat", who="visitor_2", hours=145, subject="いたずら", team=SUPPORT,
        steps=(says("aaaaaaaaa", 0), says("test test", 0.2), becomes("spam", "nakamura", 12)),
    ),
    Case(
        channel="chat", who="nishida", hours=7.5, subject="配達の人への差し入れ", team=ORDERS, tags=("お褒め",), owner="saburo",
        steps=(
            says("いつも配達してくださる中村さんに、みかんをお渡ししたいのですが、受け取ってもらえますか?", 0),
            replies("saburo", "西田さま、お心遣いありがとうございます。お気持ちだけで十分ですが、中村がきっと喜びます。", 4, read=True),
            says("では木曜日に。いつも重いのにありがとうございます、とお伝えください。", 3),
            notes("nakamura", "うれしいです。木曜、伺ったときにお礼を言います。", 60),
            replies("saburo", "必ず伝えます。これからもよろしくお願いいたします。", 3, then="resolved"),
        ),
    ),
    Case(
        channel="chat", who="sasaki", hours=1.9, subject="送料はいくらから無料?", team=ORDERS, tags=("配送",), owner="nakamura",
        steps=(
            says("送料はいくらから無料ですか?", 0),
            replies("nakamura", "佐々木さま、こんにちは。町内は一本から無料、宅配便は5,000円からです。", 1.5, read=True, then="resolved"),
        ),
    ),
    Case(
        channel="chat", who="kimura", hours=130, subject="ギフトカードの残高", team=SUPPORT, owner="aoki",
        steps=(
            says("ギフトカードの残高はどこで見られますか?", 0),
            replies("aoki", "「お客さまページ」の右上に出ます。カード裏の番号を一度だけご登録ください。", 2, read=True, then="resolved"),
            becomes("closed", "aoki", 3000),
        ),
    ),
)  # fmt: skip
