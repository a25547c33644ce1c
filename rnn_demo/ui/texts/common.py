"""Words of the whole page."""

TEXTS: dict[str, tuple[str, str]] = {
    "tab.text": ("1 Text", "1 文本"),
    "tab.train": ("2 Train", "2 训练"),
    "tab.write": ("3 Write", "3 写作"),
    "tab.look": ("Look inside", "看看内部"),
    "tab.share": ("Share", "分享"),
    "tab.runs": ("Runs", "历次训练"),
}
