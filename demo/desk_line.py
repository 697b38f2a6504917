"""The sample cases that came by LINE."""



from demo.desk_values import Case, notes, replies, says, sends

CASES = (
    Case(
        channel="line", who="tanaka", hours=0.4, subject="しょうゆの瓶が割れて届いた", team="受注・配送", tags=("配送",),
        steps=(
            says("こんばんは。さきほど定期便が届いたのですが、しょうゆの瓶が割れていました…"),
            sends("leak", 0.5),
            says("箱の中が全部しょうゆです。どうしたらいいでしょうか?", 0.7),
        ),
    ),
    Case(
        channel="line", who="sato_k", hours=30, subject="届け日の変更", team="受注・配送", tags=("定期便",), owner="nakamura",
        steps=(
            says("次のお届けを金曜日に変えられますか?"),
            replies("nakamura", "佐藤さま、いつもありがとうございます。金曜日の18〜20時でご用意できます。よろしいでしょうか?", 6),
            says("はい、それでお願いします!", 3),
            notes("nakamura", "配送表を変更済み。次回以降も金曜希望か、次に聞く。", 2),
            replies("nakamura", "承知しました。金曜日の18〜20時にお届けします。", 1, then="resolved"),
        ),
    ),
)  # fmt: skip
