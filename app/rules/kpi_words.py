"""What the figures are called and how they are explained, in both languages: for the screens, the lists and the files.

{abandon_s}, {target_s} and {variant} stand for what was asked.
"""

# ruff: noqa: E501 - what people read is data

from collections.abc import Mapping

NAMES: dict[str, dict[str, str]] = {
    "ja": {
        "inbound": "受付件数", "turns": "対応が必要なやりとり", "response_rate": "返信率", "first_response": "初回応答時間",
        "next_response": "2回目以降の応答時間", "first_resolution": "解決時間 (初回解決まで)", "resolution": "解決時間 (最終)",
        "one_contact": "一次解決率", "reopen_rate": "再オープン率", "transfer_rate": "転送率", "escalation_rate": "エスカレーション率",
        "csat": "顧客満足度 (CSAT)", "csat_mean": "平均評価", "csat_response": "アンケート回答率",
        "sla_first_response": "SLA達成率 (初回応答)", "sla_next_response": "SLA達成率 (次の応答)", "sla_resolution": "SLA達成率 (解決)",
        "sla_callback": "SLA達成率 (折り返し)", "sla_assignment": "SLA達成率 (担当決め)", "backlog": "未解決残", "offered": "着信数", "net_offered": "実質着信数", "repeat_rate": "再呼率", "handled_rate": "対応率",
        "answer_rate": "応答率", "abandon_rate": "放棄呼率", "short_abandons": "早期放棄", "service_level": "サービスレベル",
        "asa": "平均応答時間 (ASA)", "abandon_wait": "放棄までの時間", "talk": "通話時間 (ATT)", "hold": "保留時間",
        "wrap_up": "後処理時間 (ACW)", "aht": "平均処理時間 (AHT)", "occupancy": "占有率", "utilisation": "稼働率",
    },
    "en": {
        "inbound": "Inbound tickets", "turns": "Customer turns", "response_rate": "Response rate", "first_response": "First response",
        "next_response": "Next response", "first_resolution": "Resolution (first)", "resolution": "Resolution (final)",
        "one_contact": "One-contact resolution", "reopen_rate": "Reopen rate", "transfer_rate": "Transfer rate", "escalation_rate": "Escalation rate",
        "csat": "Satisfaction (CSAT)", "csat_mean": "Mean score", "csat_response": "Survey response",
        "sla_first_response": "SLA: first response", "sla_next_response": "SLA: next response", "sla_resolution": "SLA: resolution",
        "sla_callback": "SLA: call-back", "sla_assignment": "SLA: assignment", "backlog": "Backlog", "offered": "Calls offered", "net_offered": "Net calls offered", "repeat_rate": "Repeat calls", "handled_rate": "Handled calls",
        "answer_rate": "Answer rate", "abandon_rate": "Abandonment", "short_abandons": "Short abandons", "service_level": "Service level",
        "asa": "Speed of answer (ASA)", "abandon_wait": "Time to abandon", "talk": "Talk time (ATT)", "hold": "Hold time",
        "wrap_up": "Wrap-up (ACW)", "aht": "Handling time (AHT)", "occupancy": "Occupancy", "utilisation": "Utilisation",
    },
}  # fmt: skip

DEFINITIONS: dict[str, dict[str, str]] = {
    "ja": {
        "inbound": "期間中にお客様から始まったチケットの数。迷惑メールと、こちらから始めたものは除きます。統合されたチケットは、統合先だけを、早いほうの開始時刻で数えます。",
        "turns": "お客様の未返信の最初のメッセージから返信までを1回と数えたものの数。続けて届いたメッセージは1回です。自動応答メールと、返信不要とされたものは除きます。",
        "response_rate": "期間中に始まった返信の必要なチケットのうち、担当者が1回でも返信したものの割合。まだ返信していないものも分母に入ります。迷惑メール、自動応答メール、返信不要とされたものは除きます。",
        "first_response": "最初のメッセージから、担当者による最初の公開返信 (電話は応答) まで。自動応答と社内メモは返信に数えません。こちらから始めたチケットは除き、再オープンしても初回の値のままです。期間はメッセージが届いた時刻で決まります。",
        "next_response": "2回目以降、未返信の最初のメッセージから次の返信まで。返信までに届いた複数のメッセージは1回とし、最初の1通から測ります。",
        "first_resolution": "チケットの開始から、最初に解決にした時まで。営業時間で見るときは、お客様待ち・スヌーズの時間を除きます。期間は解決した時刻で決まります。",
        "resolution": "チケットの開始から、今も続いている最後の解決まで。再オープンされた解決は数えません。営業時間で見るときは、お客様待ち・スヌーズ・解決済みだった時間を除きます。",
        "one_contact": "期間中に初めて解決したチケットのうち、転送なし・1回の対応だけで解決し、7日以内に再オープンされず、同じお客様から同じ件 (件名かタグが同じもの、または件名もタグもない電話) の新しいチケットも来なかったものの割合。解決から7日たっていないものは、これから下がることがあります。返信なしで閉じたものは除きます。",
        "reopen_rate": "期間中に初めて解決したチケットのうち、その後1回以上再オープンされたものの割合。自動応答メールやスタンプだけでは再オープンしません。",
        "transfer_rate": "期間中に始まり応答したチケットのうち、別の担当者かチームに渡されたことのあるものの割合。",
        "escalation_rate": "期間中にお客様から始まったチケットのうち、1回でもカスタマーサクセスに相談または移管 (引き継ぎ) を依頼したものの割合。断られた・差し戻されたものも含み、共有だけのものは含みません。",
        "csat": "満足度アンケートの回答のうち、5段階の上位2つ (4か5) の割合。解決ごとに1回答、変更されたときは最新の回答を数えます。期間はおたずねした時刻で決まります。",
        "csat_mean": "満足度アンケートの回答 (1〜5) の平均。",
        "csat_response": "満足度をおたずねしたもののうち、回答のあったものの割合。同じお客様には30日に1回だけおたずねします。おたずねしなかった解決は数えません。",
        "sla_first_response": "期間中に結果の出た「初回応答」の約束のうち、期限内に守られたものの割合。取り消された約束は数えません。決まった時のチームと担当に数えます。",
        "sla_next_response": "期間中に結果の出た「次の応答」の約束のうち、期限内に守られたものの割合。",
        "sla_resolution": "期間中に結果の出た「解決」の約束のうち、期限内に守られたものの割合。あとで再オープンされても、守られたものは守られたままです。続きの約束は、その結果が出た時に数えます。",
        "sla_callback": "期間中に結果の出た「折り返し」の約束のうち、期限内に守られたものの割合。",
        "sla_assignment": "期間中に結果の出た「担当決め」の約束のうち、期限内に守られたものの割合。",
        "backlog": "期間の最後の日の終わりに、対応中または保留だったチケットの数。毎日の終わりに記録し、あとから計算し直しません。",
        "offered": "待ち行列に入った着信の数。",
        "net_offered": "着信数から再呼 (同じお客様が30分以内にかけ直した着信) を除いた数。番号非通知の着信は、誰からか分からないため、それぞれ1件と数えます。",
        "repeat_rate": "着信のうち、同じお客様の前の着信から30分以内にかかってきたものの割合。続けて3回かかってきたときは、2回目と3回目が再呼です。番号非通知の着信は再呼に数えません。",
        "handled_rate": "着信のうち、担当者が電話に出たか、あとで折り返して同じチケットのお客様につながったものの割合。折り返しがつながると、過去の期間の値も上がります。",
        "answer_rate": "着信のうち、担当者が電話に出たものの割合。留守番電話は応答に数えません。",
        "abandon_rate": "{abandon_s}秒より長く待って切られた着信 ÷ ({abandon_s}秒以内に切られたものを除く着信)。留守番電話は放棄に数えません。",
        "short_abandons": "待ち始めて{abandon_s}秒以内に切られた着信の数。放棄呼率からは除きます。",
        "service_level": "方式{variant}・{target_s}秒。A: {target_s}秒以内に応答 ÷ 全着信。B: {target_s}秒以内に応答 ÷ ({target_s}秒以内の放棄を除く着信)。C: ({target_s}秒以内の応答 + {target_s}秒以内の放棄) ÷ 全着信。",
        "asa": "応答した着信の、待ち始めから担当者につながるまでの時間。放棄された着信は含みません。",
        "abandon_wait": "放棄された着信の、切られるまでの待ち時間。",
        "talk": "応答した着信の、つながってから切れるまでの時間。電話の提供元が保留を知らせないため、保留も含みます。",
        "hold": "保留の時間。つながっている電話の提供元が知らせたときだけ出ます。",
        "wrap_up": "応答した着信のあと、担当者が「後処理」だった時間。後処理のなかった通話は0秒と数え、後処理中の通話は終わった時に加わります。",
        "aht": "(通話 + 後処理) ÷ 応答した着信。保留は通話に含まれるため、別に足しません。",
        "occupancy": "(対応中 + 後処理) ÷ (対応中 + 後処理 + 受付可)。休憩・研修・離席の時間は含みません。数えるのは秒です。",
        "utilisation": "(対応中 + 後処理 + 受付可) ÷ ログインしていた時間 (休憩・研修・離席も含みます)。勤務予定ではなく、実際のログイン時間で割ります。数えるのは秒です。",
    },
    "en": {
        "inbound": "Tickets that customers began in the period. Without spam and without what the desk began. Of merged tickets only the one that remains counts, from the earliest beginning.",
        "turns": "From a customer's first unanswered message to its answer counts once, however many messages came meanwhile. Without automatic mail and what needed no answer.",
        "response_rate": "Of the tickets that began in the period and need an answer, the share that somebody answered at least once. Those still unanswered are in the denominator. Without spam, automatic mail and what needed no answer.",
        "first_response": "From the first message to the first public answer by a person (on the phone: being answered). Automatic answers and notes do not count; tickets that the desk began are left out; a reopened ticket keeps its first value. The period is that of the message.",
        "next_response": "After the first answer: from the oldest unanswered message to the next answer. Several messages before an answer count once, from the first of them.",
        "first_resolution": "From a ticket's beginning to its first resolution. In business time without the time it waited for the customer or was snoozed. The period is that of the resolution.",
        "resolution": "From a ticket's beginning to the resolution that still stands. Resolutions that were reopened are not counted. In business time without waiting for the customer, snoozes and earlier resolutions.",
        "one_contact": "Of the tickets first resolved in the period, the share that took one answer, no transfer, and were neither reopened within 7 days nor followed by another ticket of the same customer about the same (the same subject or a common tag, or a call with neither). Those resolved less than 7 days ago may still fall out. Without tickets closed unanswered.",
        "reopen_rate": "Of the tickets first resolved in the period, the share that was reopened at least once. Automatic mail and stickers reopen nothing.",
        "transfer_rate": "Of the tickets that began in the period and were answered, the share that went to another agent or team at least once.",
        "escalation_rate": "Of the tickets that customers began in the period, the share that customer success was asked to advise on or to take over, at least once. Declined and returned ones count; what they were only informed of does not.",
        "csat": "Of the answers to the satisfaction survey, the share in the top two of five (4 or 5). One answer counts for each resolution, the latest. The period is by when the customer was asked.",
        "csat_mean": "The mean of the answers to the satisfaction survey (1 to 5).",
        "csat_response": "Of the customers who were asked, the share that answered. A person is asked at most once in 30 days. Resolutions that asked nothing are not counted.",
        "sla_first_response": "Of the promises of a first response that were decided in the period, the share that was kept in time. Cancelled ones are not counted. It counts for the team and the agent who had the ticket then.",
        "sla_next_response": "Of the promises of a next response that were decided in the period, the share that was kept in time.",
        "sla_resolution": "Of the promises of a resolution that were decided in the period, the share that was kept in time. What was kept stays kept when the ticket is reopened later; the promise that goes on counts when it is decided itself.",
        "sla_callback": "Of the promises of a call-back that were decided in the period, the share that was kept in time.",
        "sla_assignment": "Of the promises of an assignment that were decided in the period, the share that was kept in time.",
        "backlog": "Tickets that were open or pending at the end of the period's last day. Recorded at each day's end, never recomputed.",
        "offered": "Calls that entered a queue.",
        "net_offered": "Calls offered without repeat calls: the same customer again within 30 minutes. Of a withheld number nobody knows whose it is: each such call counts.",
        "repeat_rate": "Of the calls offered, the share that came within 30 minutes of the same customer's call before. Of three calls in a row the second and the third are repeats. Calls from withheld numbers are none.",
        "handled_rate": "Of the calls offered, the share that an agent answered, or whose customer was called back on the same ticket and reached. A call-back that reaches the customer raises the figure of a past period, too.",
        "answer_rate": "Of the calls offered, the share that an agent answered. Voicemail is not an answer.",
        "abandon_rate": "Calls given up after more than {abandon_s} s ÷ calls offered, without those given up within {abandon_s} s. Voicemail is not abandoned.",
        "short_abandons": "Calls given up within {abandon_s} s. They are left out of the abandonment rate.",
        "service_level": "Variant {variant}, {target_s} s. A: answered within {target_s} s ÷ all calls. B: answered within {target_s} s ÷ calls without those given up within {target_s} s. C: (answered + given up within {target_s} s) ÷ all calls.",
        "asa": "Of answered calls, from entering the queue to talking with an agent. Abandoned calls are not included.",
        "abandon_wait": "How long abandoned calls waited.",
        "talk": "Of answered calls, from being connected to the end. Hold is part of it: the telephone provider does not tell it.",
        "hold": "Time on hold. Shown only when the telephone provider tells it.",
        "wrap_up": "How long the agent was in wrap-up after answered calls. A call without wrap-up counts as 0 s; one whose wrap-up goes on gets it when it ends.",
        "aht": "(Talk + wrap-up) ÷ answered calls. Hold is within talk and not added again.",
        "occupancy": "(Busy + wrap-up) ÷ (busy + wrap-up + available). Without breaks, training and away. Counted in seconds.",
        "utilisation": "(Busy + wrap-up + available) ÷ the time logged in, with breaks, training and away. Divided by the time that agents were really logged in, not by a roster. Counted in seconds.",
    },
}


def name(code: str, language: str) -> str:
    return NAMES["en" if language == "en" else "ja"][code]


def definition(code: str, language: str, given: Mapping[str, object]) -> str:
    return DEFINITIONS["en" if language == "en" else "ja"][code].format(**given)


def titled(code: str, language: str, given: Mapping[str, object]) -> str:
    """The name, and of the service level which of its variants it is."""
    said = {"en": " (variant {variant}, {target_s} s)", "ja": " (方式{variant}・{target_s}秒)"}
    more = said["en" if language == "en" else "ja"].format(**given) if code == "service_level" else ""
    return name(code, language) + more
