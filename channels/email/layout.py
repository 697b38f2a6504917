"""HTML laid out as text, by inscriptis. Loaded with the first mail that has no text of its own: lxml takes 5 MB."""

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

_CONFIG = ParserConfig(css=CSS_PROFILES["strict"].copy(), display_links=False)


def laid_out(markup: str) -> str:
    """Raises what lxml raises on markup that it refuses."""
    text: str = get_text(markup, _CONFIG)
    return text
