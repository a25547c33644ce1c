"""Who may import whom: the table in README's "How it is built", enforced."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "rnn_demo"
ORDER = [
    *("errors", "config", "events"),
    *(
        "characters",
        "decoding",
        "corpus",
        "subword",
        "tokenizer",
        "batches",
        "cells",
        "loop",
        "kernels",
        "model",
        "weights",
        "share",
        "helper",
        "gradients",
        "devices",
        "losses",
        "schedule",
        "pace",
        "train",
    ),
    *(
        "sampling",
        "stepping",
        "ending",
        "generate",
        "beam",
        "ngrams",
        "copying",
        "evaluation",
        "recipe",
    ),
    *("files", "tensors", "packing", "store", "log", "states", "record", "checkpoint"),
    *("soundness", "readout", "journey", "run"),
    *("inspection", "bundle", "loading", "hub", "export"),
    *("limits", "tally", "worker", "processes", "registry", "changes", "jobs"),
    *("cli", "ui", "__init__", "__main__"),
]
ONLY_IN = {
    "sentencepiece": {"subword"},
    "huggingface_hub": {"hub"},
    "gradio": {"ui"},
    "plotly": {"ui", "export"},
}
WITHOUT_TORCH = {"errors", "config", "events"}


def imports(path: Path) -> set[str]:
    """Full names of all modules that a file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def modules() -> list[tuple[str, Path]]:
    """(module of the table, file) for every file of the package."""
    return [(path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path)
            for path in sorted(PACKAGE.rglob("*.py"))]  # fmt: skip


def test_every_module_has_a_place_in_the_order():
    assert {name for name, _ in modules()} <= set(ORDER)


def test_modules_import_only_from_earlier_in_the_order():
    wrong = []
    for name, path in modules():
        for imported in imports(path):
            parts = imported.split(".")
            if parts[0] != "rnn_demo" or len(parts) < 2 or parts[1] not in ORDER:
                continue
            later = ORDER.index(parts[1]) > ORDER.index(name)
            faces = {name, parts[1]} == {"cli", "ui"} and path.name != "serve.py"
            if later or faces:
                wrong.append(f"{path.name} imports {imported}")
    assert not wrong


def test_libraries_stay_where_they_belong():
    wrong = []
    for name, path in modules():
        roots = {imported.split(".")[0] for imported in imports(path)}
        wrong += [f"{path.name} imports {library}" for library, homes in ONLY_IN.items()
                  if library in roots and name not in homes]  # fmt: skip
        if name in WITHOUT_TORCH and "torch" in roots:
            wrong.append(f"{path.name} imports torch")
    assert not wrong


def test_nothing_that_can_run_code_from_a_file_is_called():
    forbidden = ("torch.load", "import pickle", "import joblib", "shell=True", "trust_remote_code")
    wrong = [f"{path.name}: {word}" for _, path in modules() for word in forbidden
             if word in path.read_text(encoding="utf-8")]  # fmt: skip
    assert not wrong
