"""build_app(): the page as a whole. The strip above, then the tabs in the order of the task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr

from rnn_demo.errors import RnnDemoError
from rnn_demo.text import corpus
from rnn_demo.text.corpus import Corpus
from rnn_demo.ui.api import Api
from rnn_demo.ui.context import Context, Visitor, mint_secret, owner_of
from rnn_demo.ui.look.tab import LookTab
from rnn_demo.ui.parts import widget
from rnn_demo.ui.runs_tab import RunsTab
from rnn_demo.ui.share.tab import ShareTab
from rnn_demo.ui.text_tab import TextTab
from rnn_demo.ui.texts import label
from rnn_demo.ui.train_tab import TrainTab
from rnn_demo.ui.write_tab import WriteTab

if TYPE_CHECKING:
    from rnn_demo.jobs.jobs import Jobs
    from rnn_demo.ui.profile import Profile

TABS: tuple[type, ...] = (TextTab, TrainTab, WriteTab, LookTab, ShareTab, RunsTab)
QUEUE_SLEEP = 0.02  # seconds; Gradio's 1 ms keeps an idle server at 7 % of a core
WITH_PAGE = """(visitor, ...more) =>
  [{ ...visitor, language: rnn.language, looked_at: rnn.lookedAt() }, ...more]"""


def build_app(jobs: Jobs, profile: Profile) -> Context:
    """The page (context.page), bound to these jobs. Nothing runs before it is launched."""
    with gr.Blocks(title="rnn-demo", analytics_enabled=False, delete_cache=(600, 3600)) as demo:
        context = Context(jobs, profile)
        context.page = demo
        Api(context).build()  # first: these names are a contract
        strip(context)
        with gr.Tabs(elem_id="tabs") as context.tabs:
            for kind in TABS:
                part: Any = kind(context)
                name = part.name
                with gr.Tab(label(f"tab.{name}"), id=name, elem_id=f"tab-{name}") as tab:
                    part.build(tab)
        demo.load(  # through the queue: only then do changes of a gr.State tell its listeners
            lambda visitor, text: arrive(context, visitor, text),
            [context.visitor, context.corpus],
            [
                context.visitor, context.selected, context.corpus, context.kind, context.share,
                context.ticket,
            ],
            js=WITH_PAGE, concurrency_limit=None, show_progress="hidden",
            api_visibility="private",
        )  # fmt: skip
    demo.queue(max_size=32, api_open=False)
    demo._queue.sleep_when_free = QUEUE_SLEEP
    return context


def strip(context: Context) -> None:
    """One line on every screen: name, device, storage, the running run, language, theme."""
    with gr.Row(elem_id="strip"):
        widget("name")
        widget("facts", context.facts())
        context.chip = widget("chip", "", elem_id="chip")
        widget("language", elem_id="language")
        widget("theme", elem_id="theme")


def arrive(context: Context, value: Any, text: Any) -> tuple[Any, ...]:
    """A page was loaded: give it an identity, the run it left, and the text it left; unless
    somebody was so quick that they have chosen another one by now.
    """
    record = dict(value) if isinstance(value, dict) else {}
    if not owner_of(record.get("secret")):
        record["secret"] = mint_secret()
    visitor = context.who(record)
    record["language"] = visitor.language
    run_id = context.first_run(visitor, str(record.pop("looked_at", "")))
    left = (gr.skip(), gr.skip(), gr.skip()) if text is not None else text_left(context, visitor)
    return record, run_id, *left, mint_secret()


def text_left(context: Context, visitor: Visitor) -> tuple[Any, Any, Any]:
    """(text, tokenizer, share to train on): what was chosen last, or else the newest run's.

    Where there is none, nothing is written: a text may be chosen while the page still arrives.
    """
    kept = context.kept.get(visitor.owner)
    if kept:
        return kept.text, kept.tokenizer, kept.share
    newest = context.newest(visitor)
    text = text_of(context, newest.id) if newest else None
    return gr.skip() if text is None else text, gr.skip(), gr.skip()


def text_of(context: Context, run_id: str) -> Corpus | None:
    """The text of a run, so that another can be started after a reload; None if it is lost."""
    try:
        folder = context.open_run(run_id)
        return corpus.read_text(folder.text(), str(folder.record.corpus.get("name", "text")))
    except RnnDemoError:
        return None
