//! Character references: `&eacute;`, `&#8217;`, `&#x2014;`.

/// The longest reference looked for, in bytes between `&` and `;`.
const MAX_NAME: usize = 10;

/// Decodes every known reference once; anything else that begins with `&` stays.
pub(super) fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((c, length)) = reference(rest) {
            decoded.push(c);
            rest = &rest[length..];
        } else {
            decoded.push('&');
            rest = &rest[1..];
        }
    }
    decoded.push_str(rest);
    decoded
}

/// The character meant at the start of `text`, and how many bytes its reference takes.
fn reference(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(MAX_NAME + 2).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let c = match name.strip_prefix('#') {
        Some(number) => numbered(number)?,
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((c, end + 1))
}

fn numbered(number: &str) -> Option<char> {
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16),
        None => (number, 10),
    };
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, radix).ok().filter(|_| plain)?;
    match code {
        0x80..=0x9f => WINDOWS_1252.chars().nth(usize::try_from(code).ok()? - 0x80),
        _ => char::from_u32(code),
    }
}

/// What numbers 128 to 159 mean in practice, as HTML reads them; the five unused ones become spaces.
const WINDOWS_1252: &str = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

/// The names met in feeds; HTML knows two thousand, of which these are nearly all that occur.
#[rustfmt::skip]
const NAMED: &[(&str, char)] = &[
    ("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("nbsp", '\u{a0}'), ("ndash", '–'),
    ("mdash", '—'), ("lsquo", '‘'), ("rsquo", '’'), ("ldquo", '“'), ("rdquo", '”'), ("sbquo", '‚'), ("bdquo", '„'),
    ("laquo", '«'), ("raquo", '»'), ("lsaquo", '‹'), ("rsaquo", '›'), ("hellip", '…'), ("bull", '•'), ("middot", '·'),
    ("copy", '©'), ("reg", '®'), ("trade", '™'), ("deg", '°'), ("plusmn", '±'), ("times", '×'), ("divide", '÷'),
    ("micro", 'µ'), ("para", '¶'), ("sect", '§'), ("euro", '€'), ("pound", '£'), ("yen", '¥'), ("cent", '¢'),
    ("frac12", '½'), ("frac14", '¼'), ("frac34", '¾'), ("sup1", '¹'), ("sup2", '²'), ("sup3", '³'), ("iexcl", '¡'),
    ("iquest", '¿'), ("aacute", 'á'), ("agrave", 'à'), ("acirc", 'â'), ("atilde", 'ã'), ("auml", 'ä'), ("aring", 'å'),
    ("aelig", 'æ'), ("ccedil", 'ç'), ("eacute", 'é'), ("egrave", 'è'), ("ecirc", 'ê'), ("euml", 'ë'), ("iacute", 'í'),
    ("igrave", 'ì'), ("icirc", 'î'), ("iuml", 'ï'), ("ntilde", 'ñ'), ("oacute", 'ó'), ("ograve", 'ò'), ("ocirc", 'ô'),
    ("otilde", 'õ'), ("ouml", 'ö'), ("oslash", 'ø'), ("uacute", 'ú'), ("ugrave", 'ù'), ("ucirc", 'û'), ("uuml", 'ü'),
    ("yacute", 'ý'), ("yuml", 'ÿ'), ("szlig", 'ß'), ("eth", 'ð'), ("thorn", 'þ'), ("scaron", 'š'), ("oelig", 'œ'),
    ("Aacute", 'Á'), ("Agrave", 'À'), ("Acirc", 'Â'), ("Atilde", 'Ã'), ("Auml", 'Ä'), ("Aring", 'Å'), ("AElig", 'Æ'),
    ("Ccedil", 'Ç'), ("Eacute", 'É'), ("Egrave", 'È'), ("Ecirc", 'Ê'), ("Euml", 'Ë'), ("Iacute", 'Í'),
    ("Igrave", 'Ì'), ("Icirc", 'Î'), ("Iuml", 'Ï'), ("Ntilde", 'Ñ'), ("Oacute", 'Ó'), ("Ograve", 'Ò'), ("Ocirc", 'Ô'),
    ("Otilde", 'Õ'), ("Ouml", 'Ö'), ("Oslash", 'Ø'), ("Uacute", 'Ú'), ("Ugrave", 'Ù'), ("Ucirc", 'Û'), ("Uuml", 'Ü'),
    ("Yacute", 'Ý'), ("ETH", 'Ð'), ("THORN", 'Þ'), ("Scaron", 'Š'), ("OElig", 'Œ'), ("alpha", 'α'), ("beta", 'β'),
    ("gamma", 'γ'), ("delta", 'δ'), ("epsilon", 'ε'), ("zeta", 'ζ'), ("eta", 'η'), ("theta", 'θ'), ("iota", 'ι'),
    ("kappa", 'κ'), ("lambda", 'λ'), ("mu", 'μ'), ("nu", 'ν'), ("xi", 'ξ'), ("pi", 'π'), ("rho", 'ρ'), ("sigma", 'σ'),
    ("tau", 'τ'), ("upsilon", 'υ'), ("phi", 'φ'), ("chi", 'χ'), ("psi", 'ψ'), ("omega", 'ω'), ("Gamma", 'Γ'),
    ("Delta", 'Δ'), ("Theta", 'Θ'), ("Lambda", 'Λ'), ("Xi", 'Ξ'), ("Pi", 'Π'), ("Sigma", 'Σ'), ("Phi", 'Φ'),
    ("Psi", 'Ψ'), ("Omega", 'Ω'), ("minus", '−'), ("le", '≤'), ("ge", '≥'), ("ne", '≠'), ("asymp", '≈'),
    ("equiv", '≡'), ("infin", '∞'), ("radic", '√'), ("sum", '∑'), ("prod", '∏'), ("int", '∫'), ("part", '∂'),
    ("nabla", '∇'), ("isin", '∈'), ("notin", '∉'), ("cap", '∩'), ("cup", '∪'), ("sub", '⊂'), ("sup", '⊃'),
    ("rarr", '→'), ("larr", '←'), ("harr", '↔'), ("rArr", '⇒'), ("hArr", '⇔'), ("forall", '∀'), ("exist", '∃'),
    ("empty", '∅'), ("and", '∧'), ("or", '∨'), ("not", '¬'), ("thinsp", '\u{2009}'), ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'), ("zwj", '\u{200d}'), ("zwnj", '\u{200c}'), ("shy", '\u{ad}'), ("lrm", '\u{200e}'),
    ("rlm", '\u{200f}'), ("prime", '′'), ("Prime", '″'), ("dagger", '†'), ("Dagger", '‡'), ("permil", '‰'),
    ("tilde", '˜'), ("circ", 'ˆ'), ("sim", '∼'), ("perp", '⊥'), ("oplus", '⊕'), ("otimes", '⊗'), ("lowast", '∗'),
];
