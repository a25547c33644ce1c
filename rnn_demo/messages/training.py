"""Why a network was chosen, how it trains, how it writes."""

MESSAGES: dict[str, tuple[str, str]] = {
    # the recipe's reasons
    "plan.network": (
        "{cell}, {layers} x {hidden} units, {weights:,} weights: {reason}.",
        "{cell}，{layers} × {hidden} 个单元，{weights:,} 个参数：{reason}。",
    ),
    "plan.asked": ("as asked for", "按你的要求"),
    "plan.memorise": (
        "more would learn this text of {count:,} symbols by heart",
        "再大就会把这段 {count:,} 个符号的文本背下来",
    ),
    "plan.widest": ("nothing wider is tried", "不再尝试更宽的网络"),
    "plan.time": (
        "more could not be trained in this time on this computer",
        "再大就无法在这段时间内在这台电脑上练好",
    ),
    "plan.speed": (
        "This computer reads about {speed:,.0f} symbols a second with it.",
        "这台电脑用它每秒约读 {speed:,.0f} 个符号。",
    ),
    "plan.streams": (
        "Streams side by side: {streams}, symbols of each at a time: {length}. Many small updates "
        "learn more in a given time than few large ones.",
        "{streams} 个并行流，每次 {length} 个符号：同样的时间里，多次小更新比少数大更新学得更多。",
    ),
    "plan.rate": (
        "Learning rate {rate:g}: it rises at first, then falls to almost nothing by the end.",
        "学习率 {rate:g}：先升后降，到结束时几乎为零。",
    ),
    "plan.decay": (
        "Weight decay {decay:g}: each update pulls the weights a little towards zero, and what only "
        "one place in the text asks for fades away.",
        "权重衰减 {decay:g}：每次更新都把权重往零拉近一点，只有文本中一处需要的东西会慢慢淡去。",
    ),
    "plan.dropout": (
        "Dropout {dropout:g}: the more often many weights read a text, the more of it they learn by "
        "heart (passes over the text: {passes:,g}, weights per symbol: {weights:,g}).",
        "Dropout {dropout:g}：参数越多、读的遍数越多，就越会把文本背下来（读 {passes:,g} 遍，"
        "每个符号 {weights:,g} 个参数）。",
    ),
    "plan.dropout.asked": (
        "Dropout {dropout:g}, as asked for.",
        "Dropout {dropout:g}，按你的要求。",
    ),
    "plan.dropout.none": (
        "No dropout: with {passes:,g} passes over the text and {weights:,g} weights per symbol there "
        "is little danger of learning it by heart.",
        "不用 Dropout：文本读 {passes:,g} 遍、每个符号 {weights:,g} 个参数，不太会死记硬背。",
    ),
    "plan.loaded": ("Loaded from {origin}.", "加载自 {origin}。"),
    "plan.unknown": (
        "{unknown:.2g} % of the characters of this text are new to the network; it cannot learn them.",
        "这段文本中有 {unknown:.2g}% 的字符是这个网络没见过的，它学不会。",
    ),
    "plan.capped": (
        "{share:.2g} % of the characters are none of the {symbols:,} symbols: to the network they "
        "are one and the same, and held-out figures count what telling them apart would cost.",
        "{share:.2g}% 的字符不在这 {symbols:,} 个符号之中：网络把它们看作同一个，"
        "留出部分的数字则计入区分它们的代价。",
    ),
    "plan.heavy": (
        "This network would have {count:,} weights; at most {most:,} can be trained here. Choose "
        "fewer units, layers or symbols.",
        "这个网络会有 {count:,} 个参数；这里最多能训练 {most:,} 个。请减少单元数、层数或符号数。",
    ),
    "pace.slowed": ("Slower by half. {found}", "速度降了一半。{found}"),
    "pace.threads": (
        "Symbols a second by threads: {rates}.",
        "不同线程数每秒读的符号数：{rates}。",
    ),
    # what goes wrong
    "train.exploded": (
        "The loss stopped being a number at step {step}, at a learning rate of {rate:.3g}. Try "
        "again with {lower:g}: from the last checkpoint, or anew where there is none.",
        "第 {step} 步时损失不再是数，当时学习率为 {rate:.3g}。请用 {lower:g} 重试："
        "从最近的检查点继续；没有检查点则重新开始。",
    ),
    "train.memory": (
        "There was not enough memory. Train a smaller network (fewer hidden units), smaller "
        "batches, or a tokenizer with fewer symbols.",
        "内存不足。请用更小的网络（更少的单元）、更少的并行流，或符号更少的分词器。",
    ),
    "train.disk": (
        "The disk is full. The last good checkpoint is kept{where}.",
        "磁盘已满。最近一个完好的检查点已保留{where}。",
    ),
    "train.write": (
        "A file could not be written ({reason}). The last good checkpoint is kept{where}.",
        "有文件无法写入（{reason}）。最近一个完好的检查点已保留{where}。",
    ),
    "train.where": (" (step {step})", "（第 {step} 步）"),
    "train.fault": (
        "Something went wrong that should not ({kind}).",
        "出了不该出的错（{kind}）。",
    ),
    "train.recovered.best": (
        "{damage} The best weights are chosen anew from here on.",
        "{damage}从这里起重新选出最佳权重。",
    ),
    "train.recovered.weights": (
        "Training begins from the best weights, those of step {step}; its steps are counted anew.",
        "从第 {step} 步的最佳权重开始训练；步数重新计算。",
    ),
    "train.recovered.tokenizer": (
        "The tokenizer's file was missing; it is learned again.",
        "分词器文件不见了；已重新学习。",
    ),
    "train.recovered": (
        "{damage} Going on from step {step}.",
        "{damage}从第 {step} 步继续。",
    ),
    "train.killed": (
        "The training was killed from outside, most often because the computer ran out of "
        "memory. Resume it, or train a smaller network or smaller batches.",
        "训练被系统终止，多半是电脑内存不足。请继续训练，或改用更小的网络或更少的并行流。",
    ),
    "train.crashed": (
        "The training crashed (signal {signal}). Resume goes on from the last checkpoint.",
        "训练崩溃（信号 {signal}）。点“继续”可从最近的检查点接着训练。",
    ),
    "train.ended": (
        "The training ended unexpectedly. Resume goes on from the last checkpoint.",
        "训练意外结束。点“继续”可从最近的检查点接着训练。",
    ),
    "train.helper": (
        "A helper process of the training ended (code {code}): try again with one thread.",
        "训练的一个辅助进程已结束（代码 {code}）：请用一个线程重试。",
    ),
    "train.infinite": (
        "{name} is not finite any more; nothing was written.",
        "{name} 中出现了非有限值，没有写入任何内容。",
    ),
    "device.missing": (
        "The device {name!r} is not there for PyTorch; choose auto or {others}.",
        "PyTorch 找不到设备 {name!r}；请选择 auto 或 {others}。",
    ),
    "score.short": (
        "At least two characters of text are needed to score a network.",
        "至少要有两个字符的文本才能评估网络。",
    ),
    # notes on a written text
    "write.unknown": (
        "The model does not know all symbols; it reads others instead: {pairs}.",
        "模型不认识其中一些符号，用别的代替：{pairs}。",
    ),
    "write.replaced": (
        "{count} symbols of the prompt cannot be text; they are replaced.",
        "开头中有 {count} 个符号不能作为文本，已替换。",
    ),
    "write.spelling": (
        "A repetition penalty on single characters attacks the spelling: nearly every common "
        "letter is among the last few.",
        "对单个字符施加重复惩罚会破坏拼写：几乎每个常用字母都在最近的字符之中。",
    ),
}
