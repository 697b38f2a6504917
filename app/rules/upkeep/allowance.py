"""How much of a month's counted messages is used, as far as somebody should know (L22). Pure."""

WARNINGS = {80: "quota_low", 95: "quota_nearly_gone"}  # percent used: the alarm's code


def level(limit: int | None, used: int | None) -> int:
    """The highest warning that is reached: 0, 80 or 95. Without a limit there is nothing to warn of."""
    if limit is None or limit <= 0 or used is None:
        return 0
    return max((step for step in WARNINGS if used * 100 >= limit * step), default=0)


def gone(limit: int | None, used: int | None) -> bool:
    return limit is not None and used is not None and used >= limit
