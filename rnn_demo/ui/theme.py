"""Paper and ink, one accent for what the network does, one for what is held out.

The same colours stand in assets/page.css as custom properties; scripts read them from there.
"""

from __future__ import annotations

from gradio.themes import Base, Color, LocalFont, Size

INK = Color(
    c50="#faf9f6", c100="#f3f2ee", c200="#e4e2dc", c300="#cfcdc6", c400="#98a2b3",
    c500="#667085", c600="#4b5563", c700="#2c313a", c800="#222a36", c900="#1b1f26",
    c950="#14171c", name="ink",
)  # fmt: skip
BLUE = Color(
    c50="#eef2f9", c100="#dbe5f5", c200="#bccfeb", c300="#9db9e4", c400="#7ea6e8",
    c500="#4a76bf", c600="#2f5da8", c700="#284f90", c800="#213f73", c900="#1b3156",
    c950="#12213b", name="blue",
)  # fmt: skip
RADIUS = Size(xxs="2px", xs="4px", sm="6px", md="8px", lg="10px", xl="12px", xxl="16px")

SANS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")
MONO = ("ui-monospace", "Menlo", "Consolas", "Noto Sans Mono CJK SC", "monospace")

COMPONENTS = {  # light, dark
    "body_background_fill": ("#faf9f6", "#14171c"),
    "body_text_color": ("#1f2328", "#e6e8eb"),
    "body_text_color_subdued": ("#5d6778", "#98a2b3"),
    "background_fill_primary": ("#ffffff", "#1b1f26"),
    "background_fill_secondary": ("#faf9f6", "#14171c"),
    "border_color_primary": ("#e4e2dc", "#2c313a"),
    "border_color_accent": ("#2f5da8", "#7ea6e8"),
    "color_accent_soft": ("#eef2f9", "#222a36"),
    "link_text_color": ("#2f5da8", "#7ea6e8"),
    "link_text_color_hover": ("#213f73", "#9db9e4"),
    "link_text_color_active": ("#2f5da8", "#7ea6e8"),
    "link_text_color_visited": ("#2f5da8", "#7ea6e8"),
    "block_background_fill": ("transparent", "transparent"),
    "block_border_width": ("0px", "0px"),
    "block_shadow": ("none", "none"),
    "block_padding": ("0", "0"),
    "block_label_background_fill": ("transparent", "transparent"),
    "block_label_text_color": ("#1f2328", "#e6e8eb"),
    "block_label_text_weight": ("600", "600"),
    "block_label_border_width": ("0px", "0px"),
    "block_label_padding": ("0 0 6px", "0 0 6px"),
    "block_title_text_color": ("#1f2328", "#e6e8eb"),
    "block_title_text_weight": ("600", "600"),
    "block_title_text_size": ("14px", "14px"),
    "block_title_background_fill": ("transparent", "transparent"),
    "block_title_padding": ("0 0 6px", "0 0 6px"),
    "block_info_text_color": ("#5d6778", "#98a2b3"),
    "panel_background_fill": ("transparent", "transparent"),
    "panel_border_width": ("0px", "0px"),
    "input_background_fill": ("#faf9f6", "#14171c"),
    "input_border_color": ("#e4e2dc", "#2c313a"),
    "input_border_width": ("1px", "1px"),
    "input_border_color_focus": ("#2f5da8", "#7ea6e8"),
    "input_shadow": ("none", "none"),
    "input_shadow_focus": ("0 0 0 2px #2f5da833", "0 0 0 2px #7ea6e844"),
    "input_placeholder_color": ("#667085", "#8b95a5"),
    "input_padding": ("8px 12px", "8px 12px"),
    "slider_color": ("#2f5da8", "#7ea6e8"),
    "checkbox_background_color_selected": ("#2f5da8", "#3f6cb5"),
    "checkbox_border_color_selected": ("#2f5da8", "#7ea6e8"),
    "checkbox_label_shadow": ("none", "none"),
    "button_border_width": ("1px", "1px"),
    "button_large_text_size": ("16px", "16px"),
    "button_large_text_weight": ("500", "500"),
    "button_large_padding": ("9px 18px", "9px 18px"),
    "button_small_padding": ("5px 12px", "5px 12px"),
    "button_small_text_weight": ("500", "500"),
    "button_primary_background_fill": ("#2f5da8", "#3f6cb5"),
    "button_primary_background_fill_hover": ("#284f90", "#4a76bf"),
    "button_primary_border_color": ("#2f5da8", "#3f6cb5"),
    "button_primary_text_color": ("#ffffff", "#ffffff"),
    "button_primary_shadow": ("none", "none"),
    "button_primary_shadow_hover": ("none", "none"),
    "button_secondary_background_fill": ("#ffffff", "#1b1f26"),
    "button_secondary_background_fill_hover": ("#f3f2ee", "#222a36"),
    "button_secondary_border_color": ("#d8d5cd", "#39404b"),
    "button_secondary_text_color": ("#1f2328", "#e6e8eb"),
    "button_secondary_shadow": ("none", "none"),
    "button_cancel_background_fill": ("#ffffff", "#1b1f26"),
    "button_cancel_border_color": ("#c4533f", "#e08a78"),
    "button_cancel_text_color": ("#a63d2b", "#f0a493"),
    "button_cancel_background_fill_hover": ("#fbeeeb", "#3a2420"),
    "table_border_color": ("#e4e2dc", "#2c313a"),
    "table_even_background_fill": ("#ffffff", "#1b1f26"),
    "table_odd_background_fill": ("#ffffff", "#1b1f26"),
    "table_row_focus": ("#eef2f9", "#222a36"),
    "accordion_text_color": ("#5d6778", "#98a2b3"),
    "layout_gap": ("12px", "12px"),
    "form_gap_width": ("0px", "0px"),
    "loader_color": ("#2f5da8", "#7ea6e8"),
    "error_background_fill": ("#fbeeeb", "#3a2420"),
    "error_text_color": ("#8f2f1e", "#f4b5a7"),
    "error_border_color": ("#c4533f", "#e08a78"),
}


def page_theme() -> Base:
    """Gradio's components in our colours; what a theme cannot say stands in page.css."""
    theme = Base(
        primary_hue=BLUE,
        secondary_hue=BLUE,
        neutral_hue=INK,
        radius_size=RADIUS,
        font=(LocalFont("Source Sans Pro", weights=(400, 700)), *SANS),
        font_mono=(LocalFont("IBM Plex Mono", weights=(400, 700)), *MONO),
    )
    known = {}
    for name, (light, dark) in COMPONENTS.items():
        known[name] = light
        if hasattr(theme, f"{name}_dark"):
            known[f"{name}_dark"] = dark
    return theme.set(**known)
