"""The sample desk of 三河屋, a shop that brings soy sauce and groceries to kitchens: its people, customers and cases."""

from demo.desk_chat import CASES as CHAT
from demo.desk_guests import FIRMS, GUESTS
from demo.desk_hours import OVERSEAS, STANDARD
from demo.desk_line import CASES as LINE
from demo.desk_mail import CASES as MAIL
from demo.desk_phone import CASES as PHONE
from demo.desk_values import Desk, Member

SUPPORT, ORDERS, ENGLISH = "サポート", "受注・配送", "English Desk"

MEMBERS = (
    Member(
        key="saburo", email="owner@mikawaya.example", name="河野 三郎", alias="三郎", role="owner",
        phone="+819055550001", teams=(SUPPORT, ORDERS, ENGLISH),
    ),
    Member(
        key="aoki", email="aoki@mikawaya.example", name="青木 さくら", alias="青木", role="lead",
        phone="+819055550002", teams=(SUPPORT, ORDERS),
    ),
    Member(
        key="nakamura", email="nakamura@mikawaya.example", name="中村 大輔", alias="中村", role="agent",
        phone="+819055550003", teams=(ORDERS, SUPPORT), presence="away",
    ),
    Member(
        key="olivia", email="olivia@mikawaya.example", name="Olivia Reed", alias="Olivia", role="agent", language="en",
        phone="+819055550004", teams=(ENGLISH, SUPPORT), presence="offline",
    ),
    Member(
        key="mori", email="mori@mikawaya.example", name="森 千尋", alias="森", role="success",
        phone="+819055550005", presence="offline",
    ),
)  # fmt: skip

TAGS = (
    ("配送", "#3f7d8c"), ("返品・返金", "#a8572c"), ("定期便", "#4a6fa5"), ("アレルギー", "#b0402f"), ("請求書", "#7a6a3a"),
    ("法人・卸", "#5b5490"), ("アプリ", "#3f7a57"), ("お褒め", "#b9862b"), ("English", "#6a6f78"),
)  # fmt: skip

DESK = Desk(
    members=MEMBERS,
    teams=(SUPPORT, ORDERS, ENGLISH),
    tags=TAGS,
    firms=FIRMS,
    guests=GUESTS,
    cases=(*LINE, *MAIL, *CHAT, *PHONE),
    targets={"line": 3600, "email": 14400, "chat": 900, "phone": 3600},
    hours={SUPPORT: STANDARD, ORDERS: STANDARD, ENGLISH: OVERSEAS},
)
