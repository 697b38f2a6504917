"""Somebody new at the sample desk, and what they would answer."""

from typing import Any

NEWCOMER: dict[str, Any] = {
    "email": "kobayashi@mikawaya.example",
    "name": "小林 あおい",
    "alias": "小林",
    "role": "agent",
}
ASKED = (  # words, how many minutes ago
    (
        "お問い合わせありがとうございます。三河屋の小林です。\n\nお知らせいただいた件を担当の者に確認し、本日17時までにこのメールでお返事いたします。",
        26,
    ),
    ("ご連絡ありがとうございます。確認しますので、お待ちください。", 95),
)
COMMENT = "いつまでにお返事するかを書き添えてください。お客様はそこを一番知りたいはずです。"
