"""What 三河屋 promises its customers: kitchens that depend on it first, then everybody, by the shop's hours."""

from typing import Any

MINUTE, HOUR = 60, 3600
PREMIUM, STANDARD = "プレミアム", "標準"


def _targets(**normal: int) -> dict[str, dict[str, int]]:
    """An urgent one gets a quarter of the normal time, a high one half, a low one twice."""
    return {
        metric: {"urgent": seconds // 4, "high": seconds // 2, "normal": seconds, "low": seconds * 2}
        for metric, seconds in normal.items()
    }


def policies(calendar_id: int) -> dict[str, dict[str, Any]]:
    """By name, in their order."""
    hours = {"hours": "business", "calendar_id": calendar_id, "by_team": True, "reopen": "resume"}
    pauses = {"resolution": ["pending", "snoozed"]}
    return {
        PREMIUM: {
            **hours,
            "conditions": [{"field": "tier", "any": ["high"]}],
            "targets": _targets(
                first_response=HOUR,
                next_response=HOUR,
                resolution=9 * HOUR,
                callback=30 * MINUTE,
                assignment=30 * MINUTE,
            ),
            "pauses": pauses,
            "steps": [
                {"percent": 50, "metrics": ["first_response", "callback"], "to": ["assignee"]},
                {"percent": 75, "metrics": [], "to": ["assignee", "leads"]},
                {"percent": 100, "metrics": [], "to": ["assignee", "leads", "success"]},
            ],
        },
        STANDARD: {
            **hours,
            "conditions": [],
            "targets": _targets(
                first_response=2 * HOUR, next_response=2 * HOUR, resolution=18 * HOUR, callback=2 * HOUR
            ),
            "pauses": pauses,
            "steps": [
                {"percent": 75, "metrics": [], "to": ["assignee"]},
                {"percent": 100, "metrics": ["first_response", "callback"], "to": ["assignee", "leads"]},
            ],
        },
    }
