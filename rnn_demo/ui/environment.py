"""What Gradio must be told before it is imported, by the environment."""

import os

QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",  # no telemetry, no version check
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000",  # no table of all events after every event
    "GRADIO_ANALYTICS_MAX_EVENTS": "100",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",  # nothing is ever sent with this machine's own token
}
for _name, _value in QUIET.items():
    os.environ.setdefault(_name, _value)
