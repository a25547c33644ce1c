"""Words of the tab."""

TEXTS: dict[str, tuple[str, str]] = {}
