"""The Share tab: push a run, publish a demo, load what others pushed, keep a long run safe."""

from __future__ import annotations

import os
from typing import Any

import gradio as gr

from rnn_demo.errors import RnnDemoError
from rnn_demo.hub.address import slug
from rnn_demo.hub.card import LICENSES
from rnn_demo.ui.context import Context
from rnn_demo.ui.model_choice import ModelChoice
from rnn_demo.ui.parts import choice
from rnn_demo.ui.share.load import Demo, Loading
from rnn_demo.ui.share.push import Pushing
from rnn_demo.ui.share.save import Saving
from rnn_demo.ui.sharing import Access, LoadForm, OAuth, words_of
from rnn_demo.ui.texts import label, literal, say

QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
ERRAND: dict[str, Any] = {"concurrency_limit": 3, "concurrency_id": "hub", **QUIET}


ENDINGS = {"static": "-demo", "gradio": "-app"}  # of the name of a Space


class ShareTab:
    """Lays the tab out and wires it; the buttons act in push.py, load.py and save.py."""

    name = "share"

    def __init__(self, context: Context) -> None:
        self.context = context
        self.access = Access(context)
        self.models = ModelChoice(context)
        self.pushing, self.demos = Pushing(self.access), Demo(self.access)
        self.loading, self.saving = Loading(self.access), Saving(self.access)
        # Without hf_oauth in its front matter a Space has no sign-in: then a token, as elsewhere.
        self.on_space = context.profile.space and bool(os.environ.get("OAUTH_CLIENT_ID"))

    # -- layout -------------------------------------------------------------------------------

    def build(self, tab: gr.Tab) -> None:
        with gr.Row(elem_classes="two"):
            with gr.Column(elem_classes="side"):
                with gr.Column(elem_classes="card"):
                    self.push_form()
                with gr.Column(elem_classes="card"):
                    self.load_form()
            with gr.Column(elem_classes="main"):
                with gr.Column(elem_classes="card"):
                    self.preview_card()
                with gr.Column(elem_classes="card"):
                    self.demo_form()
                with gr.Column(elem_classes="card"):
                    self.save_form()
        self.wire(tab)

    def push_form(self) -> None:
        """Model, account, name, who sees it, license; the rest behind More."""
        gr.Markdown(label("share.title"))
        self.model = self.models.build("share.model", "share-model")
        self.account = gr.Markdown("", elem_classes="hint", elem_id="share-account")
        if self.on_space:
            gr.LoginButton()
        with gr.Row(visible=not self.on_space, equal_height=False) as self.token_row:
            self.token = gr.Textbox(
                "", label=label("share.token"), type="password", max_lines=1, max_length=200,
                min_width=180, scale=3, elem_id="share-token",
            )  # fmt: skip
            self.check = gr.Button(
                label("share.check"), size="md", min_width=90, scale=1, elem_id="share-sign-in"
            )
        with gr.Row():
            self.namespace = gr.Dropdown(
                [], label=label("share.space.name"), allow_custom_value=True, min_width=110,
                elem_id="share-namespace",
            )  # fmt: skip
            self.repository = gr.Textbox(
                "", label=label("share.name"), max_lines=1, max_length=96, min_width=150,
                elem_id="share-name",
            )  # fmt: skip
        self.seen = choice(
            "share.seen", [("share.private", "private"), ("share.public", "public")], "private",
            elem_id="share-seen",
        )  # fmt: skip
        self.license = gr.Dropdown(
            list(LICENSES), value=None, label=label("share.license"),
            info=label("share.license.info"), allow_custom_value=True, elem_id="share-license",
        )  # fmt: skip
        with gr.Accordion(label("share.more"), open=False, elem_classes="fine"):
            self.language = gr.Textbox(
                "", label=label("share.language"), info=label("share.language.info"),
                max_lines=1, max_length=12,
            )  # fmt: skip
            self.headline = gr.Textbox(
                "", label=label("share.headline"), info=label("share.headline.info"),
                max_lines=1, max_length=80,
            )  # fmt: skip
            self.include = gr.Checkbox(
                False, label=label("share.include"), info=label("share.include.info")
            )
            self.request = gr.Checkbox(
                False, label=label("share.pull.request"), info=label("share.pull.request.info"),
                elem_id="share-pull-request",
            )  # fmt: skip
        with gr.Row(elem_classes="buttons"):
            self.go = gr.Button(label("share.push"), variant="primary", elem_id="push")
            self.look = gr.Button(label("share.preview"), elem_id="share-preview")
            self.zip = gr.Button(label("share.zip"), elem_id="share-zip")
        self.out = gr.File(visible=False, show_label=False, elem_id="share-file")
        self.told = gr.Markdown("", elem_id="share-told", elem_classes="told")

    def preview_card(self) -> None:
        """Every file and the card, before anything is sent."""
        gr.Markdown(label("share.preview.title"))
        self.summary = gr.Markdown(label("share.preview.hint"), elem_id="share-summary")
        with gr.Accordion(label("share.card"), visible=False, elem_classes="fine") as self.cards:
            self.curve = gr.Image(
                show_label=False, interactive=False, container=False, buttons=[],
                elem_id="share-curve",
            )  # fmt: skip
            self.card = gr.Markdown("", elem_id="share-card", latex_delimiters=[])
        with gr.Accordion(
            label("share.card.source"), open=False, visible=False, elem_classes="fine"
        ) as self.sources:
            self.source = gr.Code("", language="markdown", show_label=False, interactive=False)

    def demo_form(self) -> None:
        gr.Markdown(label("share.demo"))
        gr.Markdown(label("share.demo.hint"), elem_classes="hint")
        kinds = [("share.demo.static", "static"), ("share.demo.gradio", "gradio")]
        self.kind = choice("share.demo.kind", kinds, "static", elem_id="share-kind")
        self.demo = gr.Textbox(
            "", label=label("share.demo.name"), max_lines=1, max_length=96, elem_id="share-demo"
        )
        with gr.Row(elem_classes="buttons"):
            self.publish_button = gr.Button(label("share.demo.go"), elem_id="publish-demo")
            self.page = gr.Button(label("share.page"), elem_id="share-page")
        self.page_out = gr.File(visible=False, show_label=False, elem_id="share-page-file")
        self.demo_told = gr.Markdown("", elem_id="share-demo-told", elem_classes="told")

    def load_form(self) -> None:
        gr.Markdown(label("share.load"))
        gr.Markdown(label("share.load.hint"), elem_classes="hint")
        LoadForm(self.context).build("share")

    def save_form(self) -> None:
        gr.Markdown(label("share.save"))
        if not self.context.profile.kept:
            gr.Markdown(label("share.save.temporary"), elem_classes="hint")
        gr.Markdown(label("share.save.hint"), elem_classes="hint")
        with gr.Row():
            self.save_name = gr.Textbox(
                "", label=label("share.save.name"), max_lines=1, max_length=96,
                elem_id="share-save-name",
            )  # fmt: skip
            self.every = gr.Number(10, label=label("share.save.every"), min_width=110)
        self.save_include = gr.Checkbox(
            False, label=label("share.save.include"), info=label("share.save.include.info")
        )
        with gr.Row(elem_classes="buttons"):
            self.save_start = gr.Button(label("share.save.start"), elem_id="autosave-start")
            self.save_stop = gr.Button(label("share.save.stop"), visible=False)
        self.save_told = gr.Markdown("", elem_id="share-save-told", elem_classes="told")
        with gr.Accordion(label("share.restore"), open=False, elem_classes="fine"):
            gr.Markdown(label("share.restore.hint"), elem_classes="hint")
            self.restore_name = gr.Textbox(
                "", label=label("share.load.name"), max_lines=1, max_length=200
            )
            with gr.Row(elem_classes="buttons"):
                self.restore_button = gr.Button(label("share.restore.go"))
            self.restore_told = gr.Markdown("", elem_classes="told")

    # -- wiring -------------------------------------------------------------------------------

    def wire(self, tab: gr.Tab) -> None:
        context = self.context
        who = [context.visitor, self.token]
        form = [
            self.model, self.namespace, self.repository, self.seen, self.license, self.language,
            self.headline, self.include, self.request,
        ]  # fmt: skip
        gr.on(
            [tab.select, context.selected.change], self.models.offer, self.models.asked,
            self.model, queue=False, **QUIET,
        )  # fmt: skip
        gr.on(
            [tab.select, self.check.click, self.token.submit], self.show_account, who,
            [self.account, self.namespace], **ERRAND,
        )  # fmt: skip
        self.model.change(
            self.suggest, [context.visitor, self.model, self.kind],
            [self.repository, self.demo, self.save_name, self.save_told, self.save_start,
             self.save_stop], queue=False, **QUIET,
        )  # fmt: skip
        shown = [self.summary, self.cards, self.curve, self.card, self.sources, self.source]
        sent = [self.told, self.go, self.request]
        self.look.click(
            self.pushing.preview, [*who, *form], [*shown, self.told, self.request], **ERRAND
        )
        self.go.click(self.pushing.push, [*who, *form], sent, **ERRAND)
        self.zip.click(self.pushing.bundle_zip, [context.visitor, *form], self.out, **ERRAND)
        space = [self.model, self.namespace, self.demo, self.kind, self.repository]
        self.publish_button.click(
            self.demos.publish, [*who, *space], [self.demo_told, self.publish_button], **ERRAND
        )
        self.kind.change(
            self.suggest_space, [context.visitor, self.model, self.kind], self.demo, queue=False,
            **QUIET,
        )  # fmt: skip
        self.page.click(self.demos.one_page, [context.visitor, self.model], self.page_out, **ERRAND)
        for asked in context.load_forms:
            loaded = gr.on(
                [asked.button.click, asked.address.submit], self.loading.load,
                [*who, asked.address], [context.selected, asked.told, asked.button], **ERRAND,
            )  # fmt: skip
            asked.after(loaded)
        saving = [self.save_told, self.save_start, self.save_stop]
        self.save_start.click(
            self.saving.start_autosave,
            [*who, self.model, self.namespace, self.save_name, self.every, self.save_include],
            saving, **ERRAND,
        )  # fmt: skip
        stop = [context.visitor, self.model]
        self.save_stop.click(self.saving.stop_autosave, stop, saving, queue=False, **QUIET)
        tab.select(self.saving.show_autosave, stop, saving, queue=False, **QUIET)
        self.restore_button.click(
            self.loading.restore, [*who, self.restore_name, context.corpus],
            [context.selected, self.restore_told, self.restore_button], **ERRAND,
        )  # fmt: skip

    # -- handlers -----------------------------------------------------------------------------

    def suggest(self, who: Any, run_id: str, kind: str) -> list[Any]:
        """Names made of the run's name, and the state of its autosave."""
        visitor = self.access.who(who)
        names = [self.name_of(who, run_id, ending) for ending in ("", ENDINGS[kind], "-autosave")]
        return [*names, *self.saving.autosave_words(visitor, run_id)]

    def suggest_space(self, who: Any, run_id: str, kind: str) -> str:
        """The two kinds of Space have names of their own, so that neither overwrites the other."""
        return self.name_of(who, run_id, ENDINGS[kind])

    def name_of(self, who: Any, run_id: str, ending: str) -> str:
        """A repository's name made of the run's; nothing without a run."""
        try:
            return slug(self.access.run(run_id, self.access.who(who)).record.name) + ending
        except RnnDemoError:
            return ""

    def show_account(self, oauth: OAuth, who: Any, typed: str) -> list[Any]:
        """Who is signed in, and where pushes will go."""
        language = self.access.who(who).language
        credential = self.access.credential(oauth, typed)
        if credential is None:
            if self.on_space:
                return [say(language, "share.account.space"), gr.Dropdown()]
            here = (
                "" if self.access.context.profile.public else say(language, "share.account.login")
            )
            return [say(language, "share.account.none", login=here), gr.Dropdown()]
        try:
            account = self.access.accounts.of(credential)
        except RnnDemoError as error:
            return [words_of(error, language), gr.Dropdown()]
        places = list(account.namespaces)
        words = say(
            language,
            "share.account.as",
            user=literal(account.user),
            source=say(language, f"share.source.{credential.source}"),
            places=", ".join(map(literal, places)),
        )
        if account.role == "read":
            words += " " + say(language, "share.read.only")
        return [words, gr.Dropdown(choices=places, value=places[0])]
