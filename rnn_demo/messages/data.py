"""Files that are missing, cut short or changed."""

MESSAGES: dict[str, tuple[str, str]] = {
    "file.missing": ("{name} is missing.", "{name} 不见了。"),
    "file.changed": (
        "{name} has changed since it was written.",
        "{name} 写入后被改动过。",
    ),
    "file.large": ("{name} is larger than {limit} bytes.", "{name} 超过 {limit} 字节。"),
    "file.unreadable": ("{name} cannot be read ({reason}).", "无法读取 {name}（{reason}）。"),
    "file.incomplete": ("{name} is incomplete.", "{name} 不完整。"),
    "file.newer": (
        "{name} was made by a newer version of rnn-demo.",
        "{name} 来自更新版本的 rnn-demo。",
    ),
    "record.incomplete": (
        "run.json or plan.json is incomplete ({reason}).",
        "run.json 或 plan.json 不完整（{reason}）。",
    ),
    "record.plan": (
        "plan.json is missing, which says what network the weights are of.",
        "plan.json 不见了：不知道这些权重属于怎样的网络。",
    ),
    "record.lines": (
        "{bad} of {lines} lines cannot be read.",
        "{lines} 行中有 {bad} 行无法读取。",
    ),
    "record.cut": (
        "Lines are missing: there is a checkpoint of step {step}.",
        "缺少若干行：已有第 {step} 步的检查点。",
    ),
    "record.checkpoints": (
        "It tells of checkpoints, but there are none.",
        "其中记有检查点，但一个也没有。",
    ),
    "record.best": (
        "It tells of best weights, but there are none.",
        "其中记有最佳权重，但没有找到。",
    ),
    "record.event": ("An event cannot be read ({reason}).", "有一条事件无法读取（{reason}）。"),
    "record.text": (
        "corpus.txt has changed since the run was made.",
        "corpus.txt 在训练建立之后被改动过。",
    ),
    "weights.none": (
        "No weights of this run can be read: {wrong}",
        "它的权重都无法读取：{wrong}",
    ),
    "weights.infinite": (
        "{name}: the model contains non-finite weights: {tensor}.",
        "{name}：模型含有非有限的参数：{tensor}。",
    ),
    "weights.header": (
        "{name}: the header is cut short or larger than {limit} bytes.",
        "{name}：文件头被截断，或超过 {limit} 字节。",
    ),
    "weights.unsound": (
        "{name} is not a sound safetensors file.",
        "{name} 不是完好的 safetensors 文件。",
    ),
    "weights.length": (
        "{name} is {size} bytes long instead of {wanted}.",
        "{name} 的长度是 {size} 字节，应为 {wanted} 字节。",
    ),
    "weights.lacks": ("{name} lacks {tensor!r}.", "{name} 缺少 {tensor!r}。"),
    "weights.unknown": (
        "{name} has an unknown tensor {tensor!r}.",
        "{name} 含有未知的张量 {tensor!r}。",
    ),
    "weights.shape": (
        "{name}: {tensor} must be F32 {shape}, not {found}.",
        "{name}：{tensor} 须是 F32 {shape}，而不是 {found}。",
    ),
}
