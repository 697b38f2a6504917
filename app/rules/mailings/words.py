"""What mails to the desk's own people say, in both languages."""

from collections.abc import Mapping

SAYS: dict[str, Mapping[str, str]] = {
    "ja": {
        "subject": "【レポート】{name} ({days})", "days": "{first} 〜 {last}", "one_day": "{first}",
        "period": "期間: {days} ({zone})", "basis_business": "時間は営業時間で数えています。",
        "basis_elapsed": "時間は経過時間で数えています。",
        "filters": "絞り込み: {list}", "figure": "指標", "value": "値", "made_of": "内訳", "before": "前の期間", "change": "増減",
        "up": "良くなりました", "down": "悪くなりました", "counted": "{n}件", "spread": "中央値 {p50} · 90% {p90}",
        "of": "{n} / {d}",
        "by_day": "日ごとの推移", "open": "同じレポートを画面で開く", "nothing": "データなし",
        "alt": "{name}の日ごとの棒グラフ: {values}", "file": "report-{first}-{last}.csv",
        "why": "このメールは三河屋の「レポートのメール」の設定により自動でお送りしています。"
        "届け先と時刻は、設定の「レポートのメール」で変えられます。",
        "numerator": "分子", "denominator": "分母", "p50": "中央値 (秒)", "p90": "90% (秒)", "day": "日付",
        "channel": "チャネル", "team": "チーム", "agent": "担当", "inbox": "受信箱", "tier": "区分", "tag": "タグ",
        "nobody": "なし",
    },
    "en": {
        "subject": "[Report] {name} ({days})", "days": "{first} to {last}", "one_day": "{first}",
        "period": "Period: {days} ({zone})", "basis_business": "Times count business hours.",
        "basis_elapsed": "Times count every hour.",
        "filters": "Only: {list}", "figure": "Figure", "value": "Value", "made_of": "Made of", "before": "Period before",
        "change": "Change",
        "up": "better", "down": "worse", "counted": "{n} counted", "spread": "median {p50} · 90 % {p90}", "of": "{n} / {d}",
        "by_day": "Day by day", "open": "Open this report on screen", "nothing": "no data",
        "alt": "Bar chart of {name} by day: {values}", "file": "report-{first}-{last}.csv",
        "why": "Mikawaya sends this by itself, as set under “Report mails”. Readers and times can be changed there.",
        "numerator": "Numerator", "denominator": "Denominator", "p50": "Median (s)", "p90": "90 % (s)", "day": "Day",
        "channel": "channel", "team": "team", "agent": "agent", "inbox": "inbox", "tier": "tier", "tag": "tag", "nobody": "none",
    },
}  # fmt: skip
CHANNELS = {
    "ja": {"line": "LINE", "email": "メール", "chat": "チャット", "phone": "電話"},
    "en": {"line": "LINE", "email": "Email", "chat": "Chat", "phone": "Telephone"},
}
TIERS = {
    "ja": {"high": "ハイタッチ", "low": "ロータッチ", "tech": "テックタッチ"},
    "en": {"high": "High touch", "low": "Low touch", "tech": "Tech touch"},
}


def say(key: str, language: str, /, **values: object) -> str:
    return SAYS["en" if language == "en" else "ja"][key].format(**values)


def lasting(seconds: float, language: str) -> str:
    """A duration, as exact as one can use."""
    ja = language != "en"
    if seconds < 60:
        return f"{seconds:.0f}{'秒' if ja else ' s'}"
    whole, minutes = round(seconds), round(seconds / 60)
    if whole < 600:
        return f"{whole // 60}分{whole % 60}秒" if ja else f"{whole // 60} min {whole % 60} s"
    if minutes < 60:
        return f"{minutes}{'分' if ja else ' min'}"
    if minutes < 48 * 60:
        return f"{minutes // 60}時間{minutes % 60}分" if ja else f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes / 1440:.1f}{'日' if ja else ' d'}"


def told(kind: str, value: float | None, language: str) -> str:
    """A figure as people read it. Without data it is a dash, never 0."""
    if value is None:
        return "–"
    if kind == "ratio":
        return f"{value * 100:.1f}%"
    if kind == "duration":
        return lasting(value, language)
    return f"{value:.2f}" if kind == "mean" else f"{value:,.10g}"


def changed(kind: str, change: float | None) -> str:
    """ "+3.1 pt", "-12%"; a dash when there is nothing to compare with."""
    if change is None:
        return "–"
    shown = f"{change * 100:+.1f}" if kind == "ratio" else f"{change * 100:+.0f}"
    shown = "±0" if not float(shown) else shown
    return f"{shown} pt" if kind == "ratio" else f"{shown}%"
