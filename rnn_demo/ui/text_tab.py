"""The Text tab: choose a text, see at once what it is made of and how the network will read it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnn_demo.errors import ConfigError
from rnn_demo.text import corpus
from rnn_demo.text.corpus import SAMPLES, SMALLEST, Corpus
from rnn_demo.ui import reading
from rnn_demo.ui.context import Context, shown_to_user
from rnn_demo.ui.kept import Kept
from rnn_demo.ui.parts import choice, widget
from rnn_demo.ui.texts import joined, label, literal, say


class TextTab:
    """Fills context.corpus; the tokenizer and the split are on the context for Train."""

    name = "text"

    def __init__(self, context: Context) -> None:
        self.context = context

    def build(self, tab: gr.Tab) -> None:
        with gr.Row(elem_classes="two"):
            with gr.Column(elem_classes="side"), gr.Column(elem_classes="card"):
                self.samples = widget("samples", list(SAMPLES), elem_id="samples")
                self.files = gr.File(
                    label=label("text.upload"), file_count="multiple",
                    height=130, elem_classes="drop", elem_id="files",
                )  # fmt: skip
                self.short = gr.Markdown("", elem_classes="hint", elem_id="paste-short")
                self.paste = gr.Textbox(
                    label=label("text.paste"), placeholder=label("text.paste.placeholder"),
                    lines=5, max_lines=12, elem_classes="mono", elem_id="paste",
                )  # fmt: skip
            with gr.Column(elem_classes="main"), gr.Column(elem_classes="card"):
                self.report = widget("report", {}, elem_id="report")
                with gr.Row(elem_classes="text-choices"):
                    kinds = [
                        (f"text.tokenizer.{kind}", kind) for kind in ("char", "byte", "subword")
                    ]
                    self.kind = choice("text.tokenizer", kinds, "char", elem_id="tokenizer")
                    self.share = gr.Slider(
                        60, 95, value=90, step=5, label=label("text.share"),
                        info=label("text.share.info"), min_width=220,
                    )  # fmt: skip
                self.next = gr.Button(
                    label("text.next"), variant="primary", interactive=False, elem_id="text-next"
                )
        self.context.kind, self.context.share = self.kind, self.share
        self.wire()

    def wire(self) -> None:
        context = self.context
        shown = [context.corpus, self.report, self.next]
        how = [context.visitor, self.kind, self.share]
        taken = [*shown, self.paste]  # which is emptied: it is not the text any more
        self.samples.select(self.take_sample, how, taken, api_visibility="private")
        self.files.upload(
            self.take_files, [*how, self.files], [*taken, self.files], api_visibility="private"
        ).failure(lambda: None, None, self.files, api_visibility="private")  # refused: try another
        self.paste.change(
            self.take_paste,
            [*how, self.paste, context.corpus],
            [*shown, self.short],
            trigger_mode="always_last",
            api_visibility="private",
            show_progress="hidden",
        )
        self.report.select(
            self.fix, [*how, context.corpus], [*shown, self.kind], api_visibility="private"
        )
        gr.on(
            [self.kind.change, self.share.release],
            self.show,
            [*how, context.corpus],
            shown,
            trigger_mode="always_last",
            api_visibility="private",
            show_progress="hidden",
        )
        gr.on(
            [context.corpus.change, context.visitor.change],
            self.restore,
            [*how, context.corpus, self.report],
            [self.report, self.next],
            trigger_mode="always_last",
            api_visibility="private",
            show_progress="hidden",
        )
        self.next.click(
            None, js="() => { rnn.openTab('train'); scrollTo(0, 0); rnn.reveal('#new-run'); }"
        )

    @shown_to_user
    def take_sample(self, who: Any, kind: str, share: float, event: gr.EventData) -> Any:
        if not who:  # clicked before the page has arrived
            who = {"language": getattr(event, "language", "")}
        name = str(getattr(event, "sample", ""))
        text = corpus.sample(name)
        title = say(self.context.who(who).language, f"js.text.{name}")
        return *self.showing(reading.titled(text, title), who, kind, share), ""

    @shown_to_user
    def take_files(self, who: Any, kind: str, share: float, files: list[str] | None) -> Any:
        if not files:
            return gr.skip(), gr.skip(), gr.skip(), gr.skip(), None
        most = self.context.jobs.limits.upload_bytes
        text = reading.read_uploads(files, most, self.context.who(who).language)
        return *self.showing(text, who, kind, share), "", None

    @shown_to_user
    def take_paste(
        self, who: Any, kind: str, share: float, pasted: str, text: Corpus | None
    ) -> Any:
        language = self.context.who(who).language
        count = len((pasted or "").strip())
        if count < SMALLEST:
            return gr.skip(), gr.skip(), gr.skip(), too_short(count, text, language)
        size = len(pasted.encode("utf-8", "replace"))
        reading.check_size(size, self.context.jobs.limits.upload_bytes)
        text = corpus.read_text(pasted, say(language, "text.pasted"))
        return *self.showing(text, who, kind, share), ""

    @shown_to_user
    def fix(
        self, who: Any, kind: str, share: float, text: Corpus | None, event: gr.EventData
    ) -> Any:
        name = str(getattr(event, "fix", ""))
        if text is None or (name != "kinds" and name not in reading.FIXES):
            raise ConfigError("run.fix")
        if name == "kinds":
            return *self.showing(text, who, "subword", share), "subword"
        return *self.showing(reading.fixed(text, name), who, kind, share), gr.skip()

    @shown_to_user
    def show(self, who: Any, kind: str, share: float, text: Corpus | None) -> Any:
        return self.showing(text, who, kind, share)

    def restore(self, who: Any, kind: str, share: float, text: Corpus | None, card: Any) -> Any:
        """After a reload: the report of the text that the page was left with; or of one that was
        chosen before the page knew its visitor's language.
        """
        card = card if isinstance(card, dict) else {}
        known = card.get("name"), card.get("characters"), card.get("language")
        language = self.context.who(who).language
        if text is None or known == (text.report.name, text.report.characters, language):
            return gr.skip(), gr.skip()
        return self.showing(text, who, kind, share)[1:]

    def showing(self, text: Corpus | None, who: Any, kind: str, share: float) -> Any:
        """(corpus, report, next button) for a text, which is kept for when the page is reloaded."""
        visitor = self.context.who(who)
        if text is not None:
            self.context.kept.put(visitor.owner, Kept(text, kind, share))
        card = reading.report_card(text, kind, share, visitor.language)
        return text, card, gr.Button(interactive=text is not None)


def too_short(count: int, text: Corpus | None, language: str) -> str:
    """How much of a pasted text is there, and which text holds until there is enough."""
    if not count:
        return ""
    words = say(language, "text.short", count=count, least=SMALLEST)
    if text is None:
        return words
    return joined(language, words, say(language, "text.short.else", name=literal(text.report.name)))
