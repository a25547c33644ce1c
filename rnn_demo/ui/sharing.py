"""What the parts of the Share tab have in common: who asks, and errands with words on the way."""

from __future__ import annotations

import hashlib
import logging
import queue
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr

from rnn_demo.errors import RnnDemoError
from rnn_demo.hub.client import Phase
from rnn_demo.hub.credential import Account, Credential, find_credential
from rnn_demo.hub.push import sign_in
from rnn_demo.hub.trouble import HubTrouble
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.ui.context import BUNDLED, Context, Visitor
from rnn_demo.ui.texts import joined, label, literal, say

T = TypeVar("T")
OAuth = gr.OAuthToken | None  # filled in by Gradio on a Space, None elsewhere
REMEMBER = 300.0  # seconds that the owner of a token is believed


def words_of(error: RnnDemoError, language: str) -> str:
    """An error in the visitor's language, as plain Markdown."""
    return literal(error.message.say(language))


class Access:
    """Where the handlers of this tab ask who is there and what they may touch."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.accounts = Accounts()

    def who(self, value: Any) -> Visitor:
        return self.context.who(value)

    def credential(self, oauth: OAuth, typed: str) -> Credential | None:
        """The visitor's own; this machine's login only for whoever sits at it."""
        public = self.context.profile.public
        return find_credential(oauth.token if oauth else None, typed, allow_machine=not public)

    def signed_in(self, oauth: OAuth, typed: str) -> Credential:
        """The same; HubTrouble if there is none."""
        credential = self.credential(oauth, typed)
        if credential is None:
            raise HubTrouble("no_token")
        return credential

    def run(self, run_id: str, visitor: Visitor) -> RunFolder:
        """The run, if it is theirs or the project's own."""
        if run_id == BUNDLED:
            return self.context.open_run(run_id)
        return self.context.jobs.open(str(run_id or ""), visitor.owner)


class Accounts:
    """Whose token it is, asked once in a while. Keeps digests of tokens, never tokens."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Account]] = {}
        self._lock = threading.Lock()

    def of(self, credential: Credential) -> Account:
        """The account of a credential. Raises HubTrouble."""
        digest = hashlib.sha256(credential.token.reveal().encode()).hexdigest()
        now = time.monotonic()
        with self._lock:
            self._known = {k: v for k, v in self._known.items() if now - v[0] < REMEMBER}
            if digest in self._known:
                return self._known[digest][1]
        account = sign_in(credential)
        with self._lock:
            self._known[digest] = (now, account)
        return account


def follow(
    work: Callable[[Callable[[Phase], None]], T], language: str
) -> Iterator[tuple[str, T | None]]:
    """Do work in a thread of its own: yields (words of the phase and the clock, None) every
    second, then ("", result).

    The work goes on if the page is closed meanwhile; its own deadline ends it. Raises its error;
    a mistake of ours goes to the log, and becomes an error that the page can say.
    """
    phases: queue.Queue[Phase | None] = queue.Queue()
    result: dict[str, Any] = {}

    def run() -> None:
        try:
            result["value"] = work(phases.put)
        except BaseException as error:  # it is raised again by whoever follows
            result["error"] = error
        finally:
            phases.put(None)

    threading.Thread(target=run, name="hub errand", daemon=True).start()
    began, phase = time.monotonic(), Phase("working")
    while True:
        try:
            news = phases.get(timeout=1.0)
        except queue.Empty:
            news = phase
        if news is None:
            break
        phase = news
        yield phase_words(phase, time.monotonic() - began, language), None
    error = result.get("error")
    if isinstance(error, Exception) and not isinstance(error, RnnDemoError):
        logging.getLogger(__name__).error("an errand failed", exc_info=error)
        error = HubTrouble("unknown", detail=type(error).__name__)
    if error:
        raise error
    yield "", result["value"]


class LoadForm:
    """Asks for user/name[@revision]. The Share tab, which knows who is signed in, makes it act."""

    def __init__(
        self, context: Context, after: Callable[[Any], None] = lambda loaded: None
    ) -> None:
        self.after = after  # what the tab does when the event has loaded something
        context.load_forms.append(self)

    def build(self, name: str) -> None:
        """Address, button, and a place for words; `name` begins their ids in the page."""
        self.address = gr.Textbox(
            "", label=label("share.load.name"), placeholder="user/name", max_lines=1,
            max_length=200, elem_id=f"{name}-address",
        )  # fmt: skip
        with gr.Row(elem_classes="buttons"):
            self.button = gr.Button(label("share.load.go"), elem_id=f"{name}-load")
        self.told = gr.Markdown("", elem_id=f"{name}-load-told", elem_classes="told")


def phase_words(phase: Phase, passed: float, language: str) -> str:
    """What is being done, for how long it has been, and how long it may take."""
    words = say(language, f"share.phase.{phase.name}", **phase.values)
    if "limit" not in phase.values:
        return words
    values = {"passed": f"{passed:.0f}", "seconds": phase.values["limit"]}
    return joined(language, words, say(language, "share.limit", **values))


def zip_folder(folder: Path, target: Path) -> Path:
    """All files of a folder in a zip."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return target
