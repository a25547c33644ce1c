"""What cannot be looked at inside a network."""

MESSAGES: dict[str, tuple[str, str]] = {
    "look.two": ("Choose at least two models to compare.", "请至少选择两个模型来比较。"),
    "look.judge": (
        "Give at least {least} characters to judge.",
        "至少要有 {least} 个字符才能判断。",
    ),
    "look.short": (
        "The text is too short: {count} symbols, and {needed} are needed.",
        "文本太短：只有 {count} 个符号，需要 {needed} 个。",
    ),
    "look.memory.short": (
        "The text is too short to measure memory: {count} symbols.",
        "文本太短，测不出记忆：只有 {count} 个符号。",
    ),
    "look.within": ("{name} must be in 1..{most}.", "{name}须在 1..{most} 之内。"),
    "look.cell": ("Only an LSTM has a c.", "只有 LSTM 有 c。"),
    "look.pattern.empty": (
        "Give a regular expression of at most {most} characters.",
        "请给出不超过 {most} 个字符的正则表达式。",
    ),
    "look.pattern.slow": (
        "This pattern takes too long on this text. Try a simpler one.",
        "这个模式在这段文本上太慢。请换一个更简单的。",
    ),
    "look.pattern.wrong": (
        "This is not a regular expression that Python knows: {pattern!r}.",
        "Python 不认识这个正则表达式：{pattern!r}。",
    ),
    "look.symbols": (
        "The text uses fewer than three different symbols.",
        "文本中不同的符号少于三个。",
    ),
}
