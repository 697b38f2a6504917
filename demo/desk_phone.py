"""The sample cases that came by telephone."""

# ruff: noqa: E501 - what people say is data

from demo.desk_values import Case, calls, hangs_up, leaves, notes, picks_up

CASES = (
    Case(channel="phone", who="sato_h", hours=0.6, subject="", steps=(calls(), leaves(23))),
    Case(
        channel="phone", who="shop", hours=28, subject="年末の仕入れについて", tags=("法人・卸",),
        steps=(calls(), picks_up("aoki", 0.4), hangs_up(6, 355), notes("aoki", "年末は純米酒を普段の三倍。見積りを水曜までに。", 2)),
    ),
)  # fmt: skip
