"""The sample cases that came by the chat on the shop's page."""

# ruff: noqa: E501 - what people say is data

from demo.desk_values import Case, replies, says

CASES = (
    Case(
        channel="chat", who="fune", hours=50, subject="お中元ののし", team="受注・配送", owner="aoki",
        steps=(
            says("ごめんください。お歳暮ののしは付けられますか?"),
            replies("aoki", "磯野さま、いつもありがとうございます。はい、無料でお付けします。表書きは「お歳暮」でよろしいですか?", 1, read=True),
            says("ええ、名入れで「磯野」とお願いします。", 2),
            replies("aoki", "かしこまりました。ご注文の備考にも入れておきました。", 1, read=True, then="resolved"),
        ),
    ),
)  # fmt: skip
