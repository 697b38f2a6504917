"""When the sample desk works: the shop's own calendar, and one for its customers overseas."""

from datetime import date, timedelta
from typing import Any

Week = list[list[list[str]]]


def workdays(*openings: list[str]) -> Week:
    return [list(openings)] * 5 + [[], []]


def calendars(today: date) -> dict[str, dict[str, Any]]:
    """By name. The next Saturday but one is open for half a day."""
    saturday = today + timedelta(days=(5 - today.weekday()) % 7 + 7)
    return {
        STANDARD: {
            "zone": "Asia/Tokyo",
            "week": workdays(["09:00", "18:00"]),
            "country": "JP",
            "closures": [
                {"from": "12-29", "to": "01-03", "name": "年末年始"},
                {"from": "08-13", "to": "08-15", "name": "お盆"},
            ],
            "days": {saturday.isoformat(): {"name": "臨時営業", "open": [["10:00", "15:00"]]}},
        },
        OVERSEAS: {
            "zone": "America/New_York",
            "week": workdays(["09:00", "12:00"], ["13:00", "17:00"]),
            "country": "US",
            "closures": [{"from": "12-24", "to": "12-26", "name": "Christmas"}],
            "days": {},
        },
    }


STANDARD = "標準 (平日 9–18時)"
OVERSEAS = "Overseas (New York, Mon–Fri 9–5)"
