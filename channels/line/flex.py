"""Pages to read as LINE's Flex message: one bubble with a line for each, which opens it. Pure."""

from typing import Any

from channels.leaflet import Leaflet, Link
from channels.line.split import clip

ALT_CLUSTERS = 400  # LINE's limit is 1,500 characters; it stands in a notification and on old devices
TITLE_CLUSTERS = 120
INK, QUIET, INDIGO, GROUND = "#24211c", "#635d52", "#2b4c7e", "#f4f1ea"

Json = dict[str, Any]


def flex(leaflet: Leaflet) -> Json:
    """A bubble's colours are ours: LINE shows Flex messages on white in its dark theme, too."""
    titles = "\n".join(f"・{each.title}" for each in leaflet.links)
    body = [_text(leaflet.lead, INK), *(_line(each) for each in leaflet.links), _text(leaflet.ask, QUIET)]
    return {
        "type": "flex",
        "altText": clip(f"{leaflet.lead}\n{titles}", ALT_CLUSTERS),
        "contents": {
            "type": "bubble",
            "body": {"type": "box", "layout": "vertical", "spacing": "md", "contents": body},
        },
    }


def _text(words: str, color: str) -> Json:
    return {"type": "text", "text": words, "wrap": True, "size": "sm", "color": color}


def _line(link: Link) -> Json:
    title = clip(link.title, TITLE_CLUSTERS)
    words = {"type": "text", "text": title, "wrap": True, "size": "sm", "color": INDIGO, "weight": "bold"}
    return {
        "type": "box", "layout": "vertical", "backgroundColor": GROUND, "cornerRadius": "8px", "paddingAll": "12px",
        "action": {"type": "uri", "label": clip(title, 20), "uri": link.url}, "contents": [words],
    }  # fmt: skip
