"""The page: one class per tab, bound to the engine through jobs and run folders only.

How to plug in a tab
--------------------
1. Write `ui/my_tab.py` with a class of this shape (TrainTab is a full example):

       class MyTab:
           name = "my"  # its title is the text "tab.my"; its container has the id "tab-my"

           def __init__(self, context: Context) -> None:
               self.context = context

           def build(self, tab: gr.Tab) -> None:  # called inside `with tab:`
               ...lay out...
               ...then wire: button.click(self.do, [context.visitor, ...], ...)

2. Put its words in `ui/texts/my.py`: `TEXTS = {"my.title": ("English", "中文"), ...}` and add the
   module to `texts/__init__.py`. In a layout use `label("my.title")` (translated in the browser);
   in a handler `say(language, "my.title", number=3)` (a str.format template). Keys that start
   with "js." are sent to the page: scripts read them with `rnn.text("js.my.title", {number: 3})`.
3. Add the class to `TABS` in `ui/app.py`.
4. Scripts and styles: `assets/my.js` and `assets/my.css`, named in `ui/routes.py` (PAGE_SCRIPTS,
   PAGE_STYLES). `parts.widget("my", value)` is a gr.HTML component with a constant template that a
   script draws: `rnn.widget("my", (element, props, trigger, watch) => {...})`. It reads
   `props.value`, `watch("value", draw)` tells of news, `trigger("select", {...})` calls what Python
   wired with `component.select(...)` (a gr.EventData). Styles are nested below .gradio-container
   when they are served. Text that a user or
   a network wrote is only ever put in with `textContent`. `await rnn.plotly()` loads Plotly.js from
   this machine; `rnn.colors()` gives the theme's colours for light and dark; `rnn.on("theme", f)`
   is called when they change.

Who asks, and in which language
-------------------------------
`context.visitor` is a gr.BrowserState: list it as the first input of every handler. Its value is
`{"secret": ..., "language": "en" | "zh"}`, from the browser, so it may be anything. Turn it into
a checked `Visitor(owner, language)` with `context.who(value)`: `owner` is what `jobs` wants (in the
local profile always "local": the person at the machine owns everything). The secret itself never
leaves `who`. Every handler asks `jobs` with this owner; nothing is allowed by the page's state.

`context.selected` is a gr.State with the id of the run that the visitor looks at ("" at first).
List it as an input, or react with `context.selected.change(...)` (or, cheaper, `tab.select(...)`).
Reading is allowed to anyone who knows a run's id; `context.open_run(run_id)` gives its RunFolder,
and also knows the bundled run, whose id is "bundled".

Wrap handlers in `@shown_to_user`: an RnnDemoError becomes a message in the page.
"""

from rnn_demo.ui import environment  # first: it speaks to Gradio before its import

__all__ = ["environment"]
