//! Letters with accents as TeX writes them in text: `\"o`, `{\'e}`, `\c{c}`, `\ss`.

/// The combining mark of an accent command of one sign, such as `\'`.
pub(super) fn sign(c: char) -> Option<char> {
    Some(match c {
        '`' => '\u{300}',
        '\'' => '\u{301}',
        '^' => '\u{302}',
        '~' => '\u{303}',
        '=' => '\u{304}',
        '.' => '\u{307}',
        '"' => '\u{308}',
        _ => return None,
    })
}

/// The combining mark of an accent command of one letter, such as `\c`.
pub(super) fn lettered(name: &str) -> Option<char> {
    Some(match name {
        "u" => '\u{306}',
        "r" => '\u{30a}',
        "H" => '\u{30b}',
        "v" => '\u{30c}',
        "d" => '\u{323}',
        "c" => '\u{327}',
        "k" => '\u{328}',
        "b" => '\u{331}',
        "t" => '\u{361}',
        _ => return None,
    })
}

/// The combining mark of an accent command of mathematics, such as `\hat`.
pub(super) fn mathematical(name: &str) -> Option<char> {
    Some(match name {
        "grave" => '\u{300}',
        "acute" => '\u{301}',
        "hat" | "widehat" => '\u{302}',
        "tilde" | "widetilde" => '\u{303}',
        "bar" => '\u{304}',
        "overline" => '\u{305}',
        "breve" => '\u{306}',
        "dot" => '\u{307}',
        "ddot" => '\u{308}',
        "mathring" => '\u{30a}',
        "check" => '\u{30c}',
        "vec" | "overrightarrow" => '\u{20d7}',
        _ => return None,
    })
}

/// Letters that have a command of their own, in text.
pub(super) fn letter(name: &str) -> Option<&'static str> {
    Some(match name {
        "ss" => "ß",
        "SS" => "ẞ",
        "ae" => "æ",
        "AE" => "Æ",
        "oe" => "œ",
        "OE" => "Œ",
        "o" => "ø",
        "O" => "Ø",
        "l" => "ł",
        "L" => "Ł",
        "aa" => "å",
        "AA" => "Å",
        "dh" => "ð",
        "DH" => "Ð",
        "dj" => "đ",
        "DJ" => "Đ",
        "th" => "þ",
        "TH" => "Þ",
        "ng" => "ŋ",
        "NG" => "Ŋ",
        "i" => "ı",
        "j" => "ȷ",
        _ => return None,
    })
}

/// `base` with `mark` on it; the dotless letters get their dot's place back, as `\'{\i}` means `í`.
pub(super) fn accented(base: char, mark: char) -> Option<String> {
    let base = match base {
        'ı' => 'i',
        'ȷ' => 'j',
        base => base,
    };
    base.is_alphanumeric().then(|| [base, mark].iter().collect())
}
