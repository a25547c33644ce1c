"""Words of the Train tab and of the live chart."""

TEXTS: dict[str, tuple[str, str]] = {
    # -- the plan
    "train.minutes": ("How long may it take?", "训练多长时间？"),
    "train.minutes.1": ("1 min", "1 分钟"),
    "train.minutes.5": ("5 min", "5 分钟"),
    "train.minutes.20": ("20 min", "20 分钟"),
    "train.minutes.steps": ("steps", "步数"),
    "train.steps": ("Number of steps", "步数"),
    "train.cell": ("Cell", "循环单元"),
    "train.plan.none": (
        "[Choose a text first](#tab-text): a sample, a file, or words of your own.",
        "[请先选择文本](#tab-text)：示例、文件，或你自己的文字。",
    ),
    "train.plan.measuring": (
        "Measuring what this computer can train in this time …",
        "正在测量这台电脑在这段时间内能训练多少 …",
    ),
    "train.plan.busy": (
        "Something is being trained here; the plan is made when it starts.",
        "正在训练其他任务；开始时会制定计划。",
    ),
    "train.network.one": (
        "One {cell} layer of {hidden} units, {weights} weights.",
        "一层 {cell}，{hidden} 个单元，{weights} 个参数。",
    ),
    "train.network.many": (
        "{layers} {cell} layers of {hidden} units, {weights} weights.",
        "{layers} 层 {cell}，每层 {hidden} 个单元，{weights} 个参数。",
    ),
    "train.budget.minutes": (
        "About {steps} steps in this time, as measured here.",
        "这段时间约可走 {steps} 步（本机实测）。",
    ),
    "train.budget.steps": (
        "About **{time}** here, as measured.",
        "在此约需 **{time}**（本机实测）。",
    ),
    "train.why": ("Why these choices?", "为什么这样选？"),
    "train.seconds": ("{n} s", "{n} 秒"),
    "train.some.minutes": ("{n} min", "{n} 分钟"),
    "train.some.hours": ("{n} h", "{n} 小时"),
    "train.some.days": ("{n} days", "{n} 天"),
    "train.name.info": ("For the list of runs; optional.", "用于训练列表，可不填。"),
    "train.name": ("Name", "名称"),
    "train.name.placeholder": ("a name for this run (optional)", "给这次训练起个名字（可选）"),
    "train.fine": ("Fine-tune", "微调设置"),
    "train.fine.auto": (
        "Empty means: chosen for you, from the text and the time.",
        "留空表示自动选择（根据文本和时间）。",
    ),
    "train.hidden": ("Units", "单元数"),
    "train.hidden.info": (
        "More remember more, and learn more slowly.",
        "越多记得越多，但学得越慢。",
    ),
    "train.layers": ("Layers", "层数"),
    "train.layers.info": (
        "A second layer helps with long trainings.",
        "长时间训练时第二层有帮助。",
    ),
    "train.embedding": ("Embedding", "嵌入维度"),
    "train.embedding.info": ("Numbers that stand for one symbol.", "表示一个符号所用的数字个数。"),
    "train.dropout": ("Dropout", "Dropout"),
    "train.dropout.info": (
        "Switches units off at random: less memorising.",
        "随机关闭单元，减少死记硬背。",
    ),
    "train.batch": ("Streams", "并行流"),
    "train.batch.info": (
        "Places of the text read at once: smoother, fewer updates.",
        "同时阅读的位置数：更平滑，更新更少。",
    ),
    "train.length": ("Window", "窗口长度"),
    "train.length.info": (
        "Steps that the error is carried back through.",
        "误差沿时间反向传播的步数。",
    ),
    "train.rate": ("Learning rate", "学习率"),
    "train.rate.info": (
        "Size of a step: too large, and training diverges.",
        "步子大小：太大会发散。",
    ),
    "train.decay": ("Weight decay", "权重衰减"),
    "train.decay.info": (
        "Pulls weights towards zero: less memorising.",
        "把权重拉向零，减少死记硬背。",
    ),
    "train.seed": ("Seed", "随机种子"),
    "train.seed.info": ("The same seed repeats the same run.", "相同种子可重现同一次训练。"),
    "train.threads": ("Threads", "线程数"),
    "train.threads.info": ("0: measured at the start.", "0：开始时实测决定。"),
    "train.prompt": ("Samples begin with", "样例的开头"),
    "train.prompt.info": (
        "The text that it continues while it learns.",
        "学习过程中让它续写的文字。",
    ),
    # -- the buttons
    "train.start": ("Start training", "开始训练"),
    "train.start.again": ("Start a new run", "再训练一次"),
    "train.pause": ("Pause", "暂停"),
    "train.resume": ("Resume", "继续"),
    "train.stop": ("Stop and keep best", "停止并保留最佳"),
    "train.sample": ("Sample now", "立即取样"),
    "train.extend": ("Train longer", "延长训练"),
    "train.extend.minutes": ("Minutes more", "再训练几分钟"),
    "train.fork": ("Fork", "分支"),
    "train.adapt": ("Go on with the chosen text", "用所选文本继续"),
    "train.retry": ("Retry with a lower rate", "降低学习率重试"),
    "train.watch": ("Watch it learn", "看它学习"),
    "train.read.only": ("Someone else's run: read only.", "这是别人的训练，只能查看。"),
    "train.this": ("### In the chart", "### 图中的训练"),
    "train.new": ("### New run", "### 新的训练"),
    "train.about": ("**{name}.** {more}", "**{name}**。{more}"),
    "train.write": ("Write with it", "用它写作"),
    "train.leave": ("Leave the queue", "退出排队"),
    "train.full": ("This server is full: {message}", "服务器已满：{message}"),
    # -- the live chart, in the page
    "js.chart.title": ("Loss", "损失"),
    "js.film.title": ("Watch it learn", "看它学习"),
    "js.tile.best.step": ("best step", "最佳步"),
    "js.chart.bits": ("bits per character", "比特/字符"),
    "js.chart.nats": ("nats", "奈特"),
    "js.chart.perplexity": ("perplexity", "困惑度"),
    "js.chart.unit": ("Unit", "单位"),
    "js.chart.axis": ("Horizontal axis", "横轴"),
    "js.chart.steps": ("steps", "步"),
    "js.chart.log": ("log", "对数"),
    "js.chart.time": ("time", "时间"),
    "js.chart.rate": ("learning rate", "学习率"),
    "js.chart.norm": ("gradient norm", "梯度范数"),
    "js.chart.clip": ("clipped above", "裁剪线"),
    "js.chart.more": ("Learning rate and gradient", "学习率与梯度"),
    "js.chart.table": ("Show as table", "以表格显示"),
    "js.chart.raw": ("training", "训练"),
    "js.chart.smooth": ("training, smoothed", "训练（平滑）"),
    "js.chart.validation": ("validation", "验证"),
    "js.chart.statistics": ("what simple statistics reach", "简单统计能达到的水平"),
    "js.chart.best": ("best {value}", "最佳 {value}"),
    "js.chart.uniform": ("random guess", "随机猜测"),
    "js.chart.unigram": ("letter frequencies", "字符频率"),
    "js.chart.ngram": ("{order}-letter statistics", "{order} 字符统计"),
    "js.chart.xz": ("xz", "xz 压缩"),
    "js.chart.step": ("step", "步"),
    "js.chart.seconds": ("seconds", "秒"),
    "js.chart.suffix": (" s", " 秒"),
    "js.arrival.soon": ("The buttons follow in a moment.", "按钮马上就来。"),
    "js.arrival.never": (
        "The buttons did not come. Load the page again.",
        "按钮未能加载，请重新载入页面。",
    ),
    "js.chart.empty": (
        "The curve of the training appears here.",
        "训练曲线会显示在这里。",
    ),
    "js.chart.lost": (
        "Lost contact with the server. If it runs, so does the training. Trying again.",
        "与服务器失去联系。只要服务器还在运行，训练就会继续。正在重试。",
    ),
    "js.chart.lost.still": (
        "Lost contact with the server. Trying again.",
        "与服务器失去联系，正在重试。",
    ),
    "js.chart.summary": (
        "Loss curve of {name}. Step {step}; validation {validation} {unit}, best {best} at step "
        "{best_step}; training {training}.",
        "{name} 的损失曲线。第 {step} 步；验证 {validation} {unit}，最佳 {best}（第 {best_step} 步）；"
        "训练 {training}。",
    ),
    "js.chart.summary.none": ("Loss curve; nothing measured yet.", "损失曲线；尚无数据。"),
    "js.tile.bits": ("bits per character", "比特/字符"),
    "js.tile.nats": ("nats per character", "奈特/字符"),
    "js.tile.perplexity": ("perplexity per character", "每字符困惑度"),
    "js.tile.speed": ("characters a second", "字符/秒"),
    "js.tile.time": ("of {total}", "共 {total}"),
    "js.tile.elapsed": ("of training", "训练时间"),
    "js.tile.best": ("best, at step {step}", "最佳，第 {step} 步"),
    "js.tile.copied": ("copied from the text", "照抄比例"),
    "js.film.empty": (
        "What it writes after each validation appears here, always from the same beginning.",
        "每次验证后的续写会显示在这里，开头始终相同。",
    ),
    "js.film.step": ("step {step}", "第 {step} 步"),
    "js.film.slider": ("Step of the sample", "样例所在步数"),
    "js.state.queued": ("queued, number {position}", "排队中，第 {position} 位"),
    "js.state.starting": ("starting", "正在启动"),
    "js.state.running": ("training", "训练中"),
    "js.state.pausing": ("pausing", "正在暂停"),
    "js.state.paused": ("paused", "已暂停"),
    "js.state.stopping": ("stopping", "正在停止"),
    "js.state.finished": ("finished", "已完成"),
    "js.state.stopped": ("stopped", "已停止"),
    "js.state.failed": ("failed", "失败"),
    "js.state.interrupted": ("interrupted", "已中断"),
    "js.left": ("{time} left", "还剩 {time}"),
    # -- what happens, in words
    "js.remark.preparing": (
        "Getting ready: learning the vocabulary, measuring this machine.",
        "正在准备：建立词表，测量机器速度。",
    ),
    "js.remark.begun": (
        "Training has begun; the first validation comes in a moment.",
        "训练已开始，很快会有第一次验证。",
    ),
    "js.remark.above": (
        "Not yet better than random guessing.",
        "还没有好过随机猜测。",
    ),
    "js.remark.below.uniform": (
        "Better than random guessing since step {step}. How frequent each letter is, it was told; "
        "what follows what, it has to learn.",
        "自第 {step} 步起好于随机猜测。字符频率一开始就给了它；先后关系要靠它自己学。",
    ),
    "js.remark.below.unigram": (
        "Below the letter frequencies since step {step}: it sees which letters follow which.",
        "自第 {step} 步起低于字符频率：它已知道字符之间的先后关系。",
    ),
    "js.remark.below.xz": (
        "Predicts better than xz can compress since step {step}: it knows words by now.",
        "自第 {step} 步起预测优于 xz 压缩：它已认识单词。",
    ),
    "js.remark.below.ngram": (
        "Below the {order}-letter statistics since step {step}: it has learned more than counting "
        "can.",
        "自第 {step} 步起低于 {order} 字符统计：它学到的已超过单纯计数。",
    ),
    "js.remark.memorise": (
        "Validation stopped improving {steps} steps ago: it has begun to memorise. The weights of "
        "step {step} are kept.",
        "验证损失已有 {steps} 步没有改善：它开始死记硬背。第 {step} 步的权重已保留。",
    ),
    "js.remark.worse": (
        "Training and validation have both been worse than at step {step} for {steps} steps: a lower "
        "learning rate may help. The weights of step {step} are kept.",
        "训练和验证损失都已有 {steps} 步不如第 {step} 步：可试试更低的学习率。第 {step} 步的权重已保留。",
    ),
    "js.remark.failed": ("{message}", "{message}"),
    "js.remark.finished.budget": (
        "Done. The best weights, of step {step}, are kept: let it write.",
        "完成。已保留第 {step} 步的最佳权重，去让它写作吧。",
    ),
    "js.remark.finished.early": (
        "Ended early: validation got no better. The weights of step {step} are kept.",
        "提前结束：验证不再改善。已保留第 {step} 步的权重。",
    ),
    "js.remark.finished.stopped": (
        "Stopped. The best weights, of step {step}, are kept: let it write.",
        "已停止。已保留第 {step} 步的最佳权重，去让它写作吧。",
    ),
    "js.remark.queued": (
        "Waiting for its turn: number {position} in the queue. You may close this page.",
        "正在排队：第 {position} 位。可以关闭此页面。",
    ),
    "js.remark.interrupted": (
        "Interrupted at step {step}. One click goes on from step {saved}, which was saved.",
        "在第 {step} 步中断。点一下即可从已保存的第 {saved} 步继续。",
    ),
    "js.remark.interrupted.anew": (
        "Interrupted at step {step}, before anything was saved. One click begins again.",
        "在第 {step} 步中断，尚未保存任何内容。点一下即可重新开始。",
    ),
    "js.remark.stopping": (
        "Stopping. The best weights are measured once more, on text that was held out.",
        "正在停止：用留出的文本再测一次最佳权重。",
    ),
    "js.remark.stopping.behind": (
        "Stopped. The best weights are measured once more as soon as there is a processor for it: "
        "number {position} in the queue.",
        "已停止。有空闲处理器时会再测一次最佳权重：排队第 {position} 位。",
    ),
    "js.remark.stopped.early": (
        "Stopped before it had learned anything that could be kept.",
        "已停止：尚未学到可以保留的内容。",
    ),
    "js.remark.paused": ("Paused at step {step}.", "已在第 {step} 步暂停。"),
}
