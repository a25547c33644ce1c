"""Who may import whom: the tree in README's "How it is built" is the table, and it is enforced."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "rnn_demo"
LEAVES = ("inspection", "bundle", "hub", "cli", "ui")  # free to import among themselves
FACES = {"cli", "ui"}  # do not import each other; serve is the door between them
ONLY_IN = {
    "sentencepiece": {"text.subword"},
    "huggingface_hub": {"hub"},
    "gradio": {"ui"},
    "plotly": {"ui", "export"},
}
WITHOUT_TORCH = {"errors", "config", "events"}


def tree() -> list[str]:
    """Full names of the modules, in the order of README's tree: "text.corpus" ..."""
    block = re.search(r"```\nrnn_demo/\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    assert block, "README.md shows no tree"
    names, package = [], ""
    for line in block[1].splitlines():
        for word in line.split("#")[0].split():
            if word.endswith("/"):
                package = "" if word == "./" else word[:-1].replace("/", ".") + "."
            else:
                names.append(package + word)
    return names


def modules() -> dict[str, Path]:
    """Every file of the package by its full name; a package's __init__ goes without saying."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        if not name.endswith(".__init__"):
            found[name] = path
    return found


def imports(path: Path) -> set[str]:
    """Full names of all modules that a file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def home(name: str) -> str:
    """The unit that the order speaks of: a module, or the whole of a leaf."""
    top = name.split(".")[0]
    return top if top in LEAVES else name


def test_readme_shows_every_module_once():
    assert sorted(tree()) == sorted(modules())


def test_modules_import_only_what_stands_above_them():
    order = list(dict.fromkeys(home(name) for name in tree()))
    wrong = []
    for name, path in modules().items():
        if name.startswith("__"):
            continue
        for imported in imports(path):
            other = home(imported.removeprefix("rnn_demo."))
            if not imported.startswith("rnn_demo.") or other not in order:
                continue
            later = order.index(other) > order.index(home(name))
            faces = {home(name), other} == FACES and path.name != "serve.py"
            if (later and path.name != "serve.py") or faces:
                wrong.append(f"{name} imports {imported}")
    assert not wrong


def test_libraries_stay_where_they_belong():
    wrong = []
    for name, path in modules().items():
        roots = {imported.split(".")[0] for imported in imports(path)}
        wrong += [
            f"{name} imports {library}"
            for library, homes in ONLY_IN.items()
            if library in roots and home(name) not in homes
        ]
        if name in WITHOUT_TORCH and "torch" in roots:
            wrong.append(f"{name} imports torch")
    assert not wrong


def test_nothing_that_can_run_code_from_a_file_is_called():
    forbidden = ("torch.load", "import pickle", "import joblib", "shell=True", "trust_remote_code")
    wrong = [
        f"{name}: {word}"
        for name, path in modules().items()
        for word in forbidden
        if word in path.read_text(encoding="utf-8")
    ]
    assert not wrong
