"""The connection test: what an operator should know before the first customer writes (L12, L32, L33)."""

from channels.contract import Finding, Site
from channels.line.client import Api, Json, Refusal, Silence
from channels.line.config import LineConfig


async def findings(api: Api, config: LineConfig, site: Site) -> list[Finding]:
    """One line each for the token, the account, the webhook and the quota. Never raises on a failure of LINE's."""
    try:
        bot = await api.bot()
    except Refusal as refusal:
        return [Finding(ok=False, code="line_token", detail=refusal.said)]
    except Silence as silence:
        return [Finding(ok=False, code="line_no_answer", detail=str(silence))]
    found = [Finding(ok=True, code="line_token"), _account(bot, config)]
    for ask in (webhook, _allowance):
        try:
            found += await ask(api, site)
        except Refusal as refusal:
            found.append(Finding(ok=False, code="line_refused", detail=refusal.said))
        except Silence as silence:
            found.append(Finding(ok=False, code="line_no_answer", detail=str(silence)))
    return found


def _account(bot: Json, config: LineConfig) -> Finding:
    name = f"{bot.get('displayName', '')} {bot.get('basicId', '')} {bot.get('userId', '')}"
    fits = not config.bot_user_id or bot.get("userId") == config.bot_user_id
    return Finding(ok=fits, code="line_account" if fits else "line_other_account", detail=name)


async def webhook(api: Api, site: Site) -> list[Finding]:
    """Whether LINE's webhooks reach us: LINE is asked where it sends them, and sends one without events."""
    endpoint = await _endpoint(api)
    url = str(endpoint.get("endpoint") or "")
    if url != site.hook_url:
        return [Finding(ok=False, code="line_webhook_elsewhere", detail=url)]
    if not endpoint.get("active"):
        return [Finding(ok=False, code="line_webhook_off", detail=url)]
    result = await api.test_endpoint()
    heard = result.get("success") is True
    detail = "" if heard else f"{result.get('statusCode', '')} {result.get('reason', '')}".strip()
    return [Finding(ok=heard, code="line_webhook" if heard else "line_webhook_fails", detail=detail)]


async def _endpoint(api: Api) -> Json:
    """404 says that no webhook URL has been set."""
    try:
        return await api.endpoint()
    except Refusal as refusal:
        if refusal.status == 404:
            return {}
        raise


async def _allowance(api: Api, site: Site) -> list[Finding]:
    limit, used = (await api.quota()).get("value"), (await api.consumption()).get("totalUsage")
    if not isinstance(limit, int) or not isinstance(used, int):
        return [Finding(ok=True, code="line_quota")]
    return [Finding(ok=used < limit, code="line_quota", detail=f"{used} / {limit}")]
