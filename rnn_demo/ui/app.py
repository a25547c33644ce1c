"""build_app(): the page as a whole. The strip above, then the tabs in the order of the task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr

from rnn_demo.ui.context import Context
from rnn_demo.ui.texts import label

if TYPE_CHECKING:
    from rnn_demo.jobs import Jobs
    from rnn_demo.ui.profile import Profile

TABS: tuple[type, ...] = ()


def build_app(jobs: Jobs, profile: Profile) -> gr.Blocks:
    """The page, bound to these jobs. Nothing runs before it is launched."""
    with gr.Blocks(title="rnn-demo", analytics_enabled=False, delete_cache=(600, 3600)) as demo:
        context = Context(jobs, profile)
        tabs: list[tuple[Any, gr.Tab]] = []
        with gr.Tabs(elem_id="tabs") as context.tabs:
            for kind in TABS:
                part = kind(context)
                with gr.Tab(label(f"tab.{part.name}"), id=part.name, elem_id=f"tab-{part.name}") as tab:
                    part.build(tab)
                tabs.append((part, tab))
    demo.queue(max_size=32, api_open=False)
    return demo
