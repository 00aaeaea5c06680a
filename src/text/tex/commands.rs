//! Commands that say how something looks, not what it says: their arguments stay, they go.

/// Commands whose one argument is text.
pub(super) fn is_text_style(name: &str) -> bool {
    matches!(
        name,
        "emph"
            | "hbox"
            | "mbox"
            | "text"
            | "textbf"
            | "textit"
            | "textmd"
            | "textnormal"
            | "textrm"
            | "textsc"
            | "textsf"
            | "textsl"
            | "texttt"
            | "textup"
            | "uline"
            | "underline"
    )
}

/// Commands whose one argument is a formula.
pub(super) fn is_math_style(name: &str) -> bool {
    matches!(
        name,
        "bm" | "boldsymbol"
            | "ensuremath"
            | "mathbf"
            | "mathbin"
            | "mathcal"
            | "mathfrak"
            | "mathit"
            | "mathnormal"
            | "mathop"
            | "mathord"
            | "mathrel"
            | "mathrm"
            | "mathscr"
            | "mathsf"
            | "mathtt"
            | "pmb"
    )
}

/// Commands without argument that change what follows them in the group.
pub(super) fn is_switch(name: &str) -> bool {
    matches!(
        name,
        "bf" | "bfseries"
            | "boldmath"
            | "cal"
            | "displaystyle"
            | "em"
            | "it"
            | "itshape"
            | "large"
            | "limits"
            | "mit"
            | "nolimits"
            | "normalsize"
            | "rm"
            | "sc"
            | "scriptstyle"
            | "scshape"
            | "sf"
            | "sl"
            | "small"
            | "textstyle"
            | "tiny"
            | "tt"
            | "ttfamily"
    )
}

/// `\left`, `\Big` and the others before a bracket.
pub(super) fn is_delimiter_size(name: &str) -> bool {
    let size = name.strip_suffix(['l', 'r', 'm']).unwrap_or(name);
    matches!(name, "left" | "right" | "middle") || matches!(size, "big" | "Big" | "bigg" | "Bigg")
}

/// The character of `\unicode{x2013}` or `\unicode{8211}`.
pub(super) fn unicode(number: &str) -> Option<char> {
    let number = number.trim();
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    code.ok().and_then(char::from_u32)
}
