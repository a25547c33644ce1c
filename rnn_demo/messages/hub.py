"""Troubles with the Hub: what happened, and what to do. A kind of trouble is a key below hub."""

MESSAGES: dict[str, tuple[str, str]] = {
    # -- who you are
    "hub.no_token": (
        "You are not signed in. Sign in, or give an access token with write access from "
        "{endpoint}/settings/tokens.",
        "你还没有登录。请登录，或到 {endpoint}/settings/tokens 创建有写权限的访问令牌。",
    ),
    "hub.bad_token": (
        "The Hub does not know this token: it is mistyped, expired or revoked. Make a new "
        "one at {endpoint}/settings/tokens and sign in again.",
        "Hub 不认识这个令牌：可能输错、过期或已撤销。请到 {endpoint}/settings/tokens 新建令"
        "牌后重新登录。",
    ),
    "hub.read_only": (
        "This token may read but not write. Make a token with write access at "
        "{endpoint}/settings/tokens.",
        "这个令牌只能读，不能写。请到 {endpoint}/settings/tokens 创建有写权限的令牌。",
    ),
    "hub.scope": (
        "You are signed in, but this sign-in may not write to {repo}. Sign in again and "
        "allow it to contribute to repositories, or choose a new name.",
        "你已登录，但本次登录无权写入 {repo}。请重新登录并允许写入仓库，或换一个新名字。",
    ),
    "hub.rights": (
        "You may not create anything under {namespace}. Choose your own name or an "
        "organization in which you may write.",
        "你不能在 {namespace} 下创建仓库。请使用自己的名字，或你有写权限的组织。",
    ),
    "hub.not_yours": (
        "{repo} belongs to somebody else. You can offer your model as a pull request: tick "
        "“Open a pull request” (on the command line: --pull-request).",
        "{repo} 属于别人。你可以以合并请求的方式提交：勾选“提交合并请求”（命令行：--pull-re"
        "quest）。",
    ),
    # -- what you asked for
    "hub.name": (
        "“{name}” is not a name the Hub takes. Write user/name with letters, digits, -, _ "
        "and . (no -- and no .., at most 96 characters in all).",
        "Hub 不接受名称“{name}”。请写成“用户/名称”，只用字母、数字、-、_ 和 .（不能有 -- 或"
        " ..，总长不超过 96）。",
    ),
    "hub.name_taken": (
        "{repo} already holds something that rnn-demo did not make. Choose another name, "
        "so that nothing of it is overwritten.",
        "{repo} 里已有不是 rnn-demo 生成的内容。请换一个名字，以免覆盖。",
    ),
    "hub.other_kind": (
        "{repo} is a Space of another kind ({sdk}). Choose another name, so that nothing "
        "of it is overwritten.",
        "{repo} 是另一种类型的 Space（{sdk}）。请换一个名字，以免覆盖。",
    ),
    "hub.license": (
        "Choose a license first. You decide, and the rights to your text decide with you; "
        "“other” and “unknown” are possible answers.",
        "请先选择许可证。由你决定，还须顾及原文的版权；也可以选 other 或 unknown。",
    ),
    "hub.card": (
        "The Hub does not accept the head of the model card: {detail} Change it, push again.",
        "Hub 不接受模型卡的头部：{detail} 请修改后再推送。",
    ),
    "hub.plan": (
        "The Hub asks for a paid plan for this: free accounts cannot host a Gradio Space "
        "on plain CPUs (answer 402). Publish the static demo instead: it is free, and runs "
        "the network in the visitor's browser.",
        "Hub 要求付费方案（402）：免费账户不能在普通 CPU 上托管 Gradio Space。请改为发布静"
        "态演示：免费，网络在访客的浏览器中运行。",
    ),
    "hub.not_private": (
        "{repo} is public. Autosave writes only to a private repository, because it also "
        "saves what is needed to go on training. Choose another name.",
        "{repo} 是公开的。自动保存只写入私有仓库，因为其中有继续训练所需的一切。请换一个名字。",
    ),
    # -- what is there
    "hub.missing": (
        "There is no {repo} that you can see: it does not exist, or it is private and "
        "belongs to somebody else. Check the name, or sign in with an account that may see "
        "it.",
        "看不到 {repo}：它不存在，或是别人的私有仓库。请检查名称，或用有权限的账户登录。",
    ),
    "hub.gated": (
        "{repo} is open only to people whom its owner lets in. Ask for access at "
        "{endpoint}/{repo}, then load it again.",
        "{repo} 需要所有者批准才能访问。请到 {endpoint}/{repo} 申请，然后再加载。",
    ),
    "hub.revision": (
        "{repo} has no revision “{revision}”. Leave it out to get the newest.",
        "{repo} 没有版本“{revision}”。不写版本即为最新。",
    ),
    "hub.file": (
        "{repo} no longer has a file that it listed a moment ago. Try again.",
        "{repo} 中刚才还列出的文件不见了。请重试。",
    ),
    "hub.foreign": (
        "{repo} is not a model that rnn-demo can load: {detail} A model of this kind has "
        "config.json, model.safetensors and a tokenizer; pickled weights are never opened.",
        "rnn-demo 无法加载 {repo}：{detail} 这类模型包含 config.json、model.safetensors 和"
        "分词器；pickle 权重一律不打开。",
    ),
    "hub.too_big": (
        "{file} in {repo} has {size}; at most {limit} are loaded.",
        "{repo} 的 {file} 有 {size}；最多加载 {limit}。",
    ),
    "hub.damaged": (
        "{file} of {repo} arrived damaged: its SHA-256 is not the one the Hub lists. "
        "Nothing of it was kept. Try again.",
        "{repo} 的 {file} 下载后已损坏：SHA-256 与 Hub 所列不符。没有保留任何内容，请重试。",
    ),
    "hub.sent_damaged": (
        "The Hub lists another SHA-256 for {file} than the one that was sent. Push again; "
        "only what differs is sent.",
        "Hub 列出的 {file} 的 SHA-256 与发送的不同。请再推送一次，只会发送有差别的部分。",
    ),
    # -- who came first
    "hub.conflict": (
        "The Hub is still busy with another change to {repo} (answer 409). Wait a moment "
        "and push again.",
        "Hub 还在处理 {repo} 的另一项更改（409）。请稍后再推送。",
    ),
    "hub.moved": (
        "Somebody changed {repo} while you were pushing, several times in a row (answer "
        "412). Nothing of theirs was overwritten. Look at it, then push again.",
        "推送时有人多次修改了 {repo}（412）。没有覆盖任何人的内容。请查看后再推送。",
    ),
    # -- the way there
    "hub.rate": (
        "The Hub asks for a pause of {wait} (too many requests, answer 429). Nothing is "
        "lost: do it again after that.",
        "请求过多（429），Hub 要求等待 {wait}。没有丢失任何内容，请稍后再试。",
    ),
    "hub.server": (
        "The Hub has a problem of its own (answer {status}). Nothing is lost: try again in "
        "a few minutes, and see status.huggingface.co.",
        "Hub 自身出了问题（{status}）。没有丢失任何内容，请几分钟后再试，或查看 status.hugg"
        "ingface.co。",
    ),
    "hub.connection": (
        "The connection to the Hub broke off, again and again. Nothing is lost: try again "
        "when the network is steadier.",
        "与 Hub 的连接一再中断。没有丢失任何内容，请在网络稳定后再试。",
    ),
    "hub.offline": (
        "The Hub cannot be reached. Check the network; everything but the Hub works without it.",
        "无法连接 Hub。请检查网络；除 Hub 以外的一切都可以正常使用。",
    ),
    "hub.offline_mode": (
        "This machine is set to stay off the Hub (HF_HUB_OFFLINE). Unset it to push and "
        "pull; everything else works without.",
        "本机设置为不访问 Hub（HF_HUB_OFFLINE）。取消该设置才能推送和加载。",
    ),
    "hub.stalled": (
        "The Hub took the request but did not answer. Nothing is lost: try again later.",
        "Hub 收到了请求，但没有回应。没有丢失任何内容，请稍后再试。",
    ),
    "hub.plan.other": (
        "The autosave's plan speaks of another network than the one beside it.",
        "这个自动保存的计划与旁边的网络不一致。",
    ),
    "hub.deadline": (
        "It was not done within {seconds} seconds, so it was stopped. Doing it again is safe: what "
        "was to be sent is on the Hub either whole or not at all, and is never sent twice.",
        "未能在 {seconds} 秒内完成，已停止。重新操作是安全的：要发送的内容要么已完整在 Hub 上，"
        "要么完全没有，不会重复发送。",
    ),
    "hub.disk": (
        "The disk of this machine is full: {detail}. Free some space and try again.",
        "本机磁盘已满：{detail}。请腾出空间后再试。",
    ),
    "hub.unknown": (
        "The Hub answered in a way this program does not know ({detail}). Try again; if it "
        "stays like this, tell the makers of rnn-demo.",
        "Hub 的回应无法识别（{detail}）。请重试；若一直如此，请告知 rnn-demo 的作者。",
    ),
    # -- why a repository is not a model of ours, or an autosave
    "hub.no.config": ("it has no config.json.", "其中没有 config.json。"),
    "hub.no.weights": ("it has no model.safetensors.", "其中没有 model.safetensors。"),
    "hub.only.pickled": ("it has only {file}.", "其中只有 {file}。"),
    "hub.no.run": (
        "it is a finished model, not the autosave of a run.",
        "它是训练好的模型，不是某次训练的自动保存。",
    ),
    # -- what stands in the place of a value that is not known
    "hub.some.repo": ("the repository", "这个仓库"),
    "hub.some.namespace": ("that name", "该名称"),
    "hub.some.file": ("A file", "有一个文件"),
    "hub.some.wait": ("a while", "一段时间"),
    "hub.some.detail": ("no detail was given", "没有给出细节"),
    # -- how long to wait
    "hub.wait.hours": ("{count} hours", "{count} 小时"),
    "hub.wait.minutes": ("{count} minutes", "{count} 分钟"),
    "hub.wait.seconds": ("{count} seconds", "{count} 秒"),
    "hub.wait.second": ("1 second", "1 秒"),
}
