"""What every tab gets: the jobs, the profile, and the components that belong to the whole page."""

from __future__ import annotations

import functools
import html
import inspect
import ipaddress
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import gradio as gr
from gradio.context import LocalContext

from rnn_demo.errors import RnnDemoError, RunError
from rnn_demo.jobs import jobs as runs
from rnn_demo.jobs.tally import Tally
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.states import ACTIVE, Status, View, view
from rnn_demo.text.corpus import Corpus
from rnn_demo.ui.guard import caller
from rnn_demo.ui.kept import KeptTexts
from rnn_demo.ui.profile import BUNDLED_RUN
from rnn_demo.ui.rates import Rates
from rnn_demo.ui.texts import in_all, say
from rnn_demo.ui.writing import Writers

if TYPE_CHECKING:
    from rnn_demo.jobs.jobs import Jobs
    from rnn_demo.ui.profile import Profile

LANGUAGES = ("en", "zh")
BUNDLED = "bundled"  # the id of the run that comes with the project

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Visitor:
    """Who asks: `owner` is a hash, never the secret itself."""

    owner: str
    language: str = "en"


def neighbourhood(address: str) -> str:
    """An address as far as it tells people apart: whoever has an IPv6 network has 2**64 of them,
    and a loopback address is anybody's."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.is_loopback:
        return ""
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else address


def mint_secret() -> str:
    """A fresh owner secret of 256 bits."""
    return secrets.token_urlsafe(32)


def owner_of(secret: object) -> str:
    """The owner that a secret stands for; nobody ("") for anything that is no secret."""
    if not isinstance(secret, str) or not 16 <= len(secret) <= 200 or not secret.isascii():
        return ""
    return runs.owner_of(secret)


class Context:
    """Shared by all tabs. The components are made by build_app inside its gr.Blocks."""

    def __init__(self, jobs: Jobs, profile: Profile) -> None:
        self.jobs = jobs
        self.profile = profile
        # Storage key and secret are fixed: random ones would lose the value at every restart.
        # The secret only scrambles what lies in the browser; it protects nothing.
        self.visitor = gr.BrowserState(None, storage_key="rnn-demo-visitor", secret="rnn-demo")
        self.selected = gr.State("")
        self.ticket = gr.State("")  # of the next start: two clicks with one ticket are one run
        self.corpus = gr.State(None, time_to_live=6 * 3600)  # corpus.Corpus | None
        self.writers = Writers(self)
        self.rates = Rates(profile.public, self.address)
        self.kept = KeptTexts()
        self.page: Any = None  # the gr.Blocks of all tabs
        self.kind: Any = None  # gr.Radio: tokenizer, on the Text tab
        self.share: Any = None  # gr.Slider: per cent to train on, on the Text tab
        self.chip: Any = None  # in the strip: the run that is being trained
        self.load_forms: list[Any] = []  # sharing.LoadForm of every tab; the Share tab wires them
        self.tabs: Any = None  # select one: return gr.Tabs(selected="train")

    # -- who asks -----------------------------------------------------------------------------

    def who(self, value: object) -> Visitor:
        """Check what a browser says about itself."""
        record = value if isinstance(value, dict) else {}
        language = record.get("language")
        language = language if language in LANGUAGES else "en"
        if not self.profile.public:
            return Visitor(runs.LOCAL, language)
        return Visitor(owner_of(record.get("secret")), language)

    def owner(self, value: object) -> Visitor:
        """The same, refusing a browser that has no secret yet."""
        visitor = self.who(value)
        if not visitor.owner:
            raise RunError("run.identity")
        return visitor

    def address(self) -> str:
        """Where whoever calls now is, as far as the network tells. "" outside of a call, and for
        whoever comes from this machine, as all do through a share link or a proxy here."""
        request = LocalContext.request.get(None)
        if not self.profile.public or self.profile.share or request is None:
            return ""
        peer = (request.client.host, 0) if request.client else None
        return neighbourhood(caller({"client": peer}, dict(request.headers), self.profile.space))

    # -- runs ---------------------------------------------------------------------------------

    @cached_property
    def bundled(self) -> Tally | None:
        """The run that comes with the project, if it is there."""
        has = (BUNDLED_RUN / "run.json").is_file()
        return Tally(RunFolder.open(BUNDLED_RUN)) if has else None

    def open_run(self, run_id: object) -> RunFolder:
        """The run folder behind an id, or the bundled run. Raises RunError."""
        if run_id == BUNDLED and self.bundled:
            return self.bundled.folder
        return self.jobs.open(str(run_id or ""))

    def status(self, run_id: object) -> Status:
        """A run as it is now. Raises RunError."""
        if run_id == BUNDLED and self.bundled:
            return replace(self.bundled.status(), id=BUNDLED)
        return self.jobs.status(str(run_id or ""))

    def view(self, run_id: str, visitor: Visitor) -> View:
        """What the page shows of a run to this visitor; of none, if it is gone."""
        try:
            status = self.status(run_id) if run_id else None
        except RunError:
            status = None
        if run_id != BUNDLED:
            return view(status, self.jobs.owns(run_id, visitor.owner))
        found = view(status, is_owner=False)
        return replace(found, buttons=found.buttons | {"write"})  # everybody may write with it

    def run_facts(self, run_id: str, whole: bool = False) -> dict[str, Any]:
        """What the live widgets show of a run beside its events; the plan only with `whole`."""
        status = self.status(run_id)
        facts: dict[str, Any] = {**status.to_json(), "active": status.state in ACTIVE}
        facts["message"] = in_all(status.message)
        if whole or status.seconds < 20:
            facts |= plan_facts(self.open_run(run_id))
        return facts

    def newest(self, visitor: Visitor) -> Status | None:
        """The run to show first: the one being trained, else the newest of the visitor."""
        mine = self.jobs.list(visitor.owner)
        busy = [status for status in mine if status.state in ACTIVE]
        busy.sort(key=lambda status: status.position)  # 0: not in the queue any more
        return next(iter([*busy, *mine]), None)

    def first_run(self, visitor: Visitor, looked_at: str = "") -> str:
        """The run that a page shows when it has arrived: the one that it looked at before, if that
        is theirs; "" if there is none at all."""
        if self.jobs.owns(looked_at, visitor.owner):
            return looked_at
        newest = self.newest(visitor)
        return newest.id if newest else BUNDLED if self.bundled else ""

    def run_on_arrival(self, looked_at: str, known: str) -> str:
        """The same for a page that cannot say yet who asks: on one's own computer that is known;
        elsewhere the browser names the run that it looked at, or `known`, which it followed last.
        """
        if self.profile.public and (looked_at or known):
            return looked_at or known
        return self.first_run(self.who(None), looked_at)

    def models(self, visitor: Visitor) -> list[tuple[str, str]]:
        """(words, run id) of every run of the visitor that can write, and of the bundled one."""
        found = [
            (model_words(status, visitor.language), status.id)
            for status in self.jobs.list(visitor.owner)
            if status.best_step
        ]
        if self.bundled:
            name = model_words(self.status(BUNDLED), visitor.language)
            found.append((say(visitor.language, "write.bundled", name=name), BUNDLED))
        return found

    def fork(self, run_id: str, visitor: Visitor, text: Corpus | None) -> str:
        """A new run with the weights of this one: on its own text or, if that is not here (the
        network was loaded), on the one that is chosen in tab 1."""
        own = self.jobs.open(run_id, visitor.owner).has_text()
        return self.adapt(run_id, visitor, None if own else text)

    def adapt(self, run_id: str, visitor: Visitor, text: Corpus | None) -> str:
        """A new run with the weights of this one on another text, or on its own (None)."""
        self.rates.take(visitor.owner, "start")
        return self.jobs.fork(run_id, visitor.owner, text, self.address())

    def facts(self) -> dict[str, Any]:
        """What the strip says of this server: device and storage; nothing secret."""
        where = "kept.server" if self.profile.public else "kept"
        storage = where if self.profile.kept else "temporary"
        return {"device": self.profile.device, "threads": self.profile.threads, "storage": storage}


def plan_facts(folder: RunFolder) -> dict[str, Any]:
    """What of a run's plan the chart needs: the end of its axes and the clip line."""
    record = folder.record
    train = record.train
    if train is None:
        return {}
    return {
        "total_seconds": 60 * train.minutes if train.minutes else None,
        "total_steps": train.steps,
        "clip_norm": train.clip_norm,
    }


def model_words(status: Status, language: str) -> str:
    """A run as the list of models names it."""
    bits = status.validation_bits_per_char
    values = {"name": status.name, "step": f"{status.best_step:,}"}
    return say(language, "write.choice", **values, bits="?" if bits is None else f"{bits:.2f}")


def shown_to_user(handler: F) -> F:
    """Make our own errors a message in the page; bugs still crash loudly into the log.

    Gradio renders HTML in errors, and messages may hold text from an upload: it is escaped.
    """
    return _saying_errors(handler, html.escape)


def told_to_script(handler: F) -> F:
    """The same for what only a script calls: it gets the words as they are."""
    return _saying_errors(handler, str)


def _saying_errors(handler: F, spell: Callable[[str], str]) -> F:
    def said(error: RnnDemoError, args: Iterable[Any]) -> gr.Error:
        words = spell(error.message.say(language_of(args)))
        return gr.Error(words, duration=12, print_exception=False)

    @functools.wraps(handler)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return handler(*args, **kwargs)
        except RnnDemoError as error:
            raise said(error, args) from None

    @functools.wraps(handler)
    def stream(*args: Any, **kwargs: Any) -> Any:
        try:
            yield from handler(*args, **kwargs)
        except RnnDemoError as error:
            raise said(error, args) from None

    return stream if inspect.isgeneratorfunction(handler) else call  # type: ignore[return-value]


def language_of(arguments: Iterable[Any]) -> str:
    """The visitor's, from among a handler's arguments; scripts name none, and get English."""
    for argument in arguments:
        language = argument.get("language") if isinstance(argument, dict) else None
        if isinstance(argument, Visitor) or language in LANGUAGES:
            return argument.language if isinstance(argument, Visitor) else str(language)
    return "en"
