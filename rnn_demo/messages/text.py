"""Texts, their encodings, and vocabularies."""

MESSAGES: dict[str, tuple[str, str]] = {
    "corpus.none": (
        "Choose a text first: tab 1.",
        "请先在第 1 页选择文本。",
    ),
    "corpus.unreadable": (
        "{path} cannot be read: {reason}.",
        "无法读取 {path}：{reason}。",
    ),
    "corpus.empty": ("The text is empty.", "文本是空的。"),
    "corpus.one": ("{name}: {reason}", "{name}：{reason}"),
    "corpus.blank": ("The text holds nothing but blanks.", "文本只有空白。"),
    "corpus.short": (
        "The text has {count:,} characters; at least {least} are needed to learn anything, and "
        "tens of thousands to learn something worth reading.",
        "文本只有 {count:,} 个字符；至少要有 {least} 个才能学到东西，要学出可读的内容，最好有几万个。",
    ),
    "corpus.uniform": (
        "The text repeats one character; there is nothing to learn.",
        "文本只是重复同一个字符，没有可学的内容。",
    ),
    "corpus.sample": (
        "There is no sample {name!r}; there are {known}.",
        "没有内置文本 {name!r}；可用的有 {known}。",
    ),
    "corpus.reference": (
        "This Python comes without its reference.",
        "这个 Python 没有附带参考手册。",
    ),
    "corpus.source": (
        "This Python comes without the source of its standard library.",
        "这个 Python 没有附带标准库源代码。",
    ),
    "corpus.binary": ("This is not a text but {kind}.", "这不是文本，而是{kind}。"),
    "corpus.control": (
        "This looks like binary data, not text: {share:.1%} of it are control characters.",
        "这看起来是二进制数据而不是文本：其中 {share:.1%} 是控制字符。",
    ),
    "corpus.encoding": (
        "{encoding!r} is not an encoding that Python knows.",
        "{encoding!r} 不是 Python 认识的编码。",
    ),
    "corpus.tokens": (
        "A text to train on needs at least 2 symbols, not {count}.",
        "训练文本至少要有 2 个符号，而不是 {count} 个。",
    ),
    # what a binary file is
    "kind.pdf": (
        "a PDF document; copy its text, or save it as plain text",
        " PDF 文档；请复制其中的文字，或另存为纯文本",
    ),
    "kind.rtf": ("an RTF document; save it as plain text", " RTF 文档；请另存为纯文本"),
    "kind.zip": ("a ZIP archive", " ZIP 压缩包"),
    "kind.zip.empty": ("an empty ZIP archive", "空的 ZIP 压缩包"),
    "kind.office": (
        "an old Word or Excel document; save it as plain text",
        "旧版 Word 或 Excel 文档；请另存为纯文本",
    ),
    "kind.gzip": ("a GZIP archive; unpack it first", " GZIP 压缩文件；请先解压"),
    "kind.xz": ("an XZ archive; unpack it first", " XZ 压缩文件；请先解压"),
    "kind.7z": ("a 7-Zip archive; unpack it first", " 7-Zip 压缩包；请先解压"),
    "kind.zstd": ("a Zstandard archive; unpack it first", " Zstandard 压缩文件；请先解压"),
    "kind.bzip2": ("a BZIP2 archive; unpack it first", " BZIP2 压缩文件；请先解压"),
    "kind.rar": ("a RAR archive; unpack it first", " RAR 压缩包；请先解压"),
    "kind.tar": ("a TAR archive; unpack it first", " TAR 归档文件；请先解包"),
    "kind.png": ("a PNG image", " PNG 图像"),
    "kind.jpeg": ("a JPEG image", " JPEG 图像"),
    "kind.tiff": ("a TIFF image", " TIFF 图像"),
    "kind.bmp": ("a BMP image", " BMP 图像"),
    "kind.gif": ("a GIF image", " GIF 图像"),
    "kind.linux": ("a Linux program", " Linux 程序"),
    "kind.macos": ("a macOS program", " macOS 程序"),
    "kind.java": ("a Java class or macOS program", " Java 类文件或 macOS 程序"),
    "kind.windows": ("a Windows program (EXE)", " Windows 程序（EXE）"),
    "kind.wasm": ("a WebAssembly program", " WebAssembly 程序"),
    "kind.sqlite": ("an SQLite database", " SQLite 数据库"),
    "kind.hdf5": ("an HDF5 file", " HDF5 文件"),
    "kind.numpy": ("a NumPy array", " NumPy 数组"),
    "kind.pickle": ("a Python pickle", " Python pickle 文件"),
    "kind.parquet": ("a Parquet table", " Parquet 表格"),
    "kind.riff": ("a WAV, AVI or WebP file", " WAV、AVI 或 WebP 文件"),
    "kind.mp3": ("an MP3 recording", " MP3 录音"),
    "kind.ogg": ("an Ogg recording", " Ogg 录音"),
    "kind.flac": ("a FLAC recording", " FLAC 录音"),
    "kind.film": ("an MP4 or QuickTime film", " MP4 或 QuickTime 视频"),
    "kind.kindle": ("a Kindle book", " Kindle 电子书"),
    "kind.docx": (
        "a Word document (DOCX); save it as plain text",
        " Word 文档（DOCX）；请另存为纯文本",
    ),
    "kind.xlsx": ("an Excel table (XLSX); save it as CSV", " Excel 表格（XLSX）；请另存为 CSV"),
    "kind.pptx": (
        "a PowerPoint file (PPTX); copy its text",
        " PowerPoint 文件（PPTX）；请复制其中的文字",
    ),
    "kind.odt": (
        "an OpenDocument text (ODT); save it as plain text",
        " OpenDocument 文档（ODT）；请另存为纯文本",
    ),
    "kind.epub": (
        "an EPUB book; convert it to plain text",
        " EPUB 电子书；请转换为纯文本",
    ),
    # what was found or changed
    "note.mark": (
        "The file begins with a byte order mark of {encoding}, which is not kept.",
        "文件以 {encoding} 的字节顺序标记开头，已去掉。",
    ),
    "note.unmarked": (
        "Read as {encoding}, although the file has no byte order mark. Check the preview.",
        "文件没有字节顺序标记，按 {encoding} 读取。请检查预览。",
    ),
    "note.guess": (
        "Read as {encoding}, a guess: the file is not UTF-8. Check the preview.",
        "文件不是 UTF-8，猜测为 {encoding}。请检查预览。",
    ),
    "note.undecoded": (
        "{count:,} places could not be read as {encoding} and became {sign}.",
        "有 {count:,} 处无法按 {encoding} 读取，已替换为 {sign}。",
    ),
    "note.utf8": (
        "{count:,} places are not valid UTF-8 and became {sign}.",
        "有 {count:,} 处不是有效的 UTF-8，已替换为 {sign}。",
    ),
    "note.lines": (
        "{count:,} line ends (CRLF or CR) became LF.",
        "{count:,} 个换行符（CRLF 或 CR）已改为 LF。",
    ),
    "note.nul": (
        "{count:,} NUL characters became {sign}.",
        "{count:,} 个 NUL 字符已替换为 {sign}。",
    ),
    "note.surrogates": (
        "{count:,} lone halves of characters (surrogates) became {sign}.",
        "{count:,} 个不成对的代理码位已替换为 {sign}。",
    ),
    "note.rare": (
        "{count:,} of {symbols:,} symbols occur fewer than {least} times.",
        "{symbols:,} 种符号中有 {count:,} 种出现不足 {least} 次。",
    ),
    "note.duplicates": (
        "{share:.0%} of the text are lines that occurred before; where such lines are held out, "
        "knowing them by heart looks like understanding.",
        "{share:.0%} 的内容是重复行；这样的行若被留出，死记硬背看起来就像理解。",
    ),
    "note.space": (
        "The text has the character U+2581, which subword tokenizers write as bytes.",
        "文本含有字符 U+2581，子词分词器会把它写成字节。",
    ),
    "note.one.line": (
        "The text is one long line; it is cut inside where that is needed.",
        "文本只有一个长行，需要时会从中间切开。",
    ),
    "note.kinds": (
        "{symbols:,} kinds of characters are many. A vocabulary of characters, unless its size is "
        "chosen, keeps the {kept:,} most frequent, {share:.2%} of the text; subwords lose none.",
        "{symbols:,} 种字符太多。若不另选大小，字符词表只保留最常见的 {kept:,} 种，占文本的 "
        "{share:.2%}；用子词不会丢失任何字符。",
    ),
    # what size of network a text feeds
    "verdict": (
        "{characters:,} characters of {symbols:,} kinds, {size}.",
        "{characters:,} 个字符，{symbols:,} 种，{size}。",
    ),
    "verdict.tiny": (
        "very short: even a small network will soon know it by heart",
        "很短：即使很小的网络也会很快背下来",
    ),
    "verdict.short": (
        "short: it feeds a network of 64 to 256 units",
        "较短：够一个 64 到 256 个单元的网络学习",
    ),
    "verdict.good": (
        "a good size: it feeds a network of 256 to 1,024 units, given the time",
        "大小合适：只要时间够，可供 256 到 1,024 个单元的网络学习",
    ),
    "verdict.large": (
        "large: it feeds a network of 1,024 to 1,536 units, given an hour or more",
        "较大：如有一小时以上，可供 1,024 到 1,536 个单元的网络学习",
    ),
    "verdict.huge": (
        "very large: it feeds two layers of 1,024 units, given hours and a GPU",
        "很大：如有几小时和一块 GPU，够两层各 1,024 个单元的网络学习",
    ),
    # vocabularies
    "tokenizer.blank": (
        "Subwords cannot be learned from a text of white space only.",
        "只有空白的文本学不出子词。",
    ),
    "tokenizer.failed": (
        "No subwords could be learned from this text ({reason}). Choose the tokenizer char or "
        "byte.",
        "无法从这段文本学出子词（{reason}）。请改用字符或字节。",
    ),
    "tokenizer.small": (
        "Subwords need a vocabulary of at least {least}, not {wanted}.",
        "子词词表至少要有 {least} 个，而不是 {wanted} 个。",
    ),
    "tokenizer.large": (
        "A subword vocabulary may have {most:,}, not {wanted:,} ids.",
        "子词词表最多 {most:,} 个，而不是 {wanted:,} 个。",
    ),
    "tokenizer.ids": ("Ids must be in 0..{most}.", "编号须在 0..{most} 之内。"),
    "tokenizer.empty": (
        "A vocabulary cannot be learned from an empty text.",
        "空文本学不出词表。",
    ),
    "tokenizer.symbols": (
        "A character vocabulary needs at least 2 symbols, not {most}.",
        "字符词表至少要有 2 个符号，而不是 {most} 个。",
    ),
    "tokenizer.unreadable": (
        "The tokenizer cannot be read: {reason}.",
        "无法读取分词器：{reason}。",
    ),
    "tokenizer.heavy": (
        "{name} has {size:,} bytes; more than {limit:,} is refused.",
        "{name} 有 {size:,} 字节；超过 {limit:,} 字节的不接受。",
    ),
    "tokenizer.cut": (
        "tokenizer.json is not JSON; it was cut short or changed.",
        "tokenizer.json 不是 JSON：它被截断或改动过。",
    ),
    "tokenizer.foreign": (
        "tokenizer.json was not made by this program.",
        "tokenizer.json 不是本程序生成的。",
    ),
    "tokenizer.newer": (
        "tokenizer.json was made by a newer version of this program.",
        "tokenizer.json 是更新版本的本程序生成的。",
    ),
    "tokenizer.entries": (
        "tokenizer.json has missing or unknown entries.",
        "tokenizer.json 有缺少或未知的条目。",
    ),
    "tokenizer.single": (
        "tokenizer.json must list single characters.",
        "tokenizer.json 只能列出单个字符。",
    ),
    "tokenizer.order": (
        "tokenizer.json lists a character twice or out of order.",
        "tokenizer.json 中有重复或顺序不对的字符。",
    ),
    "tokenizer.capped": (
        "tokenizer.json says that it is capped but has no U+FFFD.",
        "tokenizer.json 声明词表有上限，却没有 U+FFFD。",
    ),
    "tokenizer.size": (
        "A tokenizer.model of {size:,} bytes is refused.",
        "不接受 {size:,} 字节的 tokenizer.model。",
    ),
    "tokenizer.unsound": (
        "tokenizer.model is not a sound SentencePiece model.",
        "tokenizer.model 不是完好的 SentencePiece 模型。",
    ),
    "tokenizer.pieces": (
        "tokenizer.model has {count:,} pieces: too many.",
        "tokenizer.model 有 {count:,} 个子词，太多了。",
    ),
    "tokenizer.twice": ("tokenizer.model has a piece twice.", "tokenizer.model 中有重复的子词。"),
    "tokenizer.bytes": (
        "tokenizer.model has no byte pieces; it was made elsewhere.",
        "tokenizer.model 没有字节子词：它不是在这里生成的。",
    ),
    "tokenizer.changes": (
        "tokenizer.model changes a text; it was made elsewhere.",
        "tokenizer.model 会改动文本：它不是在这里生成的。",
    ),
    "tokenizer.limit": (
        "tokenizer.model must be a file of at most {most:,} bytes.",
        "tokenizer.model 须是不超过 {most:,} 字节的文件。",
    ),
    "tokenizer.unsafe": (
        "tokenizer.model could not be opened safely; it is refused.",
        "无法安全地打开 tokenizer.model，因此不接受。",
    ),
    "tokenizer.mismatch": (
        "The tokenizer has {symbols} symbols, but the network was built for {network}: they do not "
        "belong together.",
        "分词器有 {symbols} 个符号，网络却是为 {network} 个建的：两者不匹配。",
    ),
}
