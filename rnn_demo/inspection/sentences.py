"""The sentence of each view in English and Chinese, and the equation that the view shows.

A sentence is chosen by what was computed, and says so where there is nothing to see.
"""

SENTENCES: dict[str, tuple[str, str]] = {
    "surprise.short": (
        "One symbol has no past to be expected from: give a longer text.",
        "只有一个符号，没有上文可供预测：请给一段更长的文本。",
    ),
    "surprise.found": (
        "{mean:.2f} bits a symbol on average (perplexity {choices:.1f}: as unsure as a choice among "
        "so many equally likely symbols). {first:.0f} % were the first guess. The biggest surprise: “{symbol}” "
        "after “{past}” ({bits:.1f} bits).",
        "平均每个符号 {mean:.2f} 比特（困惑度 {choices:.1f}：相当于在这么多个同样可能的符号里猜一个）。"
        "{first:.0f}% 的符号一猜就中。最意外的是“{past}”之后的“{symbol}”（{bits:.1f} 比特）。",
    ),
    "neuron.found": (
        "Unit {unit} of layer {layer} ({part}) follows {property}: correlation {r:+.2f} on text "
        "it was not chosen on. The best unit of the same network before training: {untrained:.2f}.",
        "第 {layer} 层第 {unit} 个单元（{part}）跟踪着“{property}”：在没有用来挑选它的文本上，"
        "相关系数为 {r:+.2f}。同一网络训练之前最好的单元：{untrained:.2f}。",
    ),
    "neuron.nothing": (
        "Nothing found: the best unit reaches {r:+.2f} for {property}, and an untrained network "
        "{untrained:.2f}. No single unit has learned this.",
        "没有找到：对“{property}”，最好的单元相关系数为 {r:+.2f}，"
        "而未训练的网络也有 {untrained:.2f}。没有哪一个单元学会了它。",
    ),
    "neuron.absent": (
        "Nothing found: this text holds no variation in {property} to look for.",
        "没有找到：这段文本里“{property}”没有变化，无从找起。",
    ),
    "knob.strong": (
        "The knob works. {measure}: {first:.3g} with the unit held at {at:+.1f}, {last:.3g} at "
        "{to:+.1f}, {free:.3g} when it is left alone.",
        "旋钮有效。{measure}：固定在 {at:+.1f} 时为 {first:.3g}，固定在 {to:+.1f} 时为 {last:.3g}；"
        "不去动它时为 {free:.3g}。",
    ),
    "knob.weak": (
        "This unit is no clear knob. {measure}: {first:.3g} with the unit held at {at:+.1f}, "
        "{last:.3g} at {to:+.1f}, {free:.3g} when it is left alone. It may follow the property without deciding it.",
        "这个单元算不上旋钮。{measure}：固定在 {at:+.1f} 时为 {first:.3g}，在 {to:+.1f} 时为 {last:.3g}，"
        "不动它时为 {free:.3g}。它也许只是跟随，并不起决定作用。",
    ),
    "knob.lines": ("Characters a line", "每行字符数"),
    "knob.mean": ("Mean of “{property}” in what it wrote", "所写文本中“{property}”的平均值"),
    "sampling.found": (
        "The network's own guesses have an entropy of {raw:.2f} bits over {all} symbols; after these "
        "steps {survivors} can still be drawn, {final:.2f} bits.",
        "网络自己的分布在 {all} 个符号上的熵为 {raw:.2f} 比特；经过这些步骤，"
        "还剩 {survivors} 个可能被抽中，熵 {final:.2f} 比特。",
    ),
    "sampling.order": (
        "Here the order matters: of {all} symbols, {first} can still be drawn with the temperature "
        "first, {last} with the temperature last. The network's own guesses have an entropy of "
        "{raw:.2f} bits; after these steps {final:.2f} are left.",
        "在这里顺序很重要：{all} 个符号中，先用温度还能抽到 {first} 个，最后用温度能抽到 {last} 个。"
        "网络自己的分布的熵为 {raw:.2f} 比特，处理后剩 {final:.2f} 比特。",
    ),
    "sweep.found": (
        "Same prompt, same random numbers: only the temperature differs. Of all runs of six symbols, "
        "{first:.0f} % repeat an earlier one at temperature {low:g}, and {last:.0f} % at {high:g}.",
        "开头相同，随机数也相同。温度 {low:g} 时，{first:.0f}% 的六符号片段是重复的；"
        "温度 {high:g} 时为 {last:.0f}%。",
    ),
    "memory.found": (
        "This {cell} uses about the last {horizon} symbols: with fewer its guess is measurably "
        "worse, and seeing one alone costs {gain:.2f} bits more. At lag {lag} the gradient is "
        "{ratio} of that at lag 0; it falls below 1 % after lag {reach}.",
        "这个 {cell} 大约用到最近 {horizon} 个符号：再少，预测就明显变差；只看一个符号要多花 {gain:.2f} 比特。"
        "相隔 {lag} 步时梯度是相隔 0 步的 {ratio}；过了第 {reach} 步就不到 1%。",
    ),
    "memory.flat": (
        "Nothing found: this {cell} guesses no better with {longest} symbols of past than with "
        "one ({gain:+.2f} bits). It has no memory that helps, or the text needs none.",
        "没有发现记忆：这个 {cell} 看 {longest} 个符号并不比只看一个猜得更好（{gain:+.2f} 比特）。"
        "要么它没有有用的记忆，要么这段文本不需要记忆。",
    ),
    "three.found": (
        "Same text, same number of updates: the {best} guesses best, {best_bits:.2f} bits a symbol; "
        "the {worst} comes last with {worst_bits:.2f}. At lag {lag} {rnn} of the gradient is left in "
        "the RNN, {lstm} in the LSTM, {gru} in the GRU.",
        "同一段文本，同样多的更新：{best} 预测得最好，每符号 {best_bits:.2f} 比特；{worst} 最差，"
        "{worst_bits:.2f} 比特。相隔 {lag} 步，RNN 的梯度剩 {rnn}，LSTM 剩 {lstm}，GRU 剩 {gru}。",
    ),
    "untrained.found": (
        "Before any training, with a bias of {bias:+.1f}: at lag {lag} the gradient is {rnn} of "
        "that at lag 0 for the RNN, {lstm} for the LSTM, {gru} for the GRU. Of the gradient of the "
        "LSTM's cell c {cell} is left; the forget gate alone would leave sigmoid(b)^{lag} = {gate}. "
        "The rest comes by way of h, through the weights.",
        "还没有任何训练，偏置为 {bias:+.1f}：相隔 {lag} 步时，梯度与相隔 0 步之比为"
        " RNN {rnn}、LSTM {lstm}、GRU {gru}。LSTM 细胞状态 c 的梯度还剩 {cell}；"
        "若只经过遗忘门，应剩 sigmoid(b)^{lag} = {gate}。其余的来自经由 h 和权重矩阵的那条路径。",
    ),
    "influence.found": (
        "For {nearest:.0f} % of the symbols the one just before mattered most; on average the "
        "influence came from {lag:.1f} symbols back. The strongest link over a distance: “{past}”, "
        "{back} back, on “{target}”.",
        "{nearest:.0f}% 的符号受前一个符号影响最大；影响平均来自 {lag:.1f} 个符号之前。"
        "最强的远程联系：{back} 个符号之前的“{past}”影响了“{target}”。",
    ),
    "influence.short": (
        "Nothing to see: this text is too short, or nothing in its past moved the guesses.",
        "没有可看的：文本太短，或者上文没有影响预测。",
    ),
    "swap.found": (
        "Really replaced: swapping “{symbol}” {lag} back changes log2 p of “{target}” by "
        "{change:.2f} bits on average. {agreement}",
        "真的替换一遍：换掉 {lag} 个符号之前的“{symbol}”，“{target}”的 log2 p 平均改变 {change:.2f} 比特。{agreement}",
    ),
    "swap.nothing": (
        "Nothing found: no single past symbol changes log2 p of “{target}” by more than 0.1 bits "
        "(most: {change:.2f}, {lag} back). {agreement}",
        "没有找到：没有哪个过去的符号能让“{target}”的 log2 p 改变超过 0.1 比特"
        "（最大 {change:.2f}，{lag} 个符号之前）。{agreement}",
    ),
    "swap.agreement": (
        "Rank correlation with the gradient: {agreement:.2f}.",
        "与梯度的秩相关：{agreement:.2f}。",
    ),
    "step.lstm": (
        "Reading “{symbol}”, unit {unit} keeps {f:.0f} % of its cell (forget gate) and lets in "
        "{i:.0f} % of the new (input gate): h goes from {before:+.2f} to {after:+.2f}.",
        "读入“{symbol}”时，第 {unit} 个单元保留细胞状态的 {f:.0f}%（遗忘门），放进 {i:.0f}% 的新内容（输入门）："
        "h 从 {before:+.2f} 变为 {after:+.2f}。",
    ),
    "step.gru": (
        "Reading “{symbol}”, unit {unit} keeps {z:.0f} % of its old state (update gate): h goes from "
        "{before:+.2f} to {after:+.2f}.",
        "读入“{symbol}”时，第 {unit} 个单元保留旧状态的 {z:.0f}%（更新门）："
        "h 从 {before:+.2f} 变为 {after:+.2f}。",
    ),
    "step.rnn": (
        "Reading “{symbol}”, unit {unit} is computed anew, with no gate to protect it: h goes from "
        "{before:+.2f} to {after:+.2f}.",
        "读入“{symbol}”时，第 {unit} 个单元被重新计算，没有门保护它：h 从 {before:+.2f} 变为 {after:+.2f}。",
    ),
    "gates.found": (
        "The gate {gate} that keeps the past is wide open (> .9) {open:.0f} % of the time and shut "
        "(< .1) {closed:.0f} %. Its most patient unit keeps {longest:.3f} a step: after about "
        "{steps:.0f} steps a third (1/e) is left.",
        "保留过去的门 {gate} 有 {open:.0f}% 的时间大开（> .9），{closed:.0f}% 的时间关闭（< .1）。"
        "最有耐心的单元每步保留 {longest:.3f}：约 {steps:.0f} 步之后还剩三分之一（1/e）。",
    ),
    "gates.rnn": (
        "A plain RNN has no gates. {saturated:.0f} % of its values are saturated (|h| > .9), where "
        "tanh is flat and passes hardly any gradient.",
        "普通 RNN 没有门。{saturated:.0f}% 的值已经饱和（|h| > .9），那里 tanh 是平的，几乎不传梯度。",
    ),
    "film.found": (
        "{frames} pictures, always the same prompt and random numbers: from step {from_step} to "
        "{to_step} the loss went from {first:.2f} to {last:.2f} bits a character. {clipped:.1f} % of "
        "the updates were clipped.",
        "共 {frames} 帧，开头和随机数始终相同：从第 {from_step} 步到第 {to_step} 步，"
        "损失从每字符 {first:.2f} 比特变为 {last:.2f} 比特。{clipped:.1f}% 的更新被裁剪。",
    ),
    "film.short": (
        "Nothing to see yet: this run has {frames} pictures so far. They come with each validation.",
        "还没有可看的：目前只有 {frames} 帧。每次验证都会增加一帧。",
    ),
    "explosion.found": (
        "Without clipping the loss is no longer a number at update {step} (largest norm {norm}). "
        "Cut to {limit:g}, the same network goes from {first:.2f} to {last:.2f} bits a symbol.",
        "不裁剪，第 {step} 次更新时损失变成了 NaN，不再是数（最大范数 {norm}）。"
        "裁剪到 {limit:g}，同一个网络从每符号 {first:.2f} 比特走到 {last:.2f} 比特。",
    ),
    "explosion.nothing": (
        "It did not explode in {step} updates this time (largest norm {norm}); with clipping at "
        "{limit:g} the loss went from {first:.2f} to {last:.2f} bits.",
        "这次 {step} 次更新内没有爆炸（最大范数 {norm}）；裁剪到 {limit:g} 时，"
        "损失从 {first:.2f} 变为 {last:.2f} 比特。",
    ),
    "authorship.decided": (
        "“{best}” fits best, by {difference:.3f} bits a byte over “{second}” (95 % interval "
        "{low:.3f} to {high:.3f} over {pieces} pieces of text).",
        "最符合的是“{best}”，每字节比“{second}”少 {difference:.3f} 比特"
        "（在 {pieces} 段文本上的 95% 区间：{low:.3f} 到 {high:.3f}）。",
    ),
    "authorship.open": (
        "No verdict: “{best}” is ahead of “{second}” by {difference:.3f} bits a byte, but the 95 % "
        "interval {low:.3f} to {high:.3f} over {pieces} pieces holds zero. A longer text may decide.",
        "不下结论：“{best}”每字节领先“{second}” {difference:.3f} 比特，但 {pieces} 段文本上的 95% 区间"
        " {low:.3f} 到 {high:.3f} 包含零。更长的文本也许能分出来。",
    ),
    "odd.found": (
        "Symbols to which the network gave a chance of 1 in 256 or less: {count}. Typing errors hide "
        "there, and new names; the worst are listed, with what was expected instead.",
        "网络给出的概率不超过 1/256 的地方：{count} 处。错字和新名字就藏在那里；下面列出最甚的几处，以及原本预测的符号。",
    ),
    "odd.nothing": (
        "Nothing found: the network gave every symbol of this text a chance of more than 1 in 256.",
        "没有找到：这段文本里没有一个符号的概率低至 1/256。",
    ),
    "map.found": (
        "Closest among the frequent symbols: “{a}” and “{b}” (cosine {likeness:.2f}): the network "
        "reads them alike. Two dimensions show {explained:.0f} % of the variance.",
        "常用符号中最接近的：“{a}”和“{b}”（余弦 {likeness:.2f}）：网络对它们的表示相近。"
        "两个维度解释了 {explained:.0f}% 的方差。",
    ),
    "map.nothing": (
        "Nothing found: no two frequent symbols lie close (the closest, “{a}” and “{b}”: cosine "
        "{likeness:.2f}). Two dimensions show {explained:.0f} % of the variance.",
        "没有找到：没有两个常用符号靠得近（最近的是“{a}”和“{b}”，余弦 {likeness:.2f}）。"
        "两个维度解释了 {explained:.0f}% 的方差。",
    ),
    "moments.found": (
        "{count} other moments of the text that felt alike to the network (cosine up to "
        "{likeness:.2f}). What do they have in common?",
        "文本中有 {count} 个时刻让网络处于相近的状态（余弦最高 {likeness:.2f}）。它们有什么共同点？",
    ),
    "tour.found": (
        "How a recurrent network works, in {chapters} chapters; every number is computed now, from "
        "“{name}”.",
        "循环网络是怎样工作的，共 {chapters} 章；每个数都是此刻用“{name}”算出来的。",
    ),
    "moments.nothing": (
        "Nothing found: no other moment comes near this state (best cosine {likeness:.2f}).",
        "没有找到：没有其他时刻接近这个状态（最高余弦 {likeness:.2f}）。",
    ),
}

PROPERTY_NAMES: dict[str, tuple[str, str]] = {
    "line_position": ("the position in the line", "行内位置"),
    "in_quotes": ("being inside quotation marks", "在引号之内"),
    "in_brackets": ("being inside brackets", "在括号之内"),
    "after_space": ("coming after a space", "在空格之后"),
    "capital": ("capital letters", "大写字母"),
    "digit": ("digits", "数字"),
    "word_position": ("the place in the word", "词内位置"),
    "pattern": ("the pattern", "自定义的模式"),
}

EQUATIONS: dict[str, str] = {
    "surprise": r"I_t = -\log_2 p(s_t \mid s_1, \dots, s_{t-1})",
    "neuron": r"r_j = \mathrm{corr}(h_{t,j},\, y_t), \qquad h_t = f(x_t, h_{t-1})",
    "knob": r"h_{t,j} \leftarrow a \ \text{ for all } t, \qquad h_{t+1} = f(x_{t+1}, h_t)",
    "sampling": r"p_i = \frac{e^{o_i / \tau}}{\sum_k e^{o_k / \tau}}",
    "sweep": r"p_i = \frac{e^{o_i / \tau}}{\sum_k e^{o_k / \tau}}",
    "memory": (
        r"\frac{\partial L_T}{\partial x_{T-k}} = \frac{\partial L_T}{\partial h_T}"
        r"\left(\prod_{t=T-k+1}^{T} \frac{\partial h_t}{\partial h_{t-1}}\right)"
        r"\frac{\partial h_{T-k}}{\partial x_{T-k}}"
    ),
    "untrained": (
        r"\left.\frac{\partial c_t}{\partial c_{t-1}}\right|_{h_{t-1}} = \mathrm{diag}(f_t),"
        r"\qquad f_t = \sigma(\dots + b_f)"
    ),
    "influence": r"G_{t,k} = \left\| \frac{\partial \log p(s_t \mid s_{<t})}{\partial x_k} \right\|",
    "swap": r"\Delta_k = \left| \log_2 p(s_t) - \log_2 p(s_t \mid s_k \to s') \right|",
    "film": r"\nabla L \leftarrow \nabla L \cdot \min\left(1, \frac{\lambda}{\|\nabla L\|}\right)",
    "explosion": r"\nabla L \leftarrow \nabla L \cdot \min\left(1, \frac{\lambda}{\|\nabla L\|}\right)",
    "authorship": r"H = -\frac{1}{\text{bytes}} \sum_t \log_2 p_{\text{model}}(s_t \mid s_{<t})",
    "odd": r"I_t = -\log_2 p(s_t \mid s_1, \dots, s_{t-1}) \geq 8",
    "map": r"x_t = E_{s_t} \in \mathbb{R}^d \ \to\ \mathbb{R}^2",
    "tour": r"h_t = f(x_t, h_{t-1}), \qquad o_t = W h_t + b",
    "moments": r"\cos(h_t, h_{t'}) = \frac{h_t \cdot h_{t'}}{\|h_t\|\,\|h_{t'}\|}",
}
STEP_EQUATIONS: dict[str, str] = {
    "rnn": r"h_t = \tanh(W_{xh} x_t + W_{hh} h_{t-1} + b_h)",
    "lstm": (
        r"\begin{aligned} i_t &= \sigma(W_{xi}x_t + W_{hi}h_{t-1} + b_i) \\"
        r" f_t &= \sigma(W_{xf}x_t + W_{hf}h_{t-1} + b_f) \\"
        r" o_t &= \sigma(W_{xo}x_t + W_{ho}h_{t-1} + b_o) \\"
        r" \tilde{c}_t &= \tanh(W_{xc}x_t + W_{hc}h_{t-1} + b_c) \\"
        r" c_t &= f_t \odot c_{t-1} + i_t \odot \tilde{c}_t \\"
        r" h_t &= o_t \odot \tanh(c_t) \end{aligned}"
    ),
    "gru": (
        r"\begin{aligned} z_t &= \sigma(W_{xz}x_t + W_{hz}h_{t-1} + b_z) \\"
        r" r_t &= \sigma(W_{xr}x_t + W_{hr}h_{t-1} + b_r) \\"
        r" \tilde{h}_t &= \tanh(W_{xh}x_t + b_h + r_t \odot (W_{hh}h_{t-1} + b'_h)) \\"
        r" h_t &= z_t \odot h_{t-1} + (1 - z_t) \odot \tilde{h}_t \end{aligned}"
    ),
    "gru_before": (
        r"\begin{aligned} z_t &= \sigma(W_{xz}x_t + W_{hz}h_{t-1} + b_z) \\"
        r" r_t &= \sigma(W_{xr}x_t + W_{hr}h_{t-1} + b_r) \\"
        r" \tilde{h}_t &= \tanh(W_{xh}x_t + W_{hh}(r_t \odot h_{t-1}) + b_h) \\"
        r" h_t &= z_t \odot h_{t-1} + (1 - z_t) \odot \tilde{h}_t \end{aligned}"
    ),
}
