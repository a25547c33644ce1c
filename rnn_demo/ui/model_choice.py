"""Which network a tab works with: one list, and one rule for what is chosen in it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnn_demo.ui.context import Context
from rnn_demo.ui.texts import label


class ModelChoice:
    """A list of the networks that can write. It follows the run that the visitor looks at; one
    that they choose in the list stays until they look at another run.

    Wire `offer` to what opens the tab: it takes `asked` and gives the list anew.
    """

    def __init__(self, context: Context) -> None:
        self.context = context

    def build(self, key: str, elem_id: str, **layout: Any) -> gr.Dropdown:
        """The list, still empty; `key`: its label."""
        context = self.context
        box = gr.Dropdown([], label=label(key), elem_id=elem_id, interactive=True, **layout)
        chosen_at = gr.State("")  # the run that was looked at when they chose
        box.input(
            self.looked_at, [context.visitor, context.selected], chosen_at,
            queue=False, show_progress="hidden", api_visibility="private",
        )  # fmt: skip
        self.asked = [context.visitor, context.selected, box, chosen_at]
        return box

    def looked_at(self, who: Any, selected: str) -> str:
        """The run that the visitor looks at, or will when the page has arrived."""
        return selected or self.context.first_run(self.context.who(who))

    def offer(self, who: Any, selected: str, chosen: str | None, chosen_at: str) -> gr.Dropdown:
        """The networks there are now, and which one of them is chosen."""
        choices = self.context.models(self.context.who(who))
        known = [run_id for _, run_id in choices]
        return gr.Dropdown(choices, value=pick(known, selected, chosen, chosen_at))

    def chosen(self, who: Any, selected: str, chosen: str | None, chosen_at: str) -> str | None:
        """The network to work with; the list may not show it yet."""
        known = [run_id for _, run_id in self.context.models(self.context.who(who))]
        return pick(known, selected, chosen, chosen_at)


def pick(known: list[str], selected: str, chosen: str | None, chosen_at: str) -> str | None:
    """The rule: the run that is looked at, unless one was chosen while it was looked at."""
    by_hand = chosen_at and selected in ("", chosen_at)
    wanted = [chosen, selected] if by_hand else [selected, chosen]
    return next((run_id for run_id in (*wanted, *known) if run_id in known), None)
