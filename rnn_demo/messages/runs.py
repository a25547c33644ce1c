"""Runs: what cannot be done with one now."""

MESSAGES: dict[str, tuple[str, str]] = {
    "run.nobody": (
        "There is no such run, or it is not yours.",
        "没有这个训练，或者它不属于你。",
    ),
    "run.identity": (
        "This page has no identity yet. Reload it, then try again.",
        "本页还没有身份。请刷新后再试。",
    ),
    "run.elsewhere": ("{path} does not lie in {root}.", "{path} 不在 {root} 之中。"),
    "run.spent": (
        "This run has used its budget. Train it longer instead.",
        "这次训练已用完时间。请改用“延长训练”。",
    ),
    "run.longer": (
        "Give the minutes or the steps to train longer.",
        "请给出要延长的分钟数或步数。",
    ),
    "run.rate": (
        "This run did not fail by its learning rate. Resume it instead.",
        "这次训练并非因学习率失败。请改用“继续”。",
    ),
    "run.name": (
        "Give the run a name of at least one character.",
        "名称至少要有一个字符。",
    ),
    "run.locked": (
        "Another process trains this run. Stop it there, then delete it.",
        "另一个进程正在训练它。请先在那里停止，再删除。",
    ),
    "run.busy": (
        "This run is being trained, or waits. Pause or stop it first.",
        "它正在训练或排队。请先暂停或停止。",
    ),
    "run.server": (
        "Another server uses the runs in {root}. Stop it, or name others.",
        "另一个服务器正在使用 {root} 中的训练。请停止它，或指定别的文件夹。",
    ),
    "run.fork.early": (
        "This run has not begun to train, so there is nothing to fork from.",
        "它还没有开始训练，无法建立分支。",
    ),
    "run.fork.shape": (
        "A fork keeps the network: {name} is {value} and cannot be {asked}.",
        "分支沿用原来的网络：{name}是 {value}，不能改为 {asked}。",
    ),
    "run.fork.text": (
        "This network came without its text. Choose a text for it in tab 1, then fork it.",
        "这个网络没有附带文本。请先在第 1 页选择要学习的文本，再创建分支。",
    ),
    "run.fork.unknown": (
        "This network has learned only {known:.1%} of the characters of the chosen text, and cannot "
        "learn new ones. Start a new run with this text.",
        "这个网络只认识所选文本中 {known:.1%} 的字符，而且无法再学新字符。请用这段文本开始新的训练。",
    ),
    "run.loaded": (
        "This is a network without the state of its training (it was loaded, not trained here). "
        "Begin a new run with its weights: fork it, or python -m rnn_demo train TEXT --from {path}",
        "这个网络没有训练状态（它是加载来的，不是在这里训练的）。请用它的权重开始新的训练："
        "创建分支，或运行 python -m rnn_demo train TEXT --from {path}",
    ),
    "run.there": (
        "{path} is there already. Resume it, or choose another folder.",
        "{path} 已经存在。请继续训练它，或选择别的文件夹。",
    ),
    "run.folder": (
        "There is no run in {path}. `python -m rnn_demo runs` lists those there are.",
        "{path} 中没有训练。`python -m rnn_demo runs` 可列出现有的训练。",
    ),
    "run.tokenizer": (
        "This run has no tokenizer yet: it has not begun to train.",
        "它还没有分词器：训练尚未开始。",
    ),
    "run.weights": (
        "This run has no weights yet; they come with its first validation.",
        "它还没有权重；第一次验证之后才有。",
    ),
    "run.process": (
        "This run is being trained by another process. Stop it there first.",
        "另一个进程正在训练它。请先在那里停止。",
    ),
    "run.newer": (
        "This run was made by a newer version of rnn-demo. Update, then open it.",
        "这次训练来自更新版本的 rnn-demo。请更新后再打开。",
    ),
    "run.space": (
        "The disk is full: {needed:.2f} MB are needed, {free:.2f} MB are free. Free some space, "
        "then resume.",
        "磁盘已满：需要 {needed:.2f} MB，只剩 {free:.2f} MB。请腾出空间后再继续。",
    ),
    "run.fix": ("There is nothing to fix.", "没有可修正的内容。"),
    "run.action": ("There is no action {name!r}.", "没有名为 {name!r} 的操作。"),
}
