"""Words of the whole page."""

TEXTS: dict[str, tuple[str, str]] = {
    "tab.text": ("1 Text", "1 文本"),
    "tab.train": ("2 Train", "2 训练"),
    "tab.write": ("3 Write", "3 写作"),
    "tab.look": ("Look inside", "看看内部"),
    "tab.share": ("Share", "分享"),
    "tab.runs": ("Runs", "历次训练"),
    "common.upload": ("Upload", "上传"),  # Gradio asks for it, and has it in no language
    "common.complete": ("complete", "完成"),  # likewise
    "js.gradio.reset": ("Reset to default value", "恢复默认值"),
    "js.gradio.close": ("Close", "关闭"),
    "js.gradio.lost": (
        "Lost contact with the server. Trying again.",
        "与服务器失去联系，正在重试。",
    ),
    "js.gradio.error": ("This did not work", "没有成功"),
    "js.gradio.upload": ("Click to upload or drop files", "点击上传或拖入文件"),
    "login": (
        "rnn-demo trains and runs small neural networks that write. Whoever shared this link has "
        "the user name and the password.",
        "rnn-demo 用来训练会写文字的小型神经网络。分享这个链接的人有用户名和密码。",
    ),
    "auto": ("auto", "自动"),
    "any": ("any", "任意"),
    "js.strip.light": ("Light", "浅色"),
    "js.strip.dark": ("Dark", "深色"),
    "js.strip.cpu": ("CPU, {threads} threads", "CPU，{threads} 线程"),
    "js.strip.kept": ("kept on this computer", "保存在本机"),
    "js.strip.kept.server": ("kept on this server", "保存在服务器上"),
    "js.strip.temporary": ("temporary: lost on restart", "临时：重启后丢失"),
    "js.strip.unnamed": ("a run", "训练"),
    "js.strip.idle": ("nothing is training", "当前没有训练"),
}
