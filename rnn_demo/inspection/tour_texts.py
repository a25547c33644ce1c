"""The words of the guided tour: (title, text) in English and Chinese, a chapter of the tutorial each.

The places in braces are filled with numbers of the network that is looked at.
"""

CHAPTERS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "rnn": (
        (
            "A network with a memory",
            "A recurrent network reads one symbol at a time and keeps a hidden state h between them. This "
            "one, {a_cell} of {layers} x {hidden} units, knows {vocab} symbols and has "
            "{parameters:,} weights. Just now it read “{symbol}”: of its state, unit {unit} went from "
            "{before:+.2f} to {after:+.2f}. The new state depends on what was read, as the numbers x, and on "
            "the old one; from it the output layer computes a score o for every symbol. That is all of "
            "the idea.",
        ),
        (
            "有记忆的网络",
            "循环网络一次读一个符号，并在符号之间保留隐藏状态 h。这个网络是 {layers} 层、每层 {hidden} 个单元的 {cell}，"
            "认识 {vocab} 个符号，共有 {parameters:,} 个参数。它刚刚读了“{symbol}”：状态里第 {unit} 个单元从 "
            "{before:+.2f} 变为 {after:+.2f}。新状态取决于读到的符号（表示为数 x）和旧状态；"
            "输出层再由它算出每个符号的得分 o。核心思想就是这些。",
        ),
    ),
    "unrolling": (
        (
            "The same step, over and over",
            "Written out in time, the network is a long chain: the same {parameters:,} weights at "
            "every step. Here it reads “{text}”, {steps} symbols, beginning with h = 0. The bars are "
            "unit {unit} after each of them: one number that is carried along and changed.",
        ),
        (
            "同一步，一遍又一遍",
            "按时间展开，网络就是一条长链：每一步用的都是同样的 {parameters:,} 个参数。这里它从 h = 0 开始，"
            "读入“{text}”，共 {steps} 个符号。下面是第 {unit} 个单元在每一步之后的值：一个数，被传下去，又被改写。",
        ),
    ),
    "loss": (
        (
            "What it is trained to do",
            "After each symbol the network gives every symbol a chance p to come next: softmax makes "
            "the scores into chances. The loss is the surprise at what did come, -log2 p, called "
            "cross-entropy; y is the symbol that came. Averaged over this text it is {mean:.2f} bits a "
            "symbol (a perplexity of {perplexity:.1f}); "
            "knowing nothing would cost log2 {vocab} = {uniform:.2f}. The worst was “{worst}” "
            "({worst_bits:.1f} bits), the best “{best}” ({best_bits:.2f}).",
        ),
        (
            "它被训练来做什么",
            "每读一个符号，网络就给下一个可能的符号各一个概率 p：softmax 把得分变成概率。"
            "损失是对真正出现的下一个符号 y 的意外程度 -log2 p，称为交叉熵。"
            "在这段文本上平均每符号 {mean:.2f} 比特（困惑度 {perplexity:.1f}）；一无所知则要 log2 {vocab} = {uniform:.2f} 比特。"
            "最意外的是“{worst}”（{worst_bits:.1f} 比特），最不意外的是“{best}”（{best_bits:.2f} 比特）。",
        ),
    ),
    "bptt": (
        (
            "Backpropagation through time",
            "To learn, the error at the end of the chain is carried back, step by step, and each step "
            "multiplies it by one more derivative (in an LSTM, h here means h and c together). For this "
            "network, trained, what reaches the symbol read one step back is {lag1} % of the gradient at "
            "the last one, {lag5} % five back and {lag10} % ten back. Every symbol's loss sends such a "
            "gradient back, and they are added up. {window}",
        ),
        (
            "随时间反向传播（BPTT）",
            "学习时，链条末端的误差一步一步往回传，每一步都再乘一个导数"
            "（对 LSTM，这里的 h 指 h 与 c 合在一起）。对这个训练好的网络，传到前一步所读符号的梯度"
            "是最后一步的 {lag1}%，五步之前是 {lag5}%，十步之前是 {lag10}%。"
            "每个符号的损失都这样往回传一份梯度，再相加。{window}",
        ),
    ),
    "descent": (
        (
            "Downhill, step by step",
            "The gradient says of each of the {parameters:,} weights which way the loss rises; gradient "
            "descent moves every weight a little the other way, and does it again with the next piece of "
            "text. How far it moves is set by the learning rate. Tried now on this text, where the loss is "
            "{before:.2f} bits: a single step at the rate {small:g} brings it to {small_bits:.2f}, the best "
            "of the rates below, {best:g}, to {best_bits:.2f}, and {large:g} to {large_bits:.2f}: a step can be too long. "
            "AdamW, used in training, gives each weight a rate of its own: it divides the mean of the "
            "gradients seen so far by how large they usually are. {rate}",
        ),
        (
            "一步一步往下走",
            "梯度说明 {parameters:,} 个参数中的每一个朝哪边动会使损失上升；梯度下降就让每个参数朝反方向动一点，"
            "再用下一段文本重复。动多少由学习率决定。现在就在这段文本上试（损失 {before:.2f} 比特）："
            "学习率 {small:g} 时走一步，损失变为 {small_bits:.2f}；下面最好的学习率 {best:g} 使它变为 {best_bits:.2f}；"
            "{large:g} 使它变为 {large_bits:.2f}：一步可能走得太远。训练时用的 AdamW 给每个参数自己的步长："
            "用至今梯度的平均值除以它通常的大小。{rate}",
        ),
    ),
    "vanishing": (
        (
            "Vanishing, exploding, clipping",
            "A product of many factors below 1 vanishes: 0.9 to the power of {lag} is {power:.3f}. Here, "
            "{lag} steps back, {ratio} of the gradient is left; in a plain RNN that has learned nothing {fresh}. "
            "Factors above 1 explode instead. The cure for that is crude and works: if the gradient is "
            "longer than {limit:g}, it is cut to that length. {clipping}",
        ),
        (
            "消失、爆炸与裁剪",
            "许多小于 1 的因子相乘就会消失：0.9 的 {lag} 次方是 {power:.3f}。这里相隔 {lag} 步还剩 {ratio}；"
            "在什么都没学过的普通 RNN 里剩 {fresh}。大于 1 的因子则会爆炸。办法简单而有效："
            "梯度长度超过 {limit:g} 时，就裁剪到这个长度。{clipping}",
        ),
    ),
    "lstm": (
        (
            "LSTM: gates that protect the memory",
            "The LSTM keeps a second state c, on which a forget gate f decides what share stays. What is "
            "kept is multiplied by f, not by a matrix: with f near 1 the gradient passes. An input gate i "
            "decides how much of the new content c̃ enters c, an output gate (here o) how much of c is "
            "shown as h. In a fresh network f is about sigmoid(b), b being its bias. In a fresh LSTM, at lag {lag}, b = 0 leaves {closed} of the "
            "gradient and b = 2 leaves {open}. {live}",
        ),
        (
            "LSTM：保护记忆的门",
            "LSTM 另有一个状态 c，由遗忘门 f 决定保留多少。保留的部分乘以 f，而不是乘以矩阵：f 接近 1，"
            "梯度就能通过。输入门 i 决定新内容 c̃ 进入 c 多少，输出门（这里的 o）决定 c 有多少显露为 h。"
            "在全新的网络里，f 约为 sigmoid(b)，b 是它的偏置。在全新的 LSTM 里，相隔 {lag} 步，b = 0 时梯度剩 {closed}，"
            "b = 2 时剩 {open}。{live}",
        ),
    ),
    "gru": (
        (
            "GRU: the same with fewer parts",
            "The GRU has no c. Its update gate z mixes the old state and a new one: z is the share that "
            "is kept (many textbooks write 1 - z for it); its reset gate r decides how much of the old state "
            "goes into the new proposal h̃. In a fresh GRU, at lag {lag}, a bias of 0 leaves "
            "{closed} of the gradient and a bias of 2 leaves {open}. {live}",
        ),
        (
            "GRU：更少的零件",
            "GRU 没有 c。更新门 z 把旧状态和新状态混合：这里 z 是保留的份额（许多教材写作 1 - z）；"
            "重置门 r 决定旧状态有多少参与新的候选状态 h̃。"
            "在全新的 GRU 里，相隔 {lag} 步，偏置为 0 时梯度剩 {closed}，偏置为 2 时剩 {open}。{live}",
        ),
    ),
    "sampling": (
        (
            "Writing",
            "To write, the network draws the next symbol from its own guesses, reads it, and goes on. "
            "After “{prompt}” its best guess is “{first}” with {chance} %. A temperature below 1 makes "
            "the likely likelier: the entropy of the draw is {cold:.2f} bits at 0.5, {plain:.2f} at 1, {hot:.2f} at 1.5. It "
            "goes on: “{text}”",
        ),
        (
            "写作",
            "写作时，网络从自己的预测里抽出下一个符号，读进去，再继续。在“{prompt}”之后，"
            "它最看好的是“{first}”，概率 {chance}%。温度小于 1 时，可能的更可能：温度 0.5 时熵为 {cold:.2f} 比特，"
            "1 时 {plain:.2f}，1.5 时 {hot:.2f}。它接着写：“{text}”",
        ),
    ),
}
ASIDES: dict[str, tuple[str, str]] = {
    "clipped": (
        "While this network was trained, {share} % of its updates were cut.",
        "这个网络训练时，有 {share}% 的更新被裁剪。",
    ),
    "unknown": ("", ""),
    "window": (
        "Training cuts the chain after {window} steps: truncated backpropagation through time, BPTT.",
        "训练时链条只回传 {window} 步，称为截断的随时间反向传播。",
    ),
    "rate": (
        "While this network was trained, its rate rose to {rate:g} and then fell to almost nothing.",
        "这个网络训练时，学习率先升到 {rate:g}，再降到几乎为零。",
    ),
    "live.lstm": (
        "In this very network f is above 0.9 in {open} % of all cases.",
        "在眼前这个网络里，f 有 {open}% 的时候大于 0.9。",
    ),
    "live.gru": (
        "In this very network z is above 0.9 in {open} % of all cases.",
        "在眼前这个网络里，z 有 {open}% 的时候大于 0.9。",
    ),
    "other": (
        "This network is {a_cell}, so these numbers come from one made for the comparison.",
        "眼前的网络是 {cell}，所以这些数来自为比较而新造的网络。",
    ),
}
PLAIN = {  # the equations as text, for where no formulas can be set
    "rnn": "hₜ = f(xₜ, hₜ₋₁)     oₜ = W hₜ + b",
    "unrolling": "h₀ = 0     hₜ = f(xₜ, hₜ₋₁; θ),  t = 1 … T",
    "loss": "pₜ = softmax(oₜ)     L = -1/T Σₜ log₂ pₜ(yₜ)",
    "bptt": "∂Lₜ/∂xₜ₋ₖ = ∂Lₜ/∂hₜ · ∂hₜ/∂hₜ₋₁ · … · ∂hₜ₋ₖ₊₁/∂hₜ₋ₖ · ∂hₜ₋ₖ/∂xₜ₋ₖ",
    "descent": "θ ← θ - η ∇L",
    "vanishing": "∇L ← ∇L · min(1, λ / ‖∇L‖)",
    "lstm": "cₜ = fₜ ⊙ cₜ₋₁ + iₜ ⊙ c̃ₜ     hₜ = oₜ ⊙ tanh(cₜ)",
    "gru": "hₜ = zₜ ⊙ hₜ₋₁ + (1 - zₜ) ⊙ h̃ₜ",
    "sampling": "sₜ₊₁ ~ softmax(oₜ / τ)     hₜ₊₁ = f(xₜ₊₁, hₜ)",
}
EQUATIONS = {
    "rnn": r"h_t = f(x_t, h_{t-1}), \qquad o_t = W h_t + b",
    "unrolling": r"h_0 = 0, \qquad h_t = f(x_t, h_{t-1}; \theta), \quad t = 1, \dots, T",
    "loss": r"p_t = \mathrm{softmax}(o_t), \qquad L = -\frac{1}{T} \sum_{t=1}^{T} \log_2 p_t(y_t)",
    "bptt": (
        r"\frac{\partial L_T}{\partial x_{T-k}} = \frac{\partial L_T}{\partial h_T}"
        r"\left(\prod_{t=T-k+1}^{T} \frac{\partial h_t}{\partial h_{t-1}}\right)"
        r"\frac{\partial h_{T-k}}{\partial x_{T-k}}"
    ),
    "descent": r"\theta \leftarrow \theta - \eta \, \nabla_{\theta} L",
    "vanishing": r"\nabla L \leftarrow \nabla L \cdot \min\left(1, \frac{\lambda}{\|\nabla L\|}\right)",
    "lstm": r"c_t = f_t \odot c_{t-1} + i_t \odot \tilde{c}_t, \qquad h_t = o_t \odot \tanh(c_t)",
    "gru": r"h_t = z_t \odot h_{t-1} + (1 - z_t) \odot \tilde{h}_t",
    "sampling": r"s_{t+1} \sim \mathrm{softmax}(o_t / \tau), \qquad h_{t+1} = f(x_{t+1}, h_t)",
}
