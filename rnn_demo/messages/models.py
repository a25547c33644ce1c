"""Models from a folder or the Hub, and pages made of them."""

MESSAGES: dict[str, tuple[str, str]] = {
    "model.nothing": (
        "There is neither a run nor a model in {path}.",
        "{path} 中既没有训练，也没有模型。",
    ),
    "model.foreign": (
        "This is not a model that rnn-demo can load: {why}. A model of this kind has "
        "config.json, model.safetensors and tokenizer.json or tokenizer.model.",
        "这不是 rnn-demo 能加载的模型：{why}。这类模型包含 config.json、model.safetensors，"
        "以及 tokenizer.json 或 tokenizer.model。",
    ),
    "model.lacks.config": ("it has no config.json", "缺少 config.json"),
    "model.lacks.weights": (
        "it has no model.safetensors; other formats of weights are never opened",
        "缺少 model.safetensors；其他格式的权重一律不打开",
    ),
    "model.lacks.tokenizer": (
        "its tokenizer, {name}, is missing",
        "缺少分词器 {name}",
    ),
    "model.architecture": (
        "its config.json does not name the architecture {name}",
        "config.json 中的架构不是 {name}",
    ),
    "model.version": (
        "config.json: schema_version must be a number, not {value!r}.",
        "config.json：schema_version 须是数字，而不是 {value!r}。",
    ),
    "model.newer": (
        "This model was made by a newer version of rnn-demo (format {version}, this version "
        "reads up to {most}). Update rnn-demo, then load it again.",
        "这个模型来自更新版本的 rnn-demo（格式 {version}，本版本最多读到 {most}）。"
        "请更新 rnn-demo 后再加载。",
    ),
    "model.heavy": (
        "The model would have {count:,} weights; the most that is loaded is {most:,}. Check "
        "hidden_size, layers and vocab_size in config.json.",
        "这个模型会有 {count:,} 个参数；最多加载 {most:,} 个。请检查 config.json 中的 "
        "hidden_size、layers 和 vocab_size。",
    ),
    "model.length": (
        "model.safetensors has {size:,} bytes; the {count:,} weights that config.json describes "
        "take {wanted:,} and a short header.",
        "model.safetensors 有 {size:,} 字节；config.json 描述的 {count:,} 个参数应占 {wanted:,} "
        "字节，外加很短的文件头。",
    ),
    "model.kind": (
        "config.json: the kind of tokenizer {kind!r} is not known.",
        "config.json：不认识分词器类型 {kind!r}。",
    ),
    "model.digest": (
        "{name} is not the file that config.json was written for: its SHA-256 differs. Download "
        "or export the model again.",
        "{name} 与 config.json 不符：SHA-256 不同。请重新下载或导出模型。",
    ),
    "model.size": (
        "{name} has {size:,} bytes; at most {limit:,} are read.",
        "{name} 有 {size:,} 字节；最多读取 {limit:,} 字节。",
    ),
    "page.heavy": (
        "A page with {count:,} weights would be too heavy for a browser; at most {most:,} fit. "
        "Share the zip instead.",
        "含 {count:,} 个参数的网页对浏览器太重；最多 {most:,} 个。请改为分享 zip。",
    ),
    "page.large": (
        "The page would have {size:.0f} MB; a demo in the browser can have at most {most:.0f} MB. "
        "Share a smaller network, or the model only.",
        "这个网页会有 {size:.0f} MB；浏览器演示最多 {most:.0f} MB。请分享更小的网络，或只分享模型。",
    ),
    "page.files": (
        "The app's own files ({names}) are not beside the package. Publish from the project's "
        "folder, or publish the static demo.",
        "程序包旁边缺少应用自己的文件（{names}）。请在项目文件夹中发布，或发布静态演示。",
    ),
    "folder.there": (
        "{folder} is there already. Choose another folder.",
        "{folder} 已经存在。请选择别的文件夹。",
    ),
    "autosave.minutes": (
        "Give 1 to 1440 minutes, not {value}.",
        "请填 1 到 1440 分钟，而不是 {value}。",
    ),
    "autosave.early": (
        "This run has no checkpoint yet; the first comes within seconds.",
        "它还没有检查点；第一个几秒后就有。",
    ),
    "autosave.kind": (
        "The autosave holds a checkpoint of an unknown kind.",
        "自动保存中的检查点类型未知。",
    ),
    "autosave.textless": (
        "This run was saved without its text. Give the same text again (on the command line: "
        "--text FILE); its SHA-256 must be {digest}.",
        "保存时没有包含文本。请再次提供同样的文本（命令行：--text 文件）；"
        "它的 SHA-256 须为 {digest}。",
    ),
    "autosave.text": (
        "This is not the text that the run was trained on: its SHA-256 is another than {digest}.",
        "这不是训练时用的文本：SHA-256 不是 {digest}。",
    ),
}
