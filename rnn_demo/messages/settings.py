"""Settings that are out of range, and what a server allows."""

MESSAGES: dict[str, tuple[str, str]] = {
    "settings.object": (
        "Settings must be a JSON object, not {kind}.",
        "设置须是一个 JSON 对象，而不是 {kind}。",
    ),
    "settings.unknown": (
        "Unknown setting {name!r}; known are {known}.",
        "没有名为 {name!r} 的设置；可用的有 {known}。",
    ),
    "settings.incomplete": (
        "Settings are incomplete: {reason}.",
        "设置不完整：{reason}。",
    ),
    "settings.type": (
        "{name} must be {kind}, not {value!r}.",
        "{name}的类型须是 {kind}，而不是 {value!r}。",
    ),
    "settings.choice": (
        "{name} must be one of {choices}, not {value!r}.",
        "{name}只能是 {choices} 之一，而不是 {value!r}。",
    ),
    "settings.range": (
        "{name} must be in {range}, not {value}.",
        "{name}须在 {range} 之内，而不是 {value}。",
    ),
    "settings.number": (
        "{name} must be a number from {low} to {high}, not {value!r}.",
        "{name}须是 {low} 到 {high} 之间的数，而不是 {value!r}。",
    ),
    "settings.whole": (
        "{name} must be a whole number from {low} to {high}, not {value!r}.",
        "{name}须是 {low} 到 {high} 之间的整数，而不是 {value!r}。",
    ),
    "settings.integer": (
        "{name} must be a whole number, not {value!r}.",
        "{name}须是整数，而不是 {value!r}。",
    ),
    "settings.missing": ("Fill in {name}.", "请填写{name}。"),
    "settings.tied": (
        "tie_weights needs embedding_size equal to hidden_size, not {embedding} and {hidden}.",
        "tie_weights 要求嵌入维度等于单元数，而不是 {embedding} 和 {hidden}。",
    ),
    "settings.reset_before": (
        "reset_before is a form of the GRU; the cell is {cell!r}.",
        "reset_before 只适用于 GRU，而现在的循环单元是 {cell!r}。",
    ),
    "settings.budget": (
        "Give either minutes or steps, not minutes={minutes} and steps={steps}.",
        "分钟数和步数只能给一个，而不是 minutes={minutes}、steps={steps}。",
    ),
    "settings.split": (
        "split must look like 90/5/5 or 90/10, with something to train and to validate on, "
        "not {value!r}.",
        "划分须写成 90/5/5 或 90/10，训练和验证部分都不能为空，而不是 {value!r}。",
    ),
    "settings.symbol": (
        "logit_bias: {symbol!r} is not one symbol of this model.",
        "logit_bias：{symbol!r} 不是这个模型的一个符号。",
    ),
    "settings.limit": (
        "{name} must be a number from 0 on, not {value!r}.",
        "{name} 须是不小于 0 的数字，而不是 {value!r}。",
    ),
    # names of settings, as the page calls them
    "name.arithmetic": ("arithmetic", "运算精度（arithmetic）"),
    "name.batch": ("streams (batch)", "并行流"),
    "name.batch_size": ("batch_size", "并行流（batch_size）"),
    "name.bias": ("bias", "偏置"),
    "name.cell": ("cell", "循环单元"),
    "name.clip_norm": ("clip_norm", "梯度裁剪上限（clip_norm）"),
    "name.device": ("device", "设备"),
    "name.dropout": ("dropout", "Dropout "),
    "name.embedding": ("embedding", "嵌入维度"),
    "name.embedding_size": ("embedding_size", "嵌入维度（embedding_size）"),
    "name.evaluations": ("evaluations", "验证次数（evaluations）"),
    "name.final_learning_rate": ("final_learning_rate", "最终学习率（final_learning_rate）"),
    "name.frequency_penalty": ("frequency penalty", "频率惩罚"),
    "name.hidden": ("units (hidden)", "单元数"),
    "name.hidden_size": ("hidden_size", "单元数（hidden_size）"),
    "name.layer": ("layer", "层"),
    "name.layers": ("layers", "层数"),
    "name.learning_rate": ("learning rate", "学习率"),
    "name.length": ("length", "长度"),
    "name.window": ("window (length)", "窗口"),
    "name.min_p": ("min-p", "Min-p "),
    "name.minimum_length": ("minimum_length", "最小长度（minimum_length）"),
    "name.minutes": ("minutes", "分钟数"),
    "name.no_repeat_ngram": ("no repeat ngram", "禁止重复的长度"),
    "name.patience": ("patience", "耐心（patience）"),
    "name.penalty_window": ("penalty window", "近期范围"),
    "name.presence_penalty": ("presence penalty", "出现惩罚"),
    "name.property": ("property", "性质"),
    "name.repetition_penalty": ("repetition penalty", "重复惩罚"),
    "name.seed": ("seed", "随机种子"),
    "name.sequence_length": ("sequence_length", "窗口长度（sequence_length）"),
    "name.steps": ("steps", "步数"),
    "name.target": ("target", "目标位置"),
    "name.temperature": ("temperature", "温度"),
    "name.threads": ("threads", "线程数"),
    "name.reset_before": ("reset_before", "重置门在前（reset_before）"),
    "name.tie_weights": ("tie_weights", "权重共享（tie_weights）"),
    "name.tokenizer": ("tokenizer", "分词器"),
    "name.top_k": ("top-k", "Top-k "),
    "name.top_p": ("top-p", "Top-p "),
    "name.typical_p": ("typical-p", "Typical-p "),
    "name.unit": ("unit", "单元"),
    "name.validation_tokens": ("validation_tokens", "验证的符号数（validation_tokens）"),
    "name.vocab_size": ("vocab_size", "词表大小"),
    "name.warmup": ("warmup", "预热（warmup）"),
    "name.weight_decay": ("weight decay", "权重衰减"),
    "name.algorithm": ("algorithm", "算法"),
    # what a server allows
    "limit.characters": (
        "The text has {count:,} characters; at most {most:,} are allowed here. Use a part of it.",
        "文本有 {count:,} 个字符；这里最多允许 {most:,} 个。请只用其中一部分。",
    ),
    "limit.bytes": (
        "This text has {size:.1f} MB; this server takes up to {most:.0f} MB.",
        "文本有 {size:.1f} MB；本服务器最多接受 {most:.0f} MB。",
    ),
    "limit.weights": (
        "The network would have {count:,} weights; at most {most:,} are allowed here. Choose "
        "fewer hidden units or layers.",
        "这个网络会有 {count:,} 个参数；这里最多允许 {most:,} 个。请减少单元数或层数。",
    ),
    "limit.disk": (
        "The run would take {size:,} MB of disk; at most {most:,} are allowed here. Choose a "
        "smaller network or text.",
        "这次训练会占用 {size:,} MB 磁盘空间；这里最多允许 {most:,} MB。请选择更小的网络或文本。",
    ),
    "limit.minutes": (
        "At most {most:g} minutes are allowed here, not {wanted:g}.",
        "这里最多允许 {most:g} 分钟，而不是 {wanted:g} 分钟。",
    ),
    "limit.steps": (
        "At most {most:,} steps are allowed here, not {wanted:,}.",
        "这里最多允许 {most:,} 步，而不是 {wanted:,} 步。",
    ),
    "limit.length": (
        "At most {most:,} characters at once, not {wanted:,}.",
        "一次最多 {most:,} 个字符，而不是 {wanted:,} 个。",
    ),
    "limit.often": (
        "That was often. Wait {seconds:.0f} seconds, then try again.",
        "操作太频繁了。请等 {seconds:.0f} 秒后再试。",
    ),
    "limit.busy.address": (
        "{count} runs from your network wait or are trained already. Try again later.",
        "你所在的网络已有 {count} 个训练在排队或进行。请稍后再试。",
    ),
    "limit.queue": (
        "The queue is full: {count} runs wait. Try again later.",
        "队列已满：有 {count} 个训练在等待。请稍后再试。",
    ),
    "limit.runs": (
        "You keep {count} runs, the most allowed. Delete one first.",
        "你已保存 {count} 个训练，达到上限。请先删除一个。",
    ),
    "limit.busy": (
        "{count} of your runs are being trained or wait. Wait for one.",
        "你有 {count} 个训练正在进行或等待。请等其中一个结束。",
    ),
    "limit.disk.full": (
        "The disk of this server is nearly full. Delete runs, then try again.",
        "服务器磁盘快满了。请删除一些训练后再试。",
    ),
    "limit.step": (
        "One update would need {size:,} MB of memory; here it may have {most:,}. Choose fewer units, "
        "streams, or a shorter window.",
        "一次更新约需 {size:,} MB 内存；这里最多 {most:,} MB。请减少单元数、并行流或窗口长度。",
    ),
    "limit.space": (
        "The runs here fill their space. Delete some, then try again.",
        "训练所用的空间已满。请删除一些训练后再试。",
    ),
}
