"""The sample cases that came by telephone."""

# ruff: noqa: E501 - what people say is data

from demo.desk_values import Case, becomes, calls, hangs_up, leaves, notes, picks_up

SUPPORT, ORDERS, ENGLISH = "サポート", "受注・配送", "English Desk"

CASES = (
    Case(channel="phone", who="sato_h", hours=0.7, subject="折り返しのお願い(留守番電話)", team=SUPPORT, steps=(calls(), leaves(23))),
    Case(
        channel="phone", who="shop", hours=28, subject="年末の仕入れについて", team=ORDERS, tags=("法人・卸",),
        steps=(
            calls(),
            picks_up("aoki", 0.4),
            hangs_up(6, 355),
            notes("aoki", "年末は純米酒をふだんの三倍。見積りを水曜までに。掛けは月末締めのまま。", 2),
            becomes("pending", "aoki", 1),
        ),
    ),
    Case(channel="phone", who="okamoto", hours=1.6, subject="不在着信", team=ORDERS, steps=(calls(), hangs_up(0.6, 36))),
    Case(
        channel="phone", who="suzuki_i", hours=46, subject="灯油の配達", team=ORDERS, tags=("配送",),
        steps=(
            calls(),
            picks_up("nakamura", 0.3),
            hangs_up(3, 168),
            notes("nakamura", "灯油は扱っていないことをご説明。近くの燃料店を案内。", 1),
            becomes("resolved", "nakamura", 1),
        ),
    ),
    Case(
        channel="phone", who="emily", hours=97, subject="Lost the parcel notice", team=ENGLISH, tags=("配送", "English"),
        steps=(
            calls(),
            picks_up("olivia", 0.5),
            hangs_up(4, 231),
            notes("olivia", "Rebooked for Saturday morning. She has the number now.", 1),
            becomes("resolved", "olivia", 1),
        ),
    ),
    Case(
        channel="phone", who="withheld", hours=20, subject="非通知・無言", team=SUPPORT,
        steps=(calls(), hangs_up(0.4, 22), notes("aoki", "非通知。折り返しできません。", 20), becomes("closed", "aoki", 1)),
    ),
    Case(
        channel="phone", who="fujita", hours=68, subject="チラシの商品について", team=SUPPORT, tags=("お褒め",),
        steps=(
            calls(),
            picks_up("saburo", 0.6),
            hangs_up(11, 640),
            notes("saburo", "昔の店の話を少し。チラシの梅酢、2本取り置き。", 2),
            becomes("resolved", "saburo", 1),
        ),
    ),
    Case(
        channel="phone", who="sato_h", hours=172, subject="お米の追加注文", team=ORDERS, tags=("定期便",),
        steps=(
            calls(),
            picks_up("aoki", 0.3),
            hangs_up(4, 214),
            notes("aoki", "コシヒカリ5kgを追加。玄関の中まで運ぶこと。", 1),
            becomes("closed", "aoki", 1),
        ),
    ),
    Case(
        channel="phone", who="suzuki_i", hours=5.4, subject="配達の時間を知りたい(留守番電話)", team=ORDERS, tags=("配送",), owner="nakamura",
        steps=(
            calls(),
            leaves(17),
            notes("nakamura", "折り返しました。18時ごろ到着とお伝え済み。", 22),
            becomes("resolved", "nakamura", 1),
        ),
    ),
)  # fmt: skip
