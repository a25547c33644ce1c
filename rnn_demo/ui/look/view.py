"""What every view of Look inside has, so that the tab can treat all alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from rnn_demo.inspection.sentences import EQUATIONS

if TYPE_CHECKING:
    from rnn_demo.ui.look.asked import Asked
    from rnn_demo.ui.look.tab import LookTab


LATEX: list[dict[str, str | bool]] = [{"left": "$$", "right": "$$", "display": True}]


class View:
    """A view with no controls; subclasses are leaves."""

    name = ""
    equation = ""  # key of inspection's EQUATIONS
    equation_first = False  # above the picture
    controls: Sequence[Any] = ()  # part of the question
    picture: gr.HTML
    formula: gr.Markdown

    def build(self) -> None:
        """Lay out the controls above the picture."""

    def build_more(self) -> None:
        """Lay out what comes below the picture."""

    def formula_of(self, picture: dict[str, Any] | None) -> str:
        """The equation beside the picture, as Markdown."""
        return f"$${EQUATIONS[self.equation]}$$" if self.equation else ""

    def changes(self) -> Sequence[Callable[..., Any]]:
        """Events of the controls after which the picture is asked for again."""
        return ()

    def wire(self, tab: LookTab) -> None:
        """Add what only this view can do."""

    def show(self, asked: Asked, *values: Any) -> Any:
        """The picture."""
        raise NotImplementedError
