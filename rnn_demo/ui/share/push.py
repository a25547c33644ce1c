"""Push from the page: preview, send, or take the same files away as a zip."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from rnn_demo import bundle
from rnn_demo.errors import RnnDemoError
from rnn_demo.hub import merge
from rnn_demo.hub import push as pushing
from rnn_demo.hub.address import slug
from rnn_demo.hub.card import PICTURE, Labels, fence
from rnn_demo.hub.client import Phase, deadline_for
from rnn_demo.hub.credential import Credential
from rnn_demo.hub.trouble import HubTrouble, megabytes
from rnn_demo.ui.context import Visitor, shown_to_user
from rnn_demo.ui.profile import temporary_folder
from rnn_demo.ui.sharing import Desk, OAuth, follow, plain, words_of, zip_folder
from rnn_demo.ui.texts import say


class Pushing:
    """The handlers of the push form. `form` is always, in this order: run, account, name, who sees
    it, license, language, title, whether with text, whether as a pull request."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def preview(self, oauth: OAuth, who: Any, typed: str, *form: Any) -> list[Any]:
        """Every file and the card as it will stand there; nothing is sent."""
        visitor = self.desk.who(who)
        hidden = [gr.Accordion(visible=False), None, "", gr.Accordion(visible=False), ""]
        try:
            with tempfile.TemporaryDirectory(prefix="rnn-demo-share-") as place:
                package = self.package(visitor, Path(place) / "bundle", form)
                state, card = self.meet(package, self.desk.credential(oauth, typed))
                picture = self.picture(package.folder)
                summary = self.summary_words(visitor.language, package, form, state)
        except RnnDemoError as error:
            return [words_of(error, visitor.language), *hidden, ""]
        body = merge.split(card)[1].replace(f"![Loss curve]({PICTURE})", "")
        return [summary, gr.Accordion(visible=True), picture, body, gr.Accordion(visible=True),
                card, ""]  # fmt: skip

    def push(self, oauth: OAuth, who: Any, typed: str, *form: Any) -> Iterator[list[Any]]:
        """Send it, with words on the way; a trouble stays on the page with what to do."""
        visitor = self.desk.who(who)
        language = visitor.language
        yield [say(language, "share.working"), gr.Button(interactive=False)]
        try:
            credential = self.desk.signed_in(oauth, typed)

            def work(tell: Callable[[Phase], None]) -> str:
                return self.send(visitor, credential, form, tell)

            for words, done in follow(work, language):
                yield [done or words, gr.Button()]
        except RnnDemoError as error:
            words = f"{words_of(error, language)}\n\n{say(language, 'share.kept')}"
            yield [words, gr.Button(interactive=True)]
            return
        yield [gr.Markdown(), gr.Button(interactive=True)]

    def send(
        self, visitor: Visitor, credential: Credential, form: Any, tell: Callable[[Phase], None]
    ) -> str:
        """The whole push; it owns its files, so a closed page does not take them away."""
        with tempfile.TemporaryDirectory(prefix="rnn-demo-share-") as place:
            package = self.package(visitor, Path(place) / "bundle", form)
            seconds = deadline_for(package.size)

            def told(phase: Phase) -> None:
                tell(Phase(phase.name, {**phase.values, "limit": f"{seconds:.0f}"}))

            done = pushing.push(
                package,
                credential,
                private=form[3] != "public",
                pull_request=bool(form[8]),
                progress=told,
                seconds=seconds,
            )
            return self.pushed_words(visitor.language, package, done)

    @shown_to_user
    def bundle_zip(self, who: Any, *form: Any) -> gr.File:
        """The same files without the Hub. A card needs a license; without one there is no card."""
        visitor = self.desk.who(who)
        run = self.desk.run(form[0], visitor)
        with tempfile.TemporaryDirectory(prefix="rnn-demo-share-") as place:
            folder = Path(place) / "bundle"
            if form[4]:
                self.package(visitor, folder, form)
            else:
                bundle.write_bundle(run, folder, include_text=bool(form[7]))
            target = Path(tempfile.mkdtemp(dir=temporary_folder()))
            path = zip_folder(folder, target / f"{slug(run.record.name)}.zip")
        return gr.File(str(path), visible=True)

    def package(self, visitor: Visitor, folder: Path, form: Any) -> pushing.Package:
        """The files of the form's run, written into an empty folder."""
        run_id, namespace, name, _, license_id, language, title, include, _ = form
        labels = Labels(license=license_id or "", language=(language or "").strip(),
                        title=(title or "").strip())  # fmt: skip
        repo_id = f"{namespace or 'me'}/{name or ''}".replace(" ", "")
        run = self.desk.run(run_id, visitor)
        return pushing.prepare(run, folder, repo_id, labels, include_text=bool(include))

    def meet(self, package: pushing.Package, credential: Credential | None) -> tuple[str, str]:
        """(what a push would meet there, the card as it will be); offline, what we know."""
        if credential is None:
            return "unknown", package.card
        try:
            target = pushing.look(package.repo_id, credential)
        except HubTrouble:
            return "unknown", package.card
        if not target.exists:
            return "new", package.card
        return ("update" if target.ours else "taken"), target.card_after(package)

    def picture(self, folder: Path) -> Image.Image | None:
        path = folder / PICTURE
        return Image.open(io.BytesIO(path.read_bytes())) if path.is_file() else None

    def summary_words(self, language: str, package: pushing.Package, form: Any, state: str) -> str:
        words = say(
            language,
            "share.files",
            count=len(package.files),
            size=megabytes(package.size),
            repo=plain(package.repo_id),
            seen=say(language, f"share.{form[3]}"),
            state=say(language, f"share.state.{state}"),
        )
        rows = "\n".join(f"| `{name}` | {megabytes(size)} |" for name, size in package.files)
        return f"{words}\n\n| | |\n|---|---:|\n{rows}"

    def pushed_words(self, language: str, package: pushing.Package, done: pushing.Pushed) -> str:
        """Where it is now, and three lines that load it."""
        values = {"repo": plain(package.repo_id), "commit": done.commit[:8],
                  "seen": say(language, "share.private" if done.private else "share.public"),
                  "url": done.pull_request or done.url}  # fmt: skip
        key = "share.done" if done.files else "share.done.same"
        words = say(language, "share.done.request" if done.pull_request else key, **values)
        code = (f'from rnn_demo.hub import load\n\nmodel = load("{package.repo_id}")\n'
                'print(model.write("", seed=1))')  # fmt: skip
        return f"{words}\n\n{say(language, 'share.use')}\n\n{fence(code, 'python')}"
