"""Words of Look inside. What a view found is said by inspection/sentences.py."""

TEXTS: dict[str, tuple[str, str]] = {
    "look.model": ("Network", "网络"),
    "look.text": ("Text to look at", "要查看的文本"),
    "look.text.placeholder": (
        "paste a text; empty: the one named below",
        "粘贴文本；留空则用下面说明的文本",
    ),
    "look.go": ("Look", "查看"),
    "look.source.given": ("You see how it reads your text.", "现在看的是它怎样读你的文本。"),
    "look.source.held_out": (
        "It is looked at on text that was held out of its training. Paste another above.",
        "现在看的是训练时留出、它没有学过的文本。也可以在上面粘贴别的文本。",
    ),
    "look.source.unseen": (
        "It is looked at on “Hamlet”, which was no part of the Shakespeare it learned from. Paste "
        "another text above.",
        "现在看的是《哈姆雷特》：它学过的莎士比亚作品里没有这一部。也可以在上面粘贴别的文本。",
    ),
    "look.source.train": (
        "Nothing was held out of its training, so it is looked at on text that it has learned: it "
        "seems to know more than it does. Paste another above.",
        "它训练时没有留出文本，所以现在看的是它学过的文本：它会显得比实际更懂。也可以在上面粘贴别的文本。",
    ),
    "look.source.own": (
        "This network came without a text, so it is looked at on what it writes itself, at "
        "temperature 1. Paste a text above to see how it reads that.",
        "这个网络没有带来文本，所以现在看的是它自己在温度 1 下写的文字。在上面粘贴一段文本，看它怎样读。",
    ),
    "look.none": (
        "There is no network to look at yet. Train one, or load one on the Share tab.",
        "还没有可以查看的网络。请先训练一个，或在“分享”页载入一个。",
    ),
    "look.shortened": (
        "Only the first {count} symbols are shown.",
        "只显示前 {count} 个符号。",
    ),
    "look.percent": ("{share} %", "{share}%"),
    "look.bits": ("bits", "比特"),
    "look.value": ("value", "值"),
    "look.go.deeper": ("Look closer: {view}", "仔细看看：{view}"),
    "look.before": ("before", "之前"),
    "look.symbol": ("symbol", "符号"),
    "look.after": ("after", "之后"),
    # surprise
    "look.surprise": ("Surprise", "意外"),
    "look.surprise.about": (
        "How unexpected each symbol was to the network. Point at one, or tap it, to see what it "
        "expected instead; choose another, and the text goes on from there.",
        "每个符号对网络来说有多意外。指向或点按一个符号，看看它原本预测什么；选另一个，文本就从那里续写。",
    ),
    "look.surprise.title": ("The text, by surprise", "按意外程度着色的文本"),
    "look.surprise.expected": ("expected", "意料之中"),
    "look.surprise.unexpected": ("8 bits or more", "8 比特以上"),
    "look.surprise.first": (
        "The first symbol: there was nothing to expect it from.",
        "第一个符号：没有上文可供预测。",
    ),
    "look.surprise.at": (
        "{bits:.1f} bits (probability {share} %), guess number {rank:.0f}; entropy before it was "
        "known: {entropy:.1f} bits.",
        "{bits:.1f} 比特（概率 {share}%），第 {rank:.0f} 个猜测；揭晓之前的熵为 {entropy:.1f} 比特。",
    ),
    "look.surprise.odd": ("Typing errors?", "错字？"),
    "look.surprise.instead": ("expected instead", "原本预测"),
    "look.surprise.branch": ("From there", "从那里续写"),
    # neuron
    "look.neuron": ("Neuron", "神经元"),
    "look.neuron.about": (
        "Look for the one unit that follows a property of the text, then hold it at a value while "
        "the network writes. A network that has learned nothing stands beside it: chance finds "
        "patterns too.",
        "寻找跟踪文本某种性质的那个单元，再把它固定在某个值上让网络写作。旁边是没有学过任何东西的网络："
        "纯属偶然也会有“规律”。",
    ),
    "look.neuron.property": ("Property", "性质"),
    "look.neuron.pattern": ("Own pattern (regular expression)", "自定义模式（正则表达式）"),
    "look.property.followed": ("the one that is followed best", "跟踪得最好的性质"),
    "look.property.line_position": ("position in the line", "行内位置"),
    "look.property.in_quotes": ("inside quotation marks", "在引号内"),
    "look.property.in_brackets": ("inside brackets", "在括号内"),
    "look.property.after_space": ("after a space", "在空格后"),
    "look.property.capital": ("capital letter", "大写字母"),
    "look.property.digit": ("digit", "数字"),
    "look.property.word_position": ("place in the word", "词内位置"),
    "look.property.pattern": ("own pattern", "自定义模式"),
    "look.neuron.unit": (
        "unit {unit}, layer {layer} ({part})",
        "第 {layer} 层第 {unit} 个单元（{part}）",
    ),
    "look.neuron.compare": (
        "Correlation on text it was not chosen on",
        "在未用于挑选的文本上的相关系数",
    ),
    "look.neuron.trained": ("this unit", "这个单元"),
    "look.neuron.untrained": ("best untrained", "未训练的最好"),
    "look.neuron.text": ("The text, by {unit}", "按{unit}着色的文本"),
    "look.neuron.at": (
        "unit {value:+.2f}, property {label:g}",
        "单元 {value:+.2f}，性质 {label:g}",
    ),
    "look.neuron.snippets": ("Where it is highest", "它最高的地方"),
    "look.knob.value": ("Hold the unit at", "把单元固定在"),
    "look.knob.info": (
        "The network writes with the unit held there; all else is its own.",
        "网络在单元被固定的情况下写作，其余全由它自己决定。",
    ),
    "look.knob.curve": ("Five values side by side", "五个值并排比较"),
    "look.knob.held": ("held at {value:+.2f}", "固定在 {value:+.2f}"),
    "look.knob.free": ("left alone", "不去动它"),
    # sampling
    "look.sampling": ("Sampling", "抽样"),
    "look.sampling.about": (
        "The next symbol, before and after each setting: what can still be drawn, and how "
        "uncertain the draw is. The order is temperature, top-k, top-p, min-p.",
        "下一个符号在每个设置前后的分布：还能抽到什么，抽取有多不确定。顺序是温度、top-k、top-p、min-p。",
    ),
    "look.sampling.prompt": ("After “…{prompt}”", "在“…{prompt}”之后"),
    "look.sampling.left": (
        "{name}: {count} left, {bits:.2f} bits",
        "{name}：剩 {count} 个，{bits:.2f} 比特",
    ),
    "look.sampling.drawn": ("Drawn with this seed: {symbol}", "用这个种子抽到：{symbol}"),
    "look.sampling.raw": ("the network's own", "网络自己的"),
    "look.sampling.matters": ("Does the order matter?", "顺序重要吗？"),
    "look.sampling.order": (
        "Here it does. The same settings, with the temperature first, as everywhere in this app, and "
        "last, as in llama.cpp: there the other steps see the chances before the temperature changes "
        "them.",
        "在这里重要。同样的设置：先用温度（本应用处处如此），或最后用温度（如 llama.cpp）："
        "后者的其他步骤看到的是温度改变之前的概率。",
    ),
    "look.sampling.textbook": (
        "Not with these settings and this text. A case where it does: the scores 3, 2 and 1, with "
        "temperature 0.5 and top-p 0.8.",
        "在这段文本和这些设置下不重要。一个重要的例子：分数 3、2、1，温度 0.5，top-p 0.8。",
    ),
    "look.sampling.first": ("temperature first: {count} left", "先用温度：剩 {count} 个"),
    "look.sampling.last": ("temperature last: {count} left", "最后用温度：剩 {count} 个"),
    "look.sampling.sweep": ("Write at five temperatures", "用五种温度写作"),
    "look.sampling.at": ("temperature {value:g}", "温度 {value:g}"),
    # memory
    "look.memory": ("Memory", "记忆"),
    "look.memory.about": (
        "How far back does it remember? Shown only its last symbols, how much worse does it guess; "
        "and how much of the gradient reaches back.",
        "它能记多远？只让它看最后几个符号，预测会差多少；梯度又能传回多远。",
    ),
    "look.memory.horizon": ("Loss when only so many symbols are seen", "只看到这么多符号时的损失"),
    "look.memory.blank": ("from an empty state", "从空状态开始"),
    "look.memory.wrong": ("after some other text", "在另一段文本之后"),
    "look.memory.ngram": ("table of counts (n-gram)", "计数表（n-gram）"),
    "look.memory.context": ("symbols seen", "看到的符号数"),
    "look.memory.bits": ("bits a symbol", "每符号比特"),
    "look.memory.cost": (
        "What a shorter past costs, target by target, with 95 % bands",
        "过去变短的代价（逐目标比较，附 95% 区间）",
    ),
    "look.memory.extra": ("extra bits", "多出的比特"),
    "look.memory.gradient": ("Gradient against lag", "梯度与间隔"),
    "look.memory.lag": ("steps back", "往回的步数"),
    "look.memory.relative": ("relative to lag 0", "与间隔 0 之比"),
    "look.memory.how": (
        "Held-out text, {targets} targets, the same for every context. The dashed line marks the "
        "shortest past that is as good as the longest.",
        "留出文本上的 {targets} 个目标，各种上文长度都相同。虚线是与最长上文同样好的最短上文。",
    ),
    "look.memory.three": (
        "Train RNN, LSTM and GRU on the same text and compare them",
        "在同一段文本上训练 RNN、LSTM、GRU 并比较",
    ),
    "look.memory.cell": ("LSTM, inside: c", "LSTM 内部：c"),
    "look.three.on": ("On “{name}”", "文本“{name}”"),
    "look.three.training": (
        "In training, one after another; they are on the Train tab too. The comparison appears here "
        "when all three are done.",
        "正在逐个训练，也可在“训练”页查看。三个都完成后，比较会出现在这里。",
    ),
    "look.three.broken": (
        "Not all three came to an end. Press the button again for those that are missing.",
        "三个没有全部完成。再按一次按钮，补上缺的。",
    ),
    "look.three.missing": ("not trained", "未训练"),
    "look.three.pasted": ("pasted text", "粘贴的文本"),
    "look.three.cell": ("cell", "循环单元"),
    "look.three.horizon": ("symbols it uses", "用到的符号数"),
    "look.three.gradient": ("gradient left at lag {lag}", "相隔 {lag} 步剩下的梯度"),
    "look.three.reach": ("last lag above 1 %", "最后一个高于 1% 的间隔"),
    "look.memory.bias": (
        "Forget-gate bias of a network that has learned nothing",
        "一个什么都没学过的网络的遗忘门偏置",
    ),
    "look.memory.bias.info": (
        "PyTorch begins near 0; this app, like many, at 1. At 2 about a seventh of the LSTM's gradient "
        "is left after 40 steps.",
        "PyTorch 默认接近 0；本应用和许多程序从 1 开始。到 2 时，LSTM 的梯度 40 步之后还剩约七分之一。",
    ),
    # influence
    "look.influence": ("Past", "上文"),
    "look.influence.about": (
        "Point at a symbol: the past that mattered for it lights up. Click it, and that past is "
        "really replaced, symbol by symbol, to check.",
        "指向一个符号：对它起作用的上文会亮起来。点击它，就真的逐个替换上文来检验。",
    ),
    "look.influence.title": ("What mattered", "什么起了作用"),
    "look.influence.full": ("{bits:.0f} bits or more", "{bits:.0f} 比特以上"),
    "look.influence.most": ("It depended most on {list}.", "它最依赖 {list}。"),
    "look.influence.from": ("“{symbol}” {back} back", "{back} 个之前的“{symbol}”"),
    "look.influence.comma": (", ", "、"),
    "look.swap": ("Swap test", "替换检验"),
    "look.swap.title": ("Swap test for “{symbol}”", "对“{symbol}”的替换检验"),
    "look.swap.change": ("change of log2 p when replaced (bits)", "替换后 log2 p 的变化（比特）"),
    "look.swap.gradient": ("what the gradient foretells (bits)", "梯度的预告（比特）"),
    "look.swap.first": ("The first symbol has no past.", "第一个符号没有上文。"),
    # step
    "look.step": ("One step", "一步"),
    "look.step.about": (
        "The equations of one step with the numbers of this network, for the units that moved "
        "most. h′ is the state before. Choose a symbol.",
        "用这个网络的真实数字写出一步的方程，取变化最大的几个单元。h′ 是前一步的状态。请选择一个符号。",
    ),
    "look.step.input": (
        "x: “{symbol}” is read as the numbers {numbers}, …",
        "x：“{symbol}”被读作 {numbers}, …",
    ),
    "look.step.below": (
        "x: from the layer below, normalised where the network does that, after “{symbol}”: "
        "{numbers}, …",
        "x：来自下方的层（若网络有层归一化，则在归一化之后），在“{symbol}”之后：{numbers}, …",
    ),
    "look.step.score": ("score {score:+.2f}, {share} %", "得分 {score:+.2f}，{share}%"),
    "look.step.layer": ("Layer", "层"),
    "look.step.choose": ("Which symbol is read", "读的是哪个符号"),
    "look.step.unit": (
        "Unit {unit}: {before:+.3f} → {after:+.3f}",
        "单元 {unit}：{before:+.3f} → {after:+.3f}",
    ),
    "look.step.scores": ("What it expects next", "它预测的下一个符号"),
    "look.step.after": (
        "This GRU applies its reset gate after the product with the state, as PyTorch does; z is "
        "the share that is kept.",
        "这个 GRU 在与状态相乘之后再用重置门，与 PyTorch 相同；z 是保留的份额。",
    ),
    "look.step.before": (
        "This GRU applies its reset gate before the product with the state, as Cho et al. (2014) do; "
        "z is the share that is kept.",
        "这个 GRU 先用重置门再与状态相乘，与原论文（Cho 等，2014）相同；z 是保留的份额。",
    ),
    "look.step.gates": ("Gates over time", "门随时间的变化"),
    "look.step.gate": (
        "Gate {gate}: shut (< .1) {closed:.0f} %, open (> .9) {open:.0f} % of the time",
        "门 {gate}：关闭（< .1）{closed:.0f}%，打开（> .9）{open:.0f}%",
    ),
    "look.step.state": ("State h over time", "状态 h 随时间的变化"),
    "look.step.row": ("unit {unit}", "单元 {unit}"),
    "look.step.units": ("units", "单元"),
    # film
    "look.film": ("Film", "影片"),
    "look.film.about": (
        "What it wrote as it learned, always with the same random numbers; how long its gradient "
        "was; and what happens to a network whose gradient is not clipped.",
        "它在学习过程中写下的文字，随机数始终相同；它的梯度的范数有多大；以及不裁剪梯度会怎样。",
    ),
    "look.film.title": ("The film", "影片"),
    "look.film.frame": (
        "step {step:,}, {bits:.2f} bits a character",
        "第 {step:,} 步，每字符 {bits:.2f} 比特",
    ),
    "look.film.step": ("step {step:,}", "第 {step:,} 步"),
    "look.film.norms": ("Gradient norm before clipping", "裁剪前的梯度范数"),
    "look.film.norm": ("norm", "范数"),
    "look.film.clipped": ("some updates clipped", "有更新被裁剪"),
    "look.film.steps": ("step", "步"),
    "look.explosion.limit": ("Cut the gradient to", "把梯度裁剪到"),
    "look.explosion.go": ("Make it explode", "让它爆炸"),
    "look.explosion.loss": (
        "Loss of a ReLU network, with and without clipping",
        "一个 ReLU 网络的损失：裁剪与不裁剪",
    ),
    "look.explosion.norms": ("Its gradient norm", "它的梯度范数"),
    "look.explosion.free": ("not clipped", "不裁剪"),
    "look.explosion.clipped": ("clipped", "裁剪"),
    "look.explosion.before": ("clipped: before", "裁剪：之前"),
    "look.explosion.after": ("clipped: after", "裁剪：之后"),
    "look.explosion.update": ("update", "更新次数"),
    # authorship
    "look.authorship": ("Who wrote it?", "谁写的？"),
    "look.authorship.about": (
        "Which network finds a text least surprising? Paste the text above and choose networks to "
        "compare with. Without a clear difference there is no verdict.",
        "哪个网络对一段文本最不意外？把文本粘贴到上面，再选择要比较的网络。差异不明显时不下结论。",
    ),
    "look.authorship.models": ("Compare with", "与之比较"),
    "look.authorship.paste": (
        "Paste a text above: then the networks are compared on it.",
        "请先在上面粘贴一段文本，再比较各网络。",
    ),
    "look.authorship.few": (
        "There is only one network here. Train another on a second text, or load one on the Share "
        "tab; then choose it above.",
        "这里只有一个网络。请用另一段文本再训练一个，或在“分享”页载入一个，然后在上面选择它。",
    ),
    "look.authorship.choose": ("Choose at least one other network.", "请至少再选一个网络。"),
    "look.authorship.bits": ("Bits per byte: lower fits better", "每字节比特：越低越符合"),
    "look.authorship.unknown": (
        "“{name}” does not know {count} of the characters; each costs it 20 bits on top.",
        "“{name}”不认识其中 {count} 个字符；每个额外计 20 比特。",
    ),
    # map
    "look.map": ("Map", "地图"),
    "look.map.about": (
        "The symbols as the network reads them, in two dimensions; and other places of the text at "
        "which it was in the same state.",
        "网络眼中的符号，压缩到两个维度；以及文本中网络处于相同状态的其他地方。",
    ),
    "look.map.title": ("Symbols that are read alike lie together", "表示相近的符号靠在一起"),
    "look.map.at": (
        "{symbol}: {count:,} times; nearest {near}",
        "{symbol}：{count:,} 次；最近的是 {near}",
    ),
    "look.map.letter": ("other letters", "其他文字"),
    "look.map.vowel": ("vowels", "元音"),
    "look.map.capital": ("capitals", "大写"),
    "look.map.other": ("signs and digits", "符号与数字"),
    "look.moments.choose": ("Choose a moment", "选择一个时刻"),
    "look.moments.title": ("Other moments in the same state", "处于相同状态的其他时刻"),
    "look.moments.likeness": ("cosine", "余弦"),
    # the page's script
    "js.look.text": ("Text", "文本"),
    "js.look.table": ("Table", "表格"),
    "js.look.at": ("“{symbol}”, symbol {place}.", "“{symbol}”，第 {place} 个符号。"),
    "js.look.hover": (
        "Point at a symbol, tap one, or use the arrow keys.",
        "指向或点按一个符号，或使用方向键。",
    ),
    "js.look.click": (
        "Choose a symbol: click, tap, or arrow keys and Enter.",
        "选择一个符号：点击、轻触，或用方向键和回车。",
    ),
    "js.look.previous": ("Previous", "上一个"),
    "js.look.next": ("Next", "下一个"),
    "js.look.play": ("Play", "播放"),
    "js.look.stop": ("Stop", "停止"),
    "js.look.choose": ("Choose one to go on from there.", "选一个，从那里续写。"),
    "js.look.continue": ("go on with {symbol}", "用 {symbol} 续写"),
}
