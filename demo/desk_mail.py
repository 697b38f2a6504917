"""The sample cases that came by mail."""

# ruff: noqa: E501 - what people say is data

from demo.desk_values import Case, auto, becomes, bounce, notes, replies, says

SUPPORT, ORDERS, ENGLISH = "サポート", "受注・配送", "English Desk"

CASES = (
    Case(
        channel="email", who="emma", hours=26, subject="Invoice for October", team=ENGLISH, owner="olivia", tags=("請求書", "English"),
        steps=(
            says("Hello,\n\nCould you send me the invoice for my October orders? My accountant needs it by Friday.\n\nBest,\nEmma", 0),
            replies("olivia", "Dear Emma,\n\nHere it is. Tell me if your accountant needs another format.\n\nKind regards,\nOlivia", 35, files=("invoice",), then="pending"),
            says("That was quick, thank you! It is exactly what she wanted.\n\nEmma", 190),
            becomes("resolved", "olivia", 12),
        ),
    ),
    Case(
        channel="email", who="okami", hours=3.4, subject="二号店の仕入れのご相談", team=SUPPORT, tags=("法人・卸",), priority="high", owner="aoki",
        steps=(
            says("三河屋 御中\n\nいつもお世話になっております。割烹たなかの田中でございます。\n\n年明けに根津で二号店を開くことになりました。本店と同じ濃口、本みりん、純米酒を、週二回お願いしたく存じます。発注書のたたき台を添えます。お見積りと、掛けの条件をご相談させてください。\n\n田中 節子", 0, files=("order",)),
            notes("mori", "取引先として大事な拡大。三郎さんと値引き幅を相談済み(みりん3%まで)。見積りは私も見ます。", 25),
        ),
    ),
    Case(
        channel="email", who="priya", hours=6, subject="Wholesale price list for 2027", team=ENGLISH, tags=("法人・卸", "English"), owner="olivia",
        steps=(
            says("Dear Mikawaya team,\n\nWe are planning next year's breakfast buffet and would like your wholesale price list for miso (10 kg), soy sauce (18 L) and rice (30 kg), delivered three times a week. Could we also have a tasting for our chef?\n\nKind regards,\nPriya Nair\nPurchasing, Harbour View Hotel", 0),
            replies("olivia", "Dear Priya,\n\nThank you for thinking of us for another year. I am putting the list together with our buyer and will send it by tomorrow noon. For the tasting, would Tuesday or Thursday at three suit your chef?\n\nKind regards,\nOlivia Reed", 70, then="pending"),
            says("Thursday at three is perfect. He is curious about the barley miso.\n\nPriya", 95),
        ),
    ),
    Case(
        channel="email", who="midori", hours=49, subject="給食用しょうゆの原材料証明書について", team=SUPPORT, tags=("アレルギー", "法人・卸"), owner="aoki", charset="iso-2022-jp",
        steps=(
            says("お世話になっております。みどり台こども園の大野です。\n\n来年度の献立に向けて、丸大豆しょうゆ(1.8L)の原材料証明書と、特定原材料28品目の一覧をいただけますでしょうか。\n監査が12月1日にございます。\n\nよろしくお願いいたします。", 0),
            replies("aoki", "大野さま\n\nいつもありがとうございます。蔵元に依頼いたしました。証明書は25日にはお手元に届く見込みです。一覧は先にPDFでお送りいたします。\n\n青木", 64, then="pending"),
            auto("ただいま外出しております。11月24日に出勤いたします。お急ぎの場合は園までお電話ください。\n\n大野", 1),
            notes("aoki", "自動応答。24日まで待つ。", 5),
            becomes("snoozed", "aoki", 1, hours=44),
        ),
    ),
    Case(
        channel="email", who="yamada", hours=4.6, subject="先日のお米に虫がいました", team=ORDERS, tags=("返品・返金",), priority="high",
        steps=(says("三河屋さま\n\n11月12日に届いたコシヒカリ5kgを今日開けたところ、小さな虫が数匹おりました。袋に穴はありません。\n食べても大丈夫でしょうか。できれば交換をお願いしたいです。\n\n山田 花子", 0),),
    ),
    Case(
        channel="email", who="takahashi", hours=75, subject="①㈱髙橋工務店 の宛名について", team=SUPPORT, tags=("請求書",), owner="nakamura", charset="iso-2022-jp",
        steps=(
            says("お世話になります。\n請求書の宛名が「高橋」になっていました。正しくは「髙橋」(はしごだか)です。\n細かいことですみませんが、直していただけますか。", 0),
            replies("nakamura", "髙橋さま\n\n大変失礼いたしました。お名前を「髙橋」に直し、請求書を出し直しました。今後のものもすべて正しい字でお届けします。\n\n中村", 50, then="resolved"),
            says("ありがとうございます。確認しました。", 240),
            becomes("resolved", "nakamura", 9),
        ),
    ),
    Case(
        channel="email", who="suzuki", hours=100, subject="退会したいです", team=SUPPORT, tags=("定期便",), owner="aoki",
        steps=(
            says("引っ越すことになったので、今月で定期便をやめたいです。手続きを教えてください。", 0),
            replies("aoki", "鈴木さま\n\nこれまでのご愛顧、ありがとうございました。今月分のお届けをもって停止いたしました。手続きはこれで終わりです。お引っ越し先でも、よろしければまたお声がけください。\n\n青木", 41, then="resolved"),
            bounce(2),
            notes("aoki", "エラーで戻ってきました。登録の電話番号もなし。停止は済んでいるので、このまま。", 90),
        ),
    ),
    Case(
        channel="email", who="noah", hours=3.1, subject="Order #20418 has not arrived", team=ENGLISH, tags=("配送", "English"),
        steps=(says("Hi,\n\nmy order #20418 was due on Friday. The tracking page says \"out for delivery\" since then. Could you find out where it is? There is a birthday present in it.\n\nThanks,\nNoah", 0),),
    ),
    Case(
        channel="email", who="inoue", hours=29, subject="見積もりのお願い(社内忘年会)", team=ORDERS, tags=("法人・卸",), owner="nakamura",
        steps=(
            says("はじめまして。12月18日に40名ほどの忘年会があります。瓶ビール5ケース、純米酒10本、ソフトドリンクの見積もりをお願いできますか。空き瓶の引き取りも希望です。", 0),
            replies("nakamura", "井上さま\n\nお問い合わせありがとうございます。40名さまでしたら、ビールは4ケースで足りることが多いです。二通りの見積もりをお作りしますので、今週中にお送りします。\n\n中村", 55, then="pending"),
        ),
    ),
    Case(
        channel="email", who="spam", hours=61, subject="Rank #1 on Google in 7 days!!!", team=SUPPORT,
        steps=(
            says("Dear website owner,\n\nyour shop is INVISIBLE. Our AI gets you 10,000 visitors a day. Reply YES for a free audit.\n", 0),
            becomes("spam", "aoki", 34),
        ),
    ),
    Case(
        channel="email", who="emily", hours=122, subject="Cooking class for beginners?", team=ENGLISH, tags=("English",), owner="olivia",
        steps=(
            says("Hello,\n\na neighbour told me that you hold a dashi class in the shop once a month. Is there one in English?\n\nEmily Carter", 0),
            replies("olivia", "Hello Emily,\n\nthere is! On the first Saturday of December, 10 am, six places, ¥2,000 with lunch. I have pencilled you in until Wednesday.\n\nOlivia", 88, then="pending"),
            says("Please make it two places, my sister is visiting.\n\nEmily", 400),
            replies("olivia", "Two places it is. See you both on the 5th!\n\nOlivia", 30, then="resolved"),
            becomes("closed", "olivia", 3000),
        ),
    ),
    Case(
        channel="email", who="yamada", hours=170, subject="ギフトの包装について", team=ORDERS, owner="nakamura",
        steps=(
            says("母の誕生日に「調味料三本セット」を贈りたいのですが、風呂敷で包んでもらえますか。色も選べたら嬉しいです。", 0),
            replies("nakamura", "山田さま\n\nはい、藍・えんじ・からし色からお選びいただけます(+300円)。メッセージカードもお付けできます。\n\n中村", 46, then="pending"),
            says("では藍色で、カードは「いつまでも元気でね」とお願いします。", 130),
            replies("nakamura", "承りました。21日にお届けします。お母さま、おめでとうございます。\n\n中村", 18, then="resolved"),
            becomes("closed", "nakamura", 4000),
        ),
    ),
    Case(
        channel="email", who="okami", hours=190, subject="今週の発注", team=ORDERS, tags=("法人・卸",), owner="nakamura",
        steps=(
            says("お世話になっております。今週分の発注書をお送りします。火曜の午前でお願いいたします。\n\n割烹たなか 田中", 0, files=("order",)),
            replies("nakamura", "田中さま\n\n発注書を拝受しました。火曜の10時にお届けします。\n\n中村", 15, then="resolved"),
            becomes("closed", "nakamura", 5000),
        ),
    ),
    Case(
        channel="email", who="emma", hours=0.9, subject="Vegan dashi?", team=ENGLISH, tags=("English",),
        steps=(says("Hi again,\n\nis the \"everyday dashi\" vegan? The label says \"kombu\", but my friend thinks there may be bonito in it.\n\nEmma", 0),),
    ),
    Case(
        channel="email", who="priya", hours=214, subject="Delivery slot on bank holidays", team=ENGLISH, tags=("配送", "法人・卸", "English"), owner="olivia",
        steps=(
            says("Dear team,\n\ndo you deliver on 23 November? It is a holiday, but the hotel is full.\n\nPriya Nair", 0),
            replies("olivia", "Dear Priya,\n\nyes, for you we do: between 6 and 7 am as always.\n\nOlivia", 52, then="resolved"),
            becomes("closed", "olivia", 6000),
        ),
    ),
    Case(
        channel="email", who="takahashi", hours=11, subject="支払方法の変更", team=SUPPORT, tags=("請求書",), owner="nakamura",
        steps=(
            says("口座振替からカード払いに変えたいです。どこから手続きできますか。", 0),
            replies("nakamura", "髙橋さま\n\n「お客さまページ」→「お支払い」から変更いただけます。来月分から切り替わります。\n\n中村", 66, lost=True, then="pending"),
        ),
    ),
    Case(
        channel="email", who="inoue", hours=233, subject="純米酒「横丁」の在庫", team=ORDERS, owner="nakamura",
        steps=(
            says("純米酒「横丁」の一升瓶は、いま12本そろいますか。", 0),
            replies("nakamura", "井上さま\n\nはい、ご用意できます。お取り置きは3日間です。\n\n中村", 25, then="resolved"),
            becomes("closed", "nakamura", 7000),
        ),
    ),
    Case(
        channel="email", who="noah", hours=148, subject="Duplicate charge in October", team=ENGLISH, tags=("返品・返金", "English"), owner="olivia",
        steps=(
            says("Hi,\n\nI see two charges of ¥4,860 on 28 October. I ordered once.\n\nNoah", 0),
            notes("nakamura", "二重決済を確認。片方を取り消し済み(10/29)。明細の反映待ち。", 30),
            replies("olivia", "Hi Noah,\n\nyou are right, and I am sorry: the second one was taken back on 29 October. Your bank may show it until the end of this month.\n\nOlivia", 22, then="resolved"),
            says("Got it, it has just disappeared from the statement. Thanks!\n\nNoah", 1900),
            becomes("resolved", "olivia", 15),
        ),
    ),
    Case(
        channel="email", who="midori", hours=160, subject="納品時間の変更のお願い", team=ORDERS, tags=("配送", "法人・卸"), owner="nakamura", charset="iso-2022-jp",
        steps=(
            says("みどり台こども園の大野です。\n来週から、納品を8時30分より前にしていただくことはできますか。園庭に車を入れられなくなるためです。", 0),
            replies("nakamura", "大野さま\n\n承知しました。来週から8時にお伺いします。園児のみなさんに気をつけて参ります。\n\n中村", 38, then="resolved"),
            becomes("closed", "nakamura", 4500),
        ),
    ),
    Case(
        channel="email", who="fune", hours=2.4, subject="お醤油のビンの件", team=SUPPORT, tags=("お褒め",), owner="saburo",
        steps=(
            says("三郎さん\n\nいつもお世話になっております。この間のお醤油、ビンの口が液だれしない形に変わりましたね。とても使いやすくなりました。孫も喜んでおります。\n\n磯野フネ", 0),
            replies("saburo", "フネさま\n\nさっそくお気づきくださって、うれしいです。蔵元に伝えます。きっと励みになります。\n\n三郎", 44, then="resolved"),
        ),
    ),
    Case(
        channel="email", who="suzuki", hours=208, subject="配送先の追加", team=ORDERS, owner="nakamura",
        steps=(
            says("実家(千葉県市川市)にも送れるように、配送先を追加したいです。", 0),
            replies("nakamura", "鈴木さま\n\n「お届け先の管理」に追加いたしました。次のご注文から選べます。\n\n中村", 33, then="resolved"),
            becomes("closed", "nakamura", 6000),
        ),
    ),
)  # fmt: skip
