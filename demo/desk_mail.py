"""The sample cases that came by mail."""

# ruff: noqa: E501 - what people say is data

from demo.desk_values import Case, replies, says

CASES = (
    Case(
        channel="email", who="emma", hours=26, subject="Invoice for October", team="English Desk", owner="olivia",
        tags=("請求書", "English"),
        steps=(
            says("Hello,\n\nCould you send me the invoice for my October orders? My accountant needs it by Friday.\n\nBest,\nEmma"),
            replies("olivia", "Dear Emma,\n\nHere it is. Tell me if your accountant needs another format.\n\nOlivia", 35,
                    files=("invoice",), then="resolved"),
        ),
    ),
)  # fmt: skip
