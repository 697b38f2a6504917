"""What the sample shop has written down: articles in Japanese, some of them in English too."""

# ruff: noqa: E501 - what people read is data

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """An article in one language."""

    title: str
    issue: str
    resolution: str
    environment: str = ""
    cause: str = ""
    keywords: str = ""
    slug: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One article. `days`: how long ago it was written."""

    category: str
    ja: Words
    en: Words | None = None
    state: str = "validated"
    audience: str = "public"
    owner: str = "aoki"
    days: int = 60
    outdated: bool = False  # the Japanese was changed after the translation


CATEGORIES = (
    ("定期便", "Subscription"),
    ("配送・お届け", "Delivery"),
    ("商品について", "Products"),
    ("返品・返金", "Returns and refunds"),
    ("社内の手順", "Internal procedures"),
)
SUBSCRIPTION, DELIVERY, PRODUCTS, RETURNS, INTERNAL = (name for name, _ in CATEGORIES)

ARTICLES = (
    Piece(
        category=SUBSCRIPTION,
        ja=Words(
            title="定期便を1回だけお休みする", slug="teikibin-oyasumi", keywords="スキップ 休止 止める 余っている 飛ばす",
            issue="「まだ一本残っているので、今月だけ定期便をお休みしたい」",
            environment="定期便をご利用中のお客様。次のお届け日の**3日前まで**。",
            resolution="1. マイページを開き、**「定期便」**を選びます\n2. 次のお届けの**「今回はお休み」**を押します\n3. 次の次のお届け日が表示されたら完了です\n\nお届け日の3日前を過ぎると、発送の準備が始まっているためお休みにできません。LINEかお電話でご相談ください。",
        ),
        en=Words(
            title="Skip one delivery of your subscription", slug="skip-a-delivery", keywords="pause hold too much left",
            issue="“I still have a bottle left and would like to skip this month.”",
            environment="Subscribers, up to **three days** before the next delivery.",
            resolution="1. Open your account and choose **Subscription**\n2. Press **Skip this one** beside the next delivery\n3. You are done when the date of the delivery after it is shown\n\nWithin three days of the delivery it is being packed. Please ask us on LINE or by telephone.",
        ),
    ),
    Piece(
        category=SUBSCRIPTION, days=45,
        ja=Words(
            title="定期便の本数や商品を変える", slug="teikibin-henko", keywords="増やす 減らす 数量 変更できない ボタンが押せない",
            issue="「定期便を2本から3本に増やしたい。アプリだと変更ボタンが押せない」",
            environment="アプリ 4.2 以前では、変更ボタンが灰色のまま押せないことがあります。",
            cause="お届け日の3日前から発送までの間は、変更を受け付けていません。アプリ 4.2 以前では、その理由が画面に出ません。",
            resolution="1. アプリを最新の版にします\n2. マイページの**「定期便」→「内容を変える」**を開きます\n3. 本数や商品を選び、**「この内容にする」**を押します\n\n発送の準備中は、次の回から変更されます。",
        ),
        en=Words(
            title="Change the items of your subscription", slug="change-subscription", keywords="quantity more less button disabled",
            issue="“I would like three bottles instead of two, but the button cannot be pressed.”",
            cause="From three days before the delivery until it is sent, nothing can be changed.",
            resolution="1. Update the app\n2. Open **Subscription → Change items** in your account\n3. Choose and press **Save**\n\nWhile a delivery is being packed, the change begins with the next one.",
        ), outdated=True,
    ),
    Piece(
        category=SUBSCRIPTION, days=120,
        ja=Words(
            title="定期便を解約する", slug="teikibin-kaiyaku", keywords="やめる 退会 キャンセル 停止",
            issue="「定期便をやめたい」「引っ越すので一度止めたい」",
            resolution="1. マイページの**「定期便」→「解約」**を開きます\n2. 解約日を確かめて**「解約する」**を押します\n\n違約金や回数のしばりはありません。お届け日の3日前までの手続きで、次の回から止まります。\n\nしばらくお休みするだけなら、[1回だけお休みする](/help/ja/articles/teikibin-oyasumi)こともできます。",
        ),
    ),
    Piece(
        category=DELIVERY, days=30,
        ja=Words(
            title="送料とお届けにかかる日数", slug="soryo", keywords="配送料 無料 いくら 何日 沖縄 北海道 離島",
            issue="「送料はいくらですか」「注文から何日で届きますか」",
            resolution="| お届け先 | 送料 | 日数 |\n|---|---|---|\n| 本州・四国 | 550円 | 翌日〜2日 |\n| 北海道・九州 | 770円 | 2〜3日 |\n| 沖縄・離島 | 1,320円 | 4〜7日 |\n\n**5,500円以上**のご注文と定期便は、全国送料無料です。",
        ),
        en=Words(
            title="Shipping fees and delivery times", slug="shipping", keywords="postage free cost how long Okinawa Hokkaido",
            issue="“How much is shipping, and how many days does it take?”",
            resolution="| To | Fee | Days |\n|---|---|---|\n| Honshu, Shikoku | ¥550 | 1–2 |\n| Hokkaido, Kyushu | ¥770 | 2–3 |\n| Okinawa, islands | ¥1,320 | 4–7 |\n\nOrders of **¥5,500 or more** and subscriptions ship free everywhere in Japan.",
        ),
    ),
    Piece(
        category=DELIVERY, days=75,
        ja=Words(
            title="お届け日や時間帯を変える", slug="otodokebi", keywords="日時指定 時間指定 再配達 不在 受け取れない",
            issue="「届く日に家にいない。お届け日を変えたい」",
            resolution="**発送の前:** マイページの注文履歴から**「お届け日を変える」**を選びます。\n\n**発送の後:** 発送のお知らせにある追跡番号で、配送会社のページから変更や再配達を申し込めます。\n\n**時間帯:** 午前中 / 14–16時 / 16–18時 / 18–20時 / 19–21時",
        ),
    ),
    Piece(
        category=RETURNS, days=20,
        ja=Words(
            title="瓶が割れて届いたとき", slug="hason", keywords="破損 壊れた 液漏れ こぼれた ビン 割れ",
            issue="「届いた箱の中でしょうゆの瓶が割れていた」",
            cause="輸送中の衝撃や、冬の凍結による膨張。",
            resolution="1. けがをしないよう、**割れた瓶にはさわらないで**ください\n2. 箱と瓶の写真を撮って、LINEかメールでお送りください\n3. 確認ができしだい、**その日のうちに代わりの品を発送**します。送料はいただきません\n\n割れた品を送り返していただく必要はありません。濡れたほかの商品があれば、あわせてお知らせください。",
        ),
        en=Words(
            title="If a bottle arrives broken", slug="broken-bottle", keywords="damaged leaked shattered replacement",
            issue="“The soy sauce bottle was broken when the box arrived.”",
            cause="A shock in transport, or freezing in winter.",
            resolution="1. Please **do not touch the broken glass**\n2. Take a picture of the box and the bottle and send it on LINE or by mail\n3. We send a new one **the same day**, free of charge\n\nThere is no need to return the broken one.",
        ),
    ),
    Piece(
        category=RETURNS, days=90,
        ja=Words(
            title="返品・返金について", slug="henpin", keywords="返したい 払い戻し クーリングオフ 間違えた",
            issue="「間違えて注文した」「口に合わないので返したい」",
            resolution="**未開封:** 到着から8日以内なら返品できます。マイページの注文履歴から**「返品」**を選んでください。送料はお客様のご負担です。\n\n**開封済み:** 品質に問題があった場合だけお受けします。\n\n**返金:** 品物が倉庫に着いてから5営業日以内に、お支払いと同じ方法でお返しします。",
        ),
    ),
    Piece(
        category=PRODUCTS, days=50,
        ja=Words(
            title="しょうゆの保存方法と賞味期限", slug="hozon", keywords="醤油 開封後 冷蔵庫 日持ち 常温 色が濃い 白いもの かび",
            issue="「開けたしょうゆはどこに置けばいいですか」「色が濃くなったけれど使えますか」",
            environment="本醸造しょうゆ、うすくち、たまり。",
            cause="しょうゆは空気にふれると少しずつ酸化し、色が濃くなり香りが弱くなります。害はありません。",
            resolution="- **開ける前:** 直射日光をさけて常温。賞味期限はラベルにあります\n- **開けた後:** 冷蔵庫で**1か月**を目安に\n\n表面に白いものが浮いたら、産膜酵母です。害はありませんが風味が落ちるため、お取り替えをおすすめします。",
        ),
        en=Words(
            title="How to keep soy sauce, and for how long", slug="keeping-soy-sauce", keywords="open fridge shelf life expired dark white film",
            issue="“Where do I keep an opened bottle? It has become darker: can I still use it?”",
            cause="In contact with air soy sauce oxidises slowly: it becomes darker and loses aroma. It does no harm.",
            resolution="- **Unopened:** at room temperature, out of the sun, until the date on the label\n- **Opened:** in the refrigerator, for about **a month**\n\nA white film is a yeast. It does no harm, but the taste suffers.",
        ),
    ),
    Piece(
        category=PRODUCTS, owner="nakamura", days=14,
        ja=Words(
            title="小麦を使わないしょうゆとアレルギー表示", slug="allergy", keywords="アレルゲン 大豆 グルテン コンタミ 同じ工場 子ども",
            issue="「小麦アレルギーがあります。小麦を使わないしょうゆは、同じ工場で小麦も使っていますか」",
            environment="「まめだけ」たまり 500ml。ほかの商品には小麦が使われています。",
            resolution="- 「まめだけ」は**小麦を原材料に使っていません**\n- **専用の建物と設備**で造っています。小麦を使う蔵とは、人も道具も分けています\n- 出荷ごとに検査し、小麦たんぱくは**検出限界未満**です\n\n大豆は使っています。症状の重い方は、お召し上がりの前に医師にご相談ください。",
        ),
    ),
    Piece(
        category=PRODUCTS, state="not_validated", owner="nakamura", days=6,
        ja=Words(
            title="ギフト包装とのし", slug="gift", keywords="お歳暮 お中元 贈り物 熨斗 ラッピング 手提げ",
            issue="「お歳暮にしたい。のしと名入れはできますか」",
            resolution="注文の画面で**「贈り物にする」**を選ぶと、包装紙とのしを選べます (330円)。名入れは10文字までです。金額のわかる明細は箱に入れません。",
        ),
    ),
    Piece(
        category=RETURNS, audience="customer", owner="nakamura", days=35,
        ja=Words(
            title="法人のお客様: 請求書払いと締め日", slug="hojin-seikyu", keywords="請求書 月末締め 後払い インボイス 振込",
            issue="「会社で毎月まとめて支払いたい」",
            environment="ご契約のある法人のお客様だけの内容です。",
            resolution="- 毎月**末日締め、翌月末払い**です\n- 請求書は翌月3営業日までに、ご登録のメールへPDFでお送りします (適格請求書)\n- 締め日の変更は、担当者へご相談ください",
        ),
    ),
    Piece(
        category=INTERNAL, audience="internal", owner="aoki", days=100,
        ja=Words(
            title="破損の連絡を受けたときの社内手順", slug="hason-shanai", keywords="代品 再送 補償 運送会社",
            issue="割れ・液漏れの連絡が入った。",
            resolution="1. 写真を確認し、タグ**「配送」「返品・返金」**を付ける\n2. 受注システムで**理由コード D2** の代品を登録する (15時までは当日発送)\n3. 同じ便の破損が**週に3件**を超えたら、青木へ報告し、運送会社に調査を依頼する\n\n**1万円までは、担当者の判断で返金してよい。**",
        ),
    ),
    Piece(
        category=DELIVERY, state="wip", audience="internal", owner="nakamura", days=2,
        ja=Words(
            title="アプリで注文ボタンが灰色のまま押せない", slug="app-button", keywords="押せない グレー 反応しない",
            issue="「アプリから注文しようとすると、ボタンが灰色で押せない」",
            environment="iPhone、アプリ 4.3。Webからは注文できる。",
            resolution="",
        ),
    ),
)  # fmt: skip
