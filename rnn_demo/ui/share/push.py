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
from rnn_demo.hub.client import Phase
from rnn_demo.hub.credential import Credential
from rnn_demo.hub.trouble import HubTrouble, megabytes
from rnn_demo.ui.context import Visitor, shown_to_user
from rnn_demo.ui.profile import temporary_folder
from rnn_demo.ui.sharing import Access, OAuth, follow, words_of, zip_folder
from rnn_demo.ui.texts import literal, say


class Pushing:
    """The handlers of the push form. `form` is always, in this order: run, account, name, who sees
    it, license, language, title, whether with text, whether as a pull request."""

    def __init__(self, access: Access) -> None:
        self.access = access

    def preview(self, oauth: OAuth, who: Any, typed: str, *form: Any) -> Iterator[list[Any]]:
        """Every file and the card as it will stand there; nothing is sent."""
        language = self.access.who(who).language
        nothing = [gr.Accordion(visible=False), None, "", gr.Accordion(visible=False), ""]
        yield [say(language, "share.phase.working"), *nothing, "", gr.skip()]
        try:
            with tempfile.TemporaryDirectory(prefix="rnn-demo-share-") as place:
                package = self.package(self.access.who(who), Path(place) / "bundle", form)
                picture = self.picture(package.folder)
                credential = self.access.credential(oauth, typed)
                target, words, others = self.meet(package, credential, language)
                card = target.card_after(package)
                summary = self.summary_words(language, package, form, words)
        except RnnDemoError as error:
            yield [words_of(error, language), *nothing, "", gr.skip()]
            return
        body = merge.split(card)[1].replace(f"![Loss curve]({PICTURE})", "")
        offer = gr.Checkbox(value=True) if others else gr.skip()
        yield [summary, gr.Accordion(visible=True), picture, body, gr.Accordion(visible=True),
               card, "", offer]  # fmt: skip

    def push(self, oauth: OAuth, who: Any, typed: str, *form: Any) -> Iterator[list[Any]]:
        """Send it, with words on the way; a trouble stays on the page with what to do."""
        visitor = self.access.who(who)
        language = visitor.language
        yield [say(language, "share.phase.working"), gr.Button(interactive=False), gr.skip()]
        try:
            credential = self.access.signed_in(oauth, typed)

            def work(tell: Callable[[Phase], None]) -> str:
                return self.send(visitor, credential, form, tell)

            for words, done in follow(work, language):
                yield [done or words, gr.skip(), gr.skip()]
        except RnnDemoError as error:
            yield self.refused(error, language)
            return
        yield [gr.skip(), gr.Button(interactive=True), gr.skip()]

    def refused(self, error: RnnDemoError, language: str) -> list[Any]:
        """[what happened and what to do, button, pull request]: for a repository of somebody
        else the pull request is ticked, so that one more click opens it."""
        again = gr.Button(interactive=True)
        if isinstance(error, HubTrouble) and error.kind == "not_yours":
            offer = say(language, "share.offer", repo=literal(error.values["repo"]))
            return [offer, again, gr.Checkbox(value=True)]
        return [f"{words_of(error, language)}\n\n{say(language, 'share.kept')}", again, gr.skip()]

    def send(
        self, visitor: Visitor, credential: Credential, form: Any, tell: Callable[[Phase], None]
    ) -> str:
        """The whole push; it owns its files, so a closed page does not take them away."""
        with tempfile.TemporaryDirectory(prefix="rnn-demo-share-") as place:
            package = self.package(visitor, Path(place) / "bundle", form)
            done = pushing.push(
                package,
                credential,
                private=form[3] != "public",
                pull_request=bool(form[8]),
                progress=tell,
            )
            return self.pushed_words(visitor.language, package, done)

    @shown_to_user
    def bundle_zip(self, who: Any, *form: Any) -> gr.File:
        """The same files without the Hub. A card needs a license; without one there is no card."""
        visitor = self.access.who(who)
        run = self.access.run(form[0], visitor)
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
        run = self.access.run(run_id, visitor)
        return pushing.prepare(run, folder, repo_id, labels, include_text=bool(include))

    def meet(
        self, package: pushing.Package, credential: Credential | None, language: str
    ) -> tuple[pushing.Target, str, bool]:
        """(what a push would meet there, in words, whether it is somebody else's); offline, why
        we do not know."""
        if credential is None:
            return pushing.Target(exists=False), "", False
        try:
            target = pushing.look(package.repo_id, credential)
            mine = self.access.accounts.of(credential).namespaces
        except HubTrouble as trouble:
            return pushing.Target(exists=False), words_of(trouble, language), False
        others = target.exists and target.ours and package.repo_id.split("/")[0] not in mine
        state = "others" if others else "update" if target.ours else "taken"
        return target, say(language, f"share.state.{state if target.exists else 'new'}"), others

    def picture(self, folder: Path) -> Image.Image | None:
        path = folder / PICTURE
        return Image.open(io.BytesIO(path.read_bytes())) if path.is_file() else None

    def summary_words(self, language: str, package: pushing.Package, form: Any, state: str) -> str:
        words = say(
            language,
            "share.files",
            count=len(package.files),
            size=megabytes(package.size),
            repo=literal(package.repo_id),
            seen=say(language, f"share.{form[3]}"),
            state=state,
        )
        rows = "\n".join(f"| `{name}` | {megabytes(size)} |" for name, size in package.files)
        return f"{words}\n\n| | |\n|---|---:|\n{rows}"

    def pushed_words(self, language: str, package: pushing.Package, done: pushing.Pushed) -> str:
        """Where it is now, and three lines that load it."""
        values = {"repo": literal(package.repo_id), "commit": done.commit[:8],
                  "seen": say(language, "share.private" if done.private else "share.public"),
                  "url": done.pull_request or done.url}  # fmt: skip
        if done.pull_request:
            return say(language, "share.done.request", **values)
        words = say(language, "share.done" if done.files else "share.done.same", **values)
        code = (f'from rnn_demo.hub import load\n\nmodel = load("{package.repo_id}")\n'
                'print(model.write("", seed=1))')  # fmt: skip
        return f"{words}\n\n{say(language, 'share.use')}\n\n{fence(code, 'python')}"
