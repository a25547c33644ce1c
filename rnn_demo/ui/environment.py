"""What Gradio must be told before it is imported, by the environment; then it is imported."""

import inspect
import os
from typing import Any
from unittest.mock import patch

QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",  # no telemetry, no version check
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000",  # no table of all events after every event
    "GRADIO_ANALYTICS_MAX_EVENTS": "100",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",  # nothing is ever sent with this machine's own token
}
for _name, _value in QUIET.items():
    os.environ.setdefault(_name, _value)

_find = inspect.getfile


def _find_none(of: Any) -> str:
    """As if Gradio's components were typed into a notebook.

    From the file of each, Gradio writes a stub for editors whenever it is imported: that takes
    half of the import's seconds, and wants to write where packages lie.
    """
    if isinstance(of, type) and of.__module__.startswith("gradio."):
        raise OSError("source code not available")
    return _find(of)


with patch.object(inspect, "getfile", _find_none):
    import gradio  # noqa: F401
