//! Commands that stand for one sign.

/// The sign of a command such as `alpha`, in mathematics and (met without dollars, too) in text.
pub(super) fn symbol(name: &str) -> Option<&'static str> {
    let at = SYMBOLS.binary_search_by_key(&name, |(known, _)| known).ok()?;
    Some(SYMBOLS[at].1)
}

/// Signs that only text has.
pub(super) fn text_symbol(name: &str) -> Option<&'static str> {
    Some(match name {
        "deg" | "degree" | "textdegree" => "°",
        "S" | "textsection" => "§",
        "P" => "¶",
        "copyright" | "textcopyright" => "©",
        "textregistered" => "®",
        "texttrademark" => "™",
        "pounds" => "£",
        "euro" | "texteuro" => "€",
        "textendash" => "–",
        "textemdash" => "—",
        "textquoteleft" => "‘",
        "textquoteright" => "’",
        "textquotedblleft" => "“",
        "textquotedblright" => "”",
        "textbullet" => "•",
        "textellipsis" => "…",
        "textmu" => "μ",
        "textasciitilde" => "∼",
        "textless" => "<",
        "textgreater" => ">",
        "textbar" => "|",
        "TeX" => "TeX",
        "LaTeX" => "LaTeX",
        "BibTeX" => "BibTeX",
        "ie" => "i.e.",
        "eg" => "e.g.",
        "etal" => "et al.",
        _ => return None,
    })
}

/// The sign of `\ding{182}`: check marks and the numbers in circles.
pub(super) fn dingbat(number: &str) -> Option<char> {
    let number: u32 = number.trim().parse().ok()?;
    match number {
        51..=56 => char::from_u32(0x2713 + number - 51),
        172..=181 => char::from_u32(0x2460 + number - 172),
        182..=211 => char::from_u32(0x2776 + number - 182),
        _ => None,
    }
}

/// Functions set upright and apart from their argument: `\log n`.
pub(super) fn operator(name: &str) -> Option<&'static str> {
    Some(match name {
        "arg" => "arg",
        "argmax" => "argmax",
        "argmin" => "argmin",
        "arccos" => "arccos",
        "arcsin" => "arcsin",
        "arctan" => "arctan",
        "cos" => "cos",
        "cosh" => "cosh",
        "cot" => "cot",
        "deg" => "deg",
        "det" => "det",
        "dim" => "dim",
        "exp" => "exp",
        "gcd" => "gcd",
        "hom" => "hom",
        "inf" => "inf",
        "ker" => "ker",
        "lg" => "lg",
        "lim" => "lim",
        "liminf" => "lim inf",
        "limsup" => "lim sup",
        "ln" => "ln",
        "log" => "log",
        "max" => "max",
        "min" => "min",
        "mod" | "bmod" => "mod",
        "polylog" => "polylog",
        "Pr" => "Pr",
        "rank" => "rank",
        "sign" => "sign",
        "sgn" => "sgn",
        "sin" => "sin",
        "sinh" => "sinh",
        "sup" => "sup",
        "tan" => "tan",
        "tanh" => "tanh",
        "Tr" | "tr" => "tr",
        _ => return None,
    })
}

/// Sorted by name in byte order, for the binary search; a test holds that.
#[rustfmt::skip]
const SYMBOLS: &[(&str, &str)] = &[
    ("AA", "Å"), ("Box", "□"), ("Delta", "Δ"), ("Diamond", "◇"), ("Downarrow", "⇓"), ("Gamma", "Γ"), ("Im", "ℑ"),
    ("Lambda", "Λ"), ("Leftarrow", "⇐"), ("Leftrightarrow", "⇔"), ("Longleftrightarrow", "⟺"),
    ("Longrightarrow", "⟹"), ("Omega", "Ω"), ("Phi", "Φ"), ("Pi", "Π"), ("Psi", "Ψ"), ("Re", "ℜ"),
    ("Rightarrow", "⇒"), ("Sigma", "Σ"), ("Theta", "Θ"), ("Uparrow", "⇑"), ("Upsilon", "Υ"), ("Vdash", "⊩"),
    ("Vert", "‖"), ("Xi", "Ξ"), ("aleph", "ℵ"), ("alpha", "α"), ("amalg", "⨿"), ("angle", "∠"), ("approx", "≈"),
    ("approxeq", "≊"), ("ast", "∗"), ("asymp", "≍"), ("backprime", "‵"), ("because", "∵"), ("beta", "β"),
    ("beth", "ℶ"), ("bigcap", "⋂"), ("bigcirc", "◯"), ("bigcup", "⋃"), ("bigodot", "⨀"), ("bigoplus", "⨁"),
    ("bigotimes", "⨂"), ("bigsqcup", "⨆"), ("bigstar", "★"), ("bigtriangleup", "△"), ("biguplus", "⨄"),
    ("bigvee", "⋁"), ("bigwedge", "⋀"), ("blacksquare", "■"), ("bot", "⊥"), ("bowtie", "⋈"), ("boxminus", "⊟"),
    ("boxplus", "⊞"), ("boxtimes", "⊠"), ("bullet", "•"), ("cap", "∩"), ("cdot", "·"), ("cdots", "⋯"),
    ("checkmark", "✓"), ("chi", "χ"), ("circ", "∘"), ("circlearrowleft", "↺"), ("circlearrowright", "↻"),
    ("clubsuit", "♣"), ("colon", ":"), ("coloneqq", "≔"), ("complement", "∁"), ("cong", "≅"), ("coprod", "∐"),
    ("cup", "∪"), ("curvearrowright", "↷"), ("dagger", "†"), ("dashv", "⊣"), ("ddagger", "‡"), ("ddots", "⋱"),
    ("delta", "δ"), ("diamond", "⋄"), ("diamondsuit", "♢"), ("digamma", "ϝ"), ("div", "÷"), ("doteq", "≐"),
    ("dots", "…"), ("dotsb", "⋯"), ("dotsc", "…"), ("downarrow", "↓"), ("ell", "ℓ"), ("emptyset", "∅"),
    ("epsilon", "ε"), ("equiv", "≡"), ("eta", "η"), ("eth", "ð"), ("exists", "∃"), ("flat", "♭"), ("forall", "∀"),
    ("gamma", "γ"), ("ge", "≥"), ("geq", "≥"), ("geqslant", "≥"), ("gets", "←"), ("gg", "≫"), ("gt", ">"),
    ("gtrsim", "≳"), ("hbar", "ℏ"), ("heartsuit", "♡"), ("hookleftarrow", "↩"), ("hookrightarrow", "↪"),
    ("hslash", "ℏ"), ("iff", "⇔"), ("iiint", "∭"), ("iint", "∬"), ("imath", "ı"), ("impliedby", "⇐"),
    ("implies", "⇒"), ("in", "∈"), ("infty", "∞"), ("int", "∫"), ("iota", "ι"), ("jmath", "ȷ"), ("kappa", "κ"),
    ("lVert", "‖"), ("lambda", "λ"), ("land", "∧"), ("langle", "⟨"), ("lbrace", "{"), ("lbrack", "["), ("lceil", "⌈"),
    ("ldots", "…"), ("le", "≤"), ("leadsto", "⇝"), ("leftarrow", "←"), ("leftharpoondown", "↽"),
    ("leftharpoonup", "↼"), ("leftrightarrow", "↔"), ("leftrightarrows", "⇆"), ("leq", "≤"), ("leqslant", "≤"),
    ("lesssim", "≲"), ("lfloor", "⌊"), ("ll", "≪"), ("llbracket", "⟦"), ("lnot", "¬"), ("longleftarrow", "⟵"),
    ("longleftrightarrow", "⟷"), ("longmapsto", "⟼"), ("longrightarrow", "⟶"), ("lor", "∨"), ("lozenge", "◊"),
    ("lt", "<"), ("ltimes", "⋉"), ("lvert", "|"), ("mapsto", "↦"), ("measuredangle", "∡"), ("mho", "℧"), ("mid", "∣"),
    ("models", "⊨"), ("mp", "∓"), ("mu", "μ"), ("multimap", "⊸"), ("nabla", "∇"), ("natural", "♮"), ("ne", "≠"),
    ("nearrow", "↗"), ("neg", "¬"), ("neq", "≠"), ("nexists", "∄"), ("ngeq", "≱"), ("ni", "∋"), ("nleq", "≰"),
    ("nmid", "∤"), ("notin", "∉"), ("nparallel", "∦"), ("nu", "ν"), ("nwarrow", "↖"), ("odot", "⊙"), ("oint", "∮"),
    ("omega", "ω"), ("omicron", "ο"), ("ominus", "⊖"), ("oplus", "⊕"), ("oslash", "⊘"), ("otimes", "⊗"),
    ("parallel", "∥"), ("partial", "∂"), ("permil", "‰"), ("perp", "⊥"), ("phi", "φ"), ("pi", "π"), ("pm", "±"),
    ("prec", "≺"), ("preceq", "⪯"), ("prime", "′"), ("prod", "∏"), ("propto", "∝"), ("psi", "ψ"), ("rVert", "‖"),
    ("rangle", "⟩"), ("rbrace", "}"), ("rbrack", "]"), ("rceil", "⌉"), ("rfloor", "⌋"), ("rho", "ρ"),
    ("rightarrow", "→"), ("rightharpoondown", "⇁"), ("rightharpoonup", "⇀"), ("rightleftarrows", "⇄"),
    ("rightleftharpoons", "⇌"), ("rightrightarrows", "⇉"), ("rightsquigarrow", "⇝"), ("rrbracket", "⟧"),
    ("rtimes", "⋊"), ("rvert", "|"), ("searrow", "↘"), ("setminus", "∖"), ("sharp", "♯"), ("sigma", "σ"),
    ("sim", "∼"), ("simeq", "≃"), ("smallsetminus", "∖"), ("spadesuit", "♠"), ("sqcap", "⊓"), ("sqcup", "⊔"),
    ("sqsubseteq", "⊑"), ("sqsupseteq", "⊒"), ("square", "□"), ("star", "⋆"), ("subset", "⊂"), ("subseteq", "⊆"),
    ("subsetneq", "⊊"), ("succ", "≻"), ("succeq", "⪰"), ("sum", "∑"), ("supset", "⊃"), ("supseteq", "⊇"),
    ("supsetneq", "⊋"), ("surd", "√"), ("swarrow", "↙"), ("tau", "τ"), ("textasteriskcentered", "∗"),
    ("therefore", "∴"), ("theta", "θ"), ("times", "×"), ("to", "→"), ("top", "⊤"), ("triangle", "△"),
    ("triangleq", "≜"), ("twoheadrightarrow", "↠"), ("uparrow", "↑"), ("updownarrow", "↕"), ("uplus", "⊎"),
    ("upsilon", "υ"), ("vDash", "⊨"), ("varepsilon", "ε"), ("varkappa", "ϰ"), ("varnothing", "∅"), ("varphi", "φ"),
    ("varpi", "ϖ"), ("varpropto", "∝"), ("varrho", "ϱ"), ("varsigma", "ς"), ("vartheta", "ϑ"), ("vdash", "⊢"),
    ("vdots", "⋮"), ("vee", "∨"), ("vert", "|"), ("wedge", "∧"), ("wp", "℘"), ("wr", "≀"), ("xi", "ξ"), ("zeta", "ζ"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_sorted_and_each_name_stands_once() {
        assert!(SYMBOLS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
