"""The sample cases that came by LINE."""

# ruff: noqa: E501 - what people say is data

from demo.desk_values import Case, becomes, blocks, gives, notes, place, replies, says, sends, sticker, unsends

SUPPORT, ORDERS, ENGLISH = "サポート", "受注・配送", "English Desk"

CASES = (
    Case(
        channel="line", who="tanaka", hours=0.42, subject="しょうゆの瓶が割れて届いた", team=ORDERS, tags=("配送", "返品・返金"), priority="high",
        steps=(
            says("こんばんは。さきほど定期便が届いたのですが、しょうゆの瓶が割れていました…", 0),
            sends("leak", 0.5),
            says("箱の中が全部しょうゆです。どうしたらいいでしょうか?", 0.7),
        ),
    ),
    Case(
        channel="line", who="sato_k", hours=30, subject="届け日の変更", team=ORDERS, tags=("定期便",), owner="nakamura",
        steps=(
            says("次のお届けを金曜日に変えられますか?", 0),
            replies("nakamura", "佐藤さま、いつもありがとうございます。金曜日の18〜20時でご用意できます。よろしいでしょうか?", 6),
            says("はい、それでお願いします!", 3),
            notes("nakamura", "配送表を変更済み。次回以降も金曜希望か、次に聞く。", 2),
            replies("nakamura", "承知しました。金曜日の18〜20時にお届けします。", 1, then="resolved"),
            sticker("ありがとう", 2),
        ),
    ),
    Case(
        channel="line", who="suzuki_h", hours=1.45, subject="白しょうゆのアレルギー表示", team=SUPPORT, tags=("アレルギー",), priority="urgent", owner="aoki",
        steps=(
            says("子どもに小麦アレルギーがあります。こちらの「小麦を使わないしょうゆ」は、同じ工場で小麦も使っていますか?", 0),
            sends("label", 1),
            replies("aoki", "鈴木さま、お問い合わせありがとうございます。大切なことですので、蔵元に製造ラインを確認してからお返事いたします。30分ほどお時間をいただけますか。", 9, then="pending"),
            notes("aoki", "蔵元の品質管理に電話。ラインは共用、洗浄の記録あり。書面(PDF)をもらう約束。断定しないこと。", 14),
            says("ありがとうございます。週末に使いたいので、今日中に分かると助かります。", 20),
        ),
    ),
    Case(
        channel="line", who="emily", hours=5.2, subject="Is the delivery left at the door?", team=ENGLISH, tags=("配送", "English"), owner="olivia",
        steps=(
            says("Hi! I won't be home tonight. Can you leave the box by the door?", 0),
            replies("olivia", "Hi Emily! Yes, we can. Glass goes into the cool box, so please leave it out if you have it. Is the second floor still right?", 4),
            place("Maison Sengoku 203", "2-1-3 Sengoku, Bunkyo-ku, Tokyo", 2),
            says("Yes, 203. The cool box is out. Thank you so much", 0.5),
            replies("olivia", "Perfect, the driver knows. You will get a message here when it is there.", 3, then="pending"),
        ),
    ),
    Case(
        channel="line", who="kobayashi", hours=0.15, subject="", team=ORDERS, tags=("定期便",),
        steps=(says("来月から定期便を2本から3本に増やしたいです。アプリからだと変更ボタンが押せません", 0),),
    ),
    Case(
        channel="line", who="kato", hours=1.7, subject="注文と違う味噌が届いた", team=ORDERS, tags=("返品・返金",),
        steps=(
            says("赤みそを頼んだのに白みそが届きました", 0),
            sends("miso", 1),
            says("今夜使う予定だったので困っています", 1),
        ),
    ),
    Case(
        channel="line", who="yoshida", hours=52, subject="返金の時期", team=SUPPORT, tags=("返品・返金",), owner="aoki",
        steps=(
            says("先週返品したみりんの返金はいつになりますか。カード払いです。", 0),
            notes("aoki", "返品は11/14に受領。カード会社へ取消を送信済み。締め日の関係で表示は来月になるかも。", 6),
            replies("aoki", "吉田さま、お待たせしております。返品は14日に受け取り、同日カード会社へ取り消しを送りました。明細への反映は、締め日により来月になることがあります。", 4, then="pending"),
            says("分かりました。来月の明細を見てみます。", 48),
            replies("aoki", "ありがとうございます。反映されないときは、こちらからもカード会社に確かめます。", 6),
            becomes("snoozed", "aoki", 3, hours=96),
        ),
    ),
    Case(
        channel="line", who="watanabe", hours=26, subject="ぬか漬けの塩加減", team=SUPPORT, tags=("お褒め",), owner="saburo",
        steps=(
            says("先日いただいた「はじめてのぬか床」の紙、とても分かりやすかったです。きゅうりが上手に漬かりました😊", 0),
            sticker("", 0.3),
            replies("saburo", "渡辺さま、うれしいお知らせをありがとうございます。これからの季節は、かぶもおすすめですよ。またいつでもどうぞ。", 22, then="resolved"),
            sticker("ありがとう", 4),
        ),
    ),
    Case(
        channel="line", who="ito", hours=3.3, subject="アプリにログインできない", team=SUPPORT, tags=("アプリ",), owner="nakamura",
        steps=(
            says("アプリにログインできません。パスワードは合っているはずです", 0),
            sends("screen", 0.5),
            replies("nakamura", "伊藤さま、画面をありがとうございます。「E-401」は、機種変更のあとによく出る表示です。一度アプリを消して入れ直し、「メールで続ける」からお試しいただけますか。", 11, then="pending"),
            says("やってみましたが同じでした", 35),
            notes("nakamura", "アカウントが二つある(LINE連携とメール)。統合を頼む。", 8),
            replies("nakamura", "お試しいただきありがとうございます。お客さまの登録が二つに分かれていました。一つにまとめますので、1時間ほどお待ちください。", 6, then="pending"),
        ),
    ),
    Case(
        channel="line", who="matsumoto", hours=74, subject="まちがって送ったメッセージ", team=SUPPORT, owner="aoki",
        steps=(
            says("(友だちに送るつもりの住所でした)", 0),
            unsends(1),
            says("すみません、送る相手を間違えました。取り消しました!", 1),
            replies("aoki", "松本さま、どうぞお気になさらず。取り消された内容は、こちらにも残っておりません。", 5, then="resolved"),
        ),
    ),
    Case(
        channel="line", who="liam", hours=21, subject="Gluten free soy sauce?", team=ENGLISH, tags=("アレルギー", "English"), owner="olivia",
        steps=(
            says("Hello, do you sell tamari without wheat? My partner is coeliac.", 0),
            replies("olivia", "Hello Liam! Yes: our Ise tamari is made from soybeans and salt only, in a brewery that uses no wheat at all. 500 ml, ¥980. Shall I add it to Thursday's delivery?", 7),
            says("Brilliant. Two bottles please.", 5),
            replies("olivia", "Done, two bottles on Thursday. The brewer's statement is in the box.", 3, then="resolved"),
        ),
    ),
    Case(
        channel="line", who="shimizu", hours=98, subject="配送の遅れ", team=ORDERS, tags=("配送",), owner="nakamura",
        steps=(
            says("18時の便がまだ来ません。もう20時です。", 0),
            replies("nakamura", "清水さま、お待たせして申し訳ございません。事故渋滞で、ただいま春日通りにおります。あと25分ほどで伺います。", 3),
            says("夕飯に間に合いませんでした。次から遅れるなら先に教えてほしいです。", 6),
            replies("nakamura", "おっしゃるとおりです。遅れが分かった時点でお知らせするよう、今日から改めます。申し訳ございませんでした。", 9),
            blocks(20),
            notes("aoki", "ブロックされました。お詫びは電話か手紙で。次の便に一筆入れる。", 30),
            becomes("pending", "aoki", 1),
        ),
    ),
    Case(
        channel="line", who="hayashi", hours=8, subject="領収書の宛名", team=SUPPORT, tags=("請求書",), owner="nakamura",
        steps=(
            says("領収書の宛名を会社名に変えてもらえますか。「林建築設計事務所」です。", 0),
            replies("nakamura", "林さま、承知しました。宛名を直したものをお送りします。", 12, fails="refused", detail="LINE answered 400: Invalid reply"),
        ),
    ),
    Case(
        channel="line", who="ogawa", hours=120, subject="お赤飯用のもち米", team=ORDERS, owner="nakamura",
        steps=(
            says("お赤飯を炊きたいのですが、もち米は何合からですか?", 0),
            replies("nakamura", "小川さま、もち米は1kg(約7合)からお届けできます。ささげもご一緒にいかがですか。", 5),
            says("では両方お願いします。土曜の午前に。", 4),
            replies("nakamura", "かしこまりました。土曜の午前にお持ちします。おめでとうございます。", 2, then="resolved"),
            becomes("closed", "nakamura", 2000),
        ),
    ),
    Case(
        channel="line", who="mai", hours=0.45, subject="", team=ENGLISH, tags=("English",),
        steps=(
            says("Hi, the app shows my subscription twice (2 x Koshihikari 5 kg). Will I be charged twice?", 0),
            says("Next charge is tomorrow morning", 0.6),
        ),
    ),
    Case(
        channel="line", who="ishii", hours=44, subject="一升瓶の回収", team=ORDERS, tags=("配送",), owner="nakamura",
        steps=(
            says("空いた一升瓶が6本あります。次の配達で持っていってもらえますか?", 0),
            replies("nakamura", "石井さま、ありがとうございます。木曜の便でお引き取りします。玄関先で結構です。", 8),
            says("助かります。ケースに入れておきます。", 3),
            replies("nakamura", "助かります。では木曜に。", 2),
            gives("nakamura", "aoki", 3),
            becomes("snoozed", "aoki", 2, hours=20),
        ),
    ),
    Case(
        channel="line", who="tanaka", hours=196, subject="定期便のお休み", team=ORDERS, tags=("定期便",), owner="nakamura",
        steps=(
            says("今月だけ、定期便を一回お休みできますか。まだ一本残っていて…", 0),
            replies("nakamura", "田中さま、もちろんです。次回は12月5日のお届けにいたしました。", 5, then="resolved"),
            sticker("ありがとう", 3),
            becomes("closed", "nakamura", 5000),
        ),
    ),
    Case(
        channel="line", who="ogawa", hours=3.6, subject="お赤飯、うまく炊けました", team=ORDERS, tags=("お褒め",), owner="saburo",
        steps=(
            says("先日のもち米、とても良く炊けました。孫の七五三に間に合いました。ありがとうございました。", 0),
            replies("saburo", "小川さま、おめでとうございます。お写真が目に浮かぶようです。またお手伝いさせてください。", 18, then="resolved"),
        ),
    ),
    Case(
        channel="line", who="mai", hours=182, subject="Rice cooker ratio", team=ENGLISH, tags=("English",), owner="olivia",
        steps=(
            says("How much water for the new harvest rice? Mine gets too soft.", 0),
            replies("olivia", "New rice holds more water: take about 10% less than the line says. And let it rest ten minutes after cooking.", 6, then="resolved"),
            says("It worked!! thank you", 300),
            becomes("closed", "olivia", 4000),
        ),
    ),
)  # fmt: skip
