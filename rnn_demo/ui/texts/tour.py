"""Words of the tour on the page. The chapters themselves are inspection/tour_texts.py."""

TEXTS: dict[str, tuple[str, str]] = {
    "look.tour": ("Tour", "导览"),
    "look.tour.about": (
        "How a recurrent network works, chapter by chapter, with the numbers of the network "
        "chosen above.",
        "循环网络是怎样工作的：一章一章，用上面所选网络的真实数字来讲。",
    ),
    "look.tour.unit": ("one unit, after each symbol", "一个单元在每个符号之后的值"),
    "look.tour.bits": ("surprise at each symbol, bits", "每个符号的意外程度（比特）"),
    "look.tour.share": ("gradient left, by steps back", "往回若干步后剩下的梯度"),
    "look.tour.descent": (
        "loss after one step at that rate, bits",
        "以该学习率走一步之后的损失（比特）",
    ),
    "look.tour.power": (
        "gradient left, as a power of ten, by steps back",
        "往回若干步后剩下的梯度（10 的幂）",
    ),
    "look.tour.fresh": (
        "gradient left in a fresh network, as a power of ten",
        "全新网络里剩下的梯度（10 的幂）",
    ),
    "look.tour.gate.lstm": ("how often f has each value", "f 取各值的比例"),
    "look.tour.gate.gru": ("how often z has each value", "z 取各值的比例"),
    "look.tour.chance": ("chances of the next symbol", "下一个符号的概率"),
    "look.guide": ("The tour: {title}", "导览：{title}"),
    "look.guide.back": ("Back to the tour", "回到导览"),
    "look.guide.next": ("Next: {title}", "下一章：{title}"),
    "look.guide.rnn": (
        "Choose a symbol below. For four units you see how the new h comes from x, the symbol that "
        "is read, and h′, the state before. “Next” steps to the symbol after.",
        "在下面选一个符号。对四个单元，你能看到新的 h 怎样由 x（读到的符号）和 h′（之前的状态）算出。"
        "“下一个”走到后一个符号。",
    ),
    "look.guide.unrolling": (
        "Step through a few symbols: the equations and the weights stay the same, only the numbers "
        "change. The h of one step is the h′ of the next.",
        "连续走过几个符号：方程和权重始终相同，只有数在变。这一步的 h 就是下一步的 h′。",
    ),
    "look.guide.loss": (
        "The darkest symbols cost most. Point at one or tap it: what had the network expected "
        "instead? Choose one of its guesses, and it goes on from there.",
        "颜色最深的符号代价最大。指向或点按一个：网络原本预测什么？选它的一个猜测，它就从那里续写。",
    ),
    "look.guide.bptt": (
        "Point at a symbol. What lights up is the gradient that reached back to each past symbol: it "
        "fades with the distance. Click to check it by really replacing them.",
        "指向一个符号。亮起来的就是传回到每个过去符号的梯度：越远越暗。点击它，用真正的替换来检验。",
    ),
    "look.guide.descent": (
        "The film shows what thousands of such steps did: move through it and see the writing improve "
        "as the loss falls. The curve below is the length of the gradient at each step.",
        "影片展示了成千上万个这样的步子带来的变化：拖动它，看损失下降时文字怎样变好。"
        "下面的曲线是每一步梯度的范数。",
    ),
    "look.guide.vanishing": (
        "Press “Make it explode”: without clipping the loss leaves the chart within some twenty updates; "
        "with its gradient cut, the same network learns. Try other limits.",
        "按“让它爆炸”：不裁剪，二十次左右的更新之内损失就冲出图外；裁剪梯度，同一个网络就能学习。再试试别的上限。",
    ),
    "look.guide.lstm": (
        "At the bottom, move the forget-gate bias from 0 to 2: the LSTM's curve rises by many powers "
        "of ten, the plain RNN's stays where it is.",
        "在最下面把遗忘门偏置从 0 移到 2：LSTM 的曲线升高许多个数量级，普通 RNN 的原地不动。",
    ),
    "look.guide.gru": (
        "The bias moves the GRU in the same way. Then train all three on one text with the button, "
        "and compare how far back each of them remembers.",
        "偏置对 GRU 的作用相同。再用按钮在同一段文本上训练三种网络，比较它们各能记多远。",
    ),
    "look.guide.sampling": (
        "Move the temperature and watch the chances sharpen and flatten; then let it write at five "
        "temperatures with the same random numbers.",
        "移动温度，看概率变尖、变平；再让它用同样的随机数在五种温度下写作。",
    ),
}
