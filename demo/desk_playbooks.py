"""The sample desk's playbooks, who goes through them, and what is expected of renewals. Days count from the seeding."""

from typing import Any

Step = dict[str, Any]


def work(key: str, kind: str, ja: str, en: str, days: int, **more: Any) -> Step:
    plain: Step = {
        "subject": {},
        "text": {},
        "owner": "manager",
        "mark": "",
        "condition": None,
        "then": "",
        "otherwise": "",
    }
    return {"key": key, "kind": kind, "title": {"ja": ja, "en": en}, "days": days, **plain, **more}


def wait(key: str, days: int, **more: Any) -> Step:
    return work(key, "wait", "", "", days, title={}, **more)


REPLIED = {"fact": "replied", "is": [], "key": ""}
ONBOARDING: dict[str, Any] = {
    "steps": [
        work("kickoff", "call", "はじめのお電話", "Kick-off call", 2, mark="milestone",
             text={"ja": "目標と、一日のどこで使うかを伺います。",
                   "en": "Ask for their goals, and when in their day it helps."}),
        work("first", "task", "最初の発注まで一緒に進める", "See the first order through", 5, mark="milestone",
             condition={"fact": "used", "is": ["発注"], "key": ""}),
        wait("settle", 5),
        work("value", "call", "目標の手応えを伺う", "Ask whether it pays off", 3, mark="value",
             text={"ja": "最初にうかがった目標が、どこまで進んだか。", "en": "How far the first goal has come."}),
        work("steady", "internal", "定着したら段階を「活用」へ", "Move the stage to adopting", 5, mark="milestone"),
    ],
    "triggers": [{"on": "start", "days": 120, "tiers": []}],
    "exits": [{"fact": "stage", "is": ["churned"], "key": ""}],
    "criteria": [{"fact": "step", "is": ["done"], "key": "value"}],
}  # fmt: skip
RENEWAL: dict[str, Any] = {
    "steps": [
        work("review", "internal", "この一年の利用と問い合わせを見直す", "Look back at a year of use and cases", 3),
        work("letter", "mail", "更新のご相談の下書き", "Draft about the renewal", 5,
             subject={"ja": "ご契約の更新について", "en": "About your renewal"},
             text={"ja": "{{person.name|ご担当者}} 様\n\n三河屋の{{agent.name}}です。"
                         "{{account.name}}様のご契約の更新が近づいてまいりました。"
                         "この一年のご利用を振り返りながら、来年のご希望をお聞かせいただければ幸いです。\n",
                   "en": "Dear {{person.name|customer}},\n\nThis is {{agent.name}} of Mikawaya. Your renewal is coming up, "
                         "and I would like to hear what you wish for the year to come.\n"}),
        wait("answer", 5, condition=REPLIED),
        work("which", "branch", "", "", 0, title={}, condition=REPLIED, then="terms", otherwise=""),
        work("ring", "call", "お電話で更新のご意向を伺う", "Ask by telephone", 2),
        work("terms", "task", "条件を決め、更新の見込みを書く", "Settle the terms, write the forecast", 10),
    ],
    "triggers": [{"on": "renewal", "days": 120, "tiers": ["high"]}],
    "exits": [{"fact": "renewed", "is": ["renewed", "lost"], "key": ""}],
    "criteria": [{"fact": "renewed", "is": ["renewed"], "key": ""}],
}  # fmt: skip
RISK: dict[str, Any] = {
    "steps": [
        work("look", "internal", "利用と未解決の問い合わせを確かめる", "Check use and open cases", 1),
        work("call", "call", "困りごとを伺うお電話", "Call and ask what is wrong", 2,
             text={"ja": "売り込みはしません。いま一番手間のかかることを伺います。",
                   "en": "Sell nothing. Ask what costs them most effort."}),
        work("plan", "task", "立て直しの計画を送る", "Send a plan", 5),
        wait("see", 10),
        work("check", "task", "計画の進み具合を確かめる", "See how the plan goes", 2),
    ],
    "triggers": [{"on": "alert", "days": 0, "tiers": ["high"], "rules": []}],
    "exits": [{"fact": "stage", "is": ["churned", "steady"], "key": ""}],
    "criteria": [{"fact": "stage", "is": ["steady", "adopting"], "key": ""}],
}  # fmt: skip
PLAYBOOKS = (
    ("導入: 最初の成果まで", "onboarding", ONBOARDING),
    ("更新: 120日前から", "renewal", RENEWAL),
    ("立て直し", "risk", RISK),
)
# account, which playbook, begun so many days ago, the steps that are done
RUNS = (
    ("M-010", 0, 9, ("kickoff",)), ("M-007", 0, 6, ("kickoff", "first")), ("M-002", 1, 11, ("review", "letter")),
    ("M-012", 1, 4, ("review",)), ("M-006", 2, 3, ("look",)),
)  # fmt: skip
# account, forecast, note
FORECASTS = (
    ("M-002", "commit", "総支配人がご快諾。席数の見直しだけ残っています。"),
    ("M-012", "likely", "値上げの説明が済めば更新の見込みです。"),
    ("M-006", "at_risk", "三店舗のうち二店舗で使われていません。"), ("M-001", "commit", ""), ("M-005", "likely", ""),
)  # fmt: skip
# account, contract, product, a year's value, renewed so many days ago at this value (0: lost), why
PAST = (
    ("M-008", "K-108", "減塩パック", 240000, 40, 300000, ""), ("M-003", "K-103", "給食パック 予備", 90000, 70, 90000, ""),
    ("M-009", "K-109", "週末便", 60000, 20, 0, "週末の営業をやめられました。"),
)  # fmt: skip
