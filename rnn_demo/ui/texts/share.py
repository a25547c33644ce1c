"""Words of the Share tab."""

TEXTS: dict[str, tuple[str, str]] = {
    "share.title": ("### Push to the Hugging Face Hub", "### 推送到 Hugging Face Hub"),
    "share.model": ("Model", "模型"),
    "share.account.none": (
        "Not signed in. Paste an access token with write access from "
        "[huggingface.co/settings/tokens](https://huggingface.co/settings/tokens){login}. "
        "It stays in this page and is written nowhere.",
        "尚未登录。请粘贴有写权限的访问令牌，来自 "
        "[huggingface.co/settings/tokens](https://huggingface.co/settings/tokens){login}。"
        "它只留在本页，不会写到任何地方。",
    ),
    "share.account.login": (
        ", or run `hf auth login` on this computer and reload",
        "，或在本机运行 `hf auth login` 后刷新",
    ),
    "share.account.space": (
        "Not signed in. Sign in to push to your own account; only repositories made here are "
        "touched.",
        "尚未登录。登录后即可推送到你自己的账户；只会改动在此创建的仓库。",
    ),
    "share.account.as": (
        "Signed in as **{user}** ({source}). Pushes go to {places}.",
        "已登录为 **{user}**（{source}）。将推送到 {places}。",
    ),
    "share.source.oauth": ("through this Space", "通过本 Space"),
    "share.source.typed": ("by the token below", "用下面的令牌"),
    "share.source.machine": ("this computer's login", "本机的登录"),
    "share.read.only": (
        "This token can only read: pushing needs one with write access.",
        "这个令牌只能读：推送需要写权限。",
    ),
    "share.token": ("Access token", "访问令牌"),
    "share.check": ("Sign in", "登录"),
    "share.space.name": ("Account", "账户"),
    "share.name": ("Repository", "仓库名"),
    "share.seen": ("Who can see it", "谁可以看到"),
    "share.private": ("only me", "仅自己"),
    "share.public": ("everybody", "所有人"),
    "share.license": ("License", "许可证"),
    "share.license.info": (
        "Yours to choose; the rights to the text count, too.",
        "由你选择；还须顾及原文的版权。",
    ),
    "share.language": ("Language of the text", "文本语言"),
    "share.language.info": ("ISO code: en, zh, fr …", "ISO 代码：en、zh、fr 等"),
    "share.more": ("More", "更多"),
    "share.headline": ("Title of the card", "模型卡标题"),
    "share.headline.info": ("Empty: the name of the run.", "留空则用训练名称。"),
    "share.pull.request": ("Open a pull request", "提交合并请求"),
    "share.pull.request.info": (
        "For a repository of somebody else.",
        "用于别人的仓库。",
    ),
    "share.include": ("Include my training text", "包含我的训练文本"),
    "share.include.info": (
        "Off: nobody gets the text, only what the network learned of it.",
        "不勾选：别人得不到文本，只能得到网络学到的内容。",
    ),
    "share.preview": ("Preview", "预览"),
    "share.push": ("Push", "推送"),
    "share.zip": ("Download as zip", "下载 zip"),
    "share.preview.title": ("### What will be sent", "### 将要发送的内容"),
    "share.preview.hint": (
        "Press Preview to see every file and the card before anything is sent.",
        "点击“预览”，在发送之前查看所有文件和模型卡。",
    ),
    "share.files": (
        "{count} files, {size}, to **{repo}** ({seen}). {state}",
        "{count} 个文件，{size}，发送到 **{repo}**（{seen}）。{state}",
    ),
    "share.state.new": ("It will be created.", "将新建仓库。"),
    "share.state.update": (
        "It is there already: only what differs is sent, and what you wrote into its card "
        "yourself is kept.",
        "仓库已存在：只发送有差别的部分，你自己写入模型卡的文字会保留。",
    ),
    "share.state.taken": (
        "**Careful:** that repository holds something that rnn-demo did not make. Choose "
        "another name.",
        "**注意：**该仓库中有不是 rnn-demo 生成的内容，请换一个名字。",
    ),
    "share.state.others": (
        "It belongs to somebody else: “Open a pull request” is ticked now, and its owner decides.",
        "它属于别人：已勾选“提交合并请求”，由所有者决定是否接受。",
    ),
    "share.page": ("Download as one HTML page", "下载为单个 HTML 页面"),
    "share.save.none": (
        "This run has no checkpoint of its own, so there was nothing to save.",
        "这次训练没有自己的检查点，没有可保存的内容。",
    ),
    "share.card": ("The card", "模型卡"),
    "share.card.source": ("Its source", "源文本"),
    "share.phase.working": ("Putting the files together …", "正在整理文件…"),
    "share.phase.looking": ("Looking at what is there …", "正在查看现有内容…"),
    "share.phase.creating": ("Creating the repository …", "正在创建仓库…"),
    "share.phase.sending": (
        "Sending {size} (files: {files}) …",
        "正在发送 {size}（{files} 个文件）…",
    ),
    "share.phase.fetching": (
        "Fetching {size} (files: {files}) …",
        "正在获取 {size}（{files} 个文件）…",
    ),
    "share.phase.checking": ("Comparing every SHA-256 …", "正在核对 SHA-256…"),
    "share.phase.waiting": (
        "The Hub is busy; trying again in {seconds} s …",
        "Hub 繁忙，{seconds} 秒后重试…",
    ),
    "share.limit": ("{passed} s of at most {seconds} s.", "已用 {passed} 秒，最多 {seconds} 秒。"),
    "share.done": (
        "**Done: [{repo}]({url})** ({seen}), commit `{commit}`.",
        "**完成：[{repo}]({url})**（{seen}），提交 `{commit}`。",
    ),
    "share.done.same": (
        "**[{repo}]({url})** ({seen}) is up to date: nothing differs, nothing was sent.",
        "**[{repo}]({url})**（{seen}）已是最新：没有差别，什么也没有发送。",
    ),
    "share.done.request": (
        "**Done: [pull request]({url})** for {repo}. Its owner decides.",
        "**完成：[合并请求]({url})**（针对 {repo}）。由所有者决定是否接受。",
    ),
    "share.use": (
        "Anyone who may see it can now load it:",
        "有权限的人现在都可以加载它：",
    ),
    "share.offer": (
        "**{repo} belongs to somebody else.** You can offer your model to its owner: “Open a pull "
        "request” is ticked now, so press Push again. Nothing has been sent so far.",
        "**{repo} 属于别人。**你可以把模型提交给所有者：已勾选“提交合并请求”，请再次点击“推送”。"
        "目前什么也没有发送。",
    ),
    "share.kept": (
        "Everything stays here: try again, or download it as a zip.",
        "所有内容都保留在此：可以重试，或下载 zip。",
    ),
    "share.demo": ("### Publish a demo anyone can open", "### 发布任何人都能打开的演示"),
    "share.demo.hint": (
        "A page of its own that runs this network in the visitor's browser: free, no server. "
        "Everybody can open it, and it contains the network.",
        "一个独立网页，在访客的浏览器中运行这个网络：免费，无需服务器。"
        "所有人都能打开，其中包含该网络。",
    ),
    "share.demo.kind": ("What", "类型"),
    "share.demo.static": ("One page (free)", "单页（免费）"),
    "share.demo.gradio": ("This whole app (PRO)", "整个应用（PRO）"),
    "share.demo.name": ("Name of the Space", "Space 名称"),
    "share.demo.go": ("Publish demo", "发布演示"),
    "share.demo.done": (
        "**Published: [{repo}]({url})**. The Hub shows it within a minute.",
        "**已发布：[{repo}]({url})**。一分钟内即可在 Hub 上看到。",
    ),
    "share.load": ("### Load a model from the Hub", "### 从 Hub 加载模型"),
    "share.load.short": ("From the Hugging Face Hub", "来自 Hugging Face Hub"),
    "share.load.hint": (
        "Any model made with rnn-demo: it is verified, then you can write with it, look inside "
        "it, or train it further.",
        "任何用 rnn-demo 制作的模型：验证后可用于写作、查看内部或继续训练。",
    ),
    "share.load.name": ("user/name, or user/name@revision", "用户/名称，或 用户/名称@版本"),
    "share.load.go": ("Load", "加载"),
    "share.load.done": (
        "**{repo}** is loaded and verified: {weights} weights. It is selected in Write and in "
        "Look inside.",
        "**{repo}** 已加载并验证：{weights} 个参数。写作和查看内部已选中它。",
    ),
    "share.save": ("### Autosave a long run", "### 自动保存长时间训练"),
    "share.save.hint": (
        "Keeps the newest checkpoint in a private repository of yours, so that training can go "
        "on elsewhere, to the bit. It ends when the run rests.",
        "把最新检查点保存到你的私有仓库，以便在别处精确地继续训练。训练停止时结束。",
    ),
    "share.save.temporary": (
        "This server forgets its disk when it restarts: a long run should be saved.",
        "本服务器重启后会丢失磁盘内容：长时间训练应当保存。",
    ),
    "share.save.name": ("Private repository", "私有仓库"),
    "share.save.every": ("Every … minutes", "每隔…分钟"),
    "share.save.include": ("Save my text, too", "同时保存我的文本"),
    "share.save.include.info": (
        "Without it, going on needs the same text again.",
        "不保存的话，继续训练时需再次提供同样的文本。",
    ),
    "share.save.start": ("Start autosave", "开始自动保存"),
    "share.save.stop": ("Stop autosave", "停止自动保存"),
    "share.save.running": (
        "Autosave to **{repo}** every {minutes} min. {last}",
        "每 {minutes} 分钟自动保存到 **{repo}**。{last}",
    ),
    "share.save.first": ("The first save is under way.", "正在进行第一次保存。"),
    "share.save.last": ("Last saved: step {step}.", "上次保存：第 {step} 步。"),
    "share.save.ended": (
        "The run rests; autosave has ended. {last}",
        "训练已停止，自动保存结束。{last}",
    ),
    "share.restore": ("Go on with an autosave", "从自动保存继续"),
    "share.restore.go": ("Restore", "恢复"),
    "share.restore.hint": (
        "If it was saved without its text, choose that text in tab 1 first.",
        "如果保存时没有包含文本，请先在第 1 页选择该文本。",
    ),
    "share.restore.done": (
        "**{repo}** is restored at step {step}. Resume it in tab 2.",
        "**{repo}** 已恢复到第 {step} 步。请在第 2 页继续。",
    ),
}
