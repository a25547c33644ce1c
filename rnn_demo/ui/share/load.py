"""Publish a demo, load a model, go on with an autosave: the errands that end with a place to go."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from rnn_demo.errors import RnnDemoError
from rnn_demo.export import page_of_run
from rnn_demo.hub import autosave
from rnn_demo.hub import pull as pulling
from rnn_demo.hub import space as spaces
from rnn_demo.hub.address import parse, slug
from rnn_demo.hub.client import Phase
from rnn_demo.hub.credential import Credential
from rnn_demo.hub.push import look
from rnn_demo.hub.trouble import HubTrouble
from rnn_demo.jobs.jobs import LOCAL
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.text.corpus import Corpus
from rnn_demo.ui.context import Visitor, shown_to_user
from rnn_demo.ui.profile import temporary_folder
from rnn_demo.ui.sharing import Access, OAuth, follow, words_of
from rnn_demo.ui.texts import literal, say


class Demo:
    """Publishes a Space."""

    def __init__(self, access: Access) -> None:
        self.access = access

    def publish(
        self, oauth: OAuth, who: Any, typed: str, run_id: str, namespace: str, name: str, kind: str,
        model_name: str,
    ) -> Iterator[list[Any]]:  # fmt: skip
        """A Space with this network, in the visitor's account, that links the model there if it
        has been pushed for everybody to see."""
        visitor = self.access.who(who)
        language = visitor.language
        yield [say(language, "share.phase.working"), gr.Button(interactive=False)]
        try:
            credential = self.access.signed_in(oauth, typed)
            run, space_id = self.access.run(run_id, visitor), parse(f"{namespace}/{name}").repo_id

            def work(tell: Callable[[Phase], None]) -> spaces.Space:
                with tempfile.TemporaryDirectory(prefix="rnn-demo-space-") as place:
                    folder = Path(place) / "space"
                    tell(Phase("looking"))
                    model = self.public_model(f"{namespace}/{model_name}", credential)
                    self.fill_space(run, folder, kind, model)
                    return spaces.publish_space(
                        space_id, folder, credential, kind=kind, progress=tell
                    )

            for words, done in follow(work, language):
                if done is not None:
                    words = say(language, "share.demo.done", repo=literal(space_id), url=done.url)
                yield [words, gr.Button()]
        except RnnDemoError as error:
            yield [words_of(error, language), gr.Button(interactive=True)]
            return
        yield [gr.Markdown(), gr.Button(interactive=True)]

    def fill_space(self, run: RunFolder, folder: Path, kind: str, model: str | None) -> None:
        """The files of a Space of this kind."""
        title = run.record.name or "A network that writes"
        if kind == "gradio":
            spaces.gradio_files(folder, run, title, model)
            return
        spaces.static_files(folder, page_of_run(run), title, model)

    def public_model(self, repo_id: str, credential: Credential) -> str | None:
        """The name, if everybody may see a model of ours there."""
        try:
            found = look(repo_id, credential)
        except HubTrouble:  # publishing will meet it, too, and say so
            return None
        return repo_id if found.exists and found.ours and not found.private else None

    @shown_to_user
    def one_page(self, who: Any, run_id: str) -> gr.File:
        """The demo as a file, for whoever wants no Space."""
        run = self.access.run(run_id, self.access.who(who))
        folder = Path(tempfile.mkdtemp(dir=temporary_folder()))
        path = folder / f"{slug(run.record.name)}.html"
        path.write_text(page_of_run(run), encoding="utf-8")
        return gr.File(str(path), visible=True)


class Loading:
    """Fetches runs: they become the visitor's, and the selected one."""

    def __init__(self, access: Access) -> None:
        self.access = access

    def load(self, oauth: OAuth, who: Any, typed: str, address: str) -> Iterator[list[Any]]:
        """A model from the Hub."""
        visitor = self.access.who(who)

        def work(tell: Callable[[Phase], None]) -> RunFolder:
            return pulling.pull_run(
                address or "",
                self.access.context.jobs.root,
                self.access.credential(oauth, typed),
                owner=self.owner(who),
                largest=self.largest,
                progress=tell,
            )

        def words(run: RunFolder) -> str:
            weights = run.record.model.parameters if run.record.model else 0
            values = {"repo": literal(run.record.name), "weights": f"{weights:,}"}
            return say(visitor.language, "share.load.done", **values)

        yield from self.fetch(visitor, work, words)

    def restore(
        self, oauth: OAuth, who: Any, typed: str, address: str, text: Corpus | None
    ) -> Iterator[list[Any]]:
        """An autosave, ready to go on."""
        visitor = self.access.who(who)

        def work(tell: Callable[[Phase], None]) -> RunFolder:
            return autosave.restore(
                address or "",
                self.access.context.jobs.root,
                self.access.credential(oauth, typed),
                owner=self.owner(who),
                corpus_text=text.text if text else None,
                largest=self.largest,
                progress=tell,
            )

        def words(run: RunFolder) -> str:
            step = next(iter(run.checkpoints.steps()), 0)
            values = {"repo": literal(run.record.name), "step": f"{step:,}"}
            return say(visitor.language, "share.restore.done", **values)

        yield from self.fetch(visitor, work, words)

    def fetch(
        self, visitor: Visitor, work: Callable[[Any], RunFolder], words: Callable[[RunFolder], str]
    ) -> Iterator[list[Any]]:
        """[selected run, words, button] while it is fetched and when it is there."""

        def fetched(tell: Callable[[Phase], None]) -> RunFolder:
            run = work(tell)
            self.access.context.jobs.add(run)  # also if the page was closed meanwhile
            return run

        try:
            for said, run in follow(fetched, visitor.language):
                if run is None:
                    yield [gr.skip(), said, gr.Button(interactive=False)]
                else:
                    yield [run.path.name, words(run), gr.Button(interactive=True)]
        except RnnDemoError as error:
            yield [gr.skip(), words_of(error, visitor.language), gr.Button(interactive=True)]

    @property
    def largest(self) -> int:
        """Bytes of a file that is fetched: weights with both moments, as this server allows."""
        limits = self.access.context.jobs.limits
        return min(limits.run_bytes, 12 * limits.parameters)

    def owner(self, who: Any) -> str:
        """Whom a fetched run will belong to: "" for whoever sits at this machine. LimitError if
        there is no room for one more."""
        context = self.access.context
        owner = context.owner(who).owner
        context.rates.take(owner, "load")
        context.jobs.runs.check_room(owner)
        return "" if owner == LOCAL else owner
