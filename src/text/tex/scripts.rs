//! Unicode's superscript and subscript characters.

/// Longer scripts than this are harder to read raised than as `^(...)`.
const MAX_SCRIPT: usize = 24;
/// So are words: `T_horn` is better than `Tₕₒᵣₙ`, while `Tₘₐₓ` is well known.
const MAX_LETTERS: usize = 3;

/// `text` in superscript characters, when every one of its characters has one.
pub(in crate::text) fn superscript(text: &str) -> Option<String> {
    map(text, SUPERSCRIPTS)
}

/// `text` in subscript characters, when every one of its characters has one.
pub(in crate::text) fn subscript(text: &str) -> Option<String> {
    map(text, SUBSCRIPTS)
}

fn map(text: &str, table: &[(char, char)]) -> Option<String> {
    let word = text.split(|c: char| !c.is_ascii_alphabetic()).map(str::len).max();
    if text.is_empty() || text.chars().count() > MAX_SCRIPT || word > Some(MAX_LETTERS) {
        return None;
    }
    text.chars().map(|c| table.iter().find(|(plain, _)| *plain == c).map(|(_, script)| *script)).collect()
}

/// `text` in double-struck (blackboard bold) characters, when it is made of letters and digits alone.
pub(super) fn double_struck(text: &str) -> Option<String> {
    text.chars().map(double_struck_character).collect()
}

fn double_struck_character(c: char) -> Option<char> {
    let (first, struck) = match c {
        'C' => return Some('ℂ'),
        'H' => return Some('ℍ'),
        'N' => return Some('ℕ'),
        'P' => return Some('ℙ'),
        'Q' => return Some('ℚ'),
        'R' => return Some('ℝ'),
        'Z' => return Some('ℤ'),
        'A'..='Z' => ('A', '𝔸'),
        'a'..='z' => ('a', '𝕒'),
        '0'..='9' => ('0', '𝟘'),
        _ => return None,
    };
    char::from_u32(u32::from(struck) + u32::from(c) - u32::from(first))
}

#[rustfmt::skip]
const SUPERSCRIPTS: &[(char, char)] = &[
    ('0', '⁰'), ('1', '¹'), ('2', '²'), ('3', '³'), ('4', '⁴'), ('5', '⁵'), ('6', '⁶'), ('7', '⁷'), ('8', '⁸'), ('9', '⁹'),
    ('+', '⁺'), ('-', '⁻'), ('−', '⁻'), ('=', '⁼'), ('(', '⁽'), (')', '⁾'),
    ('a', 'ᵃ'), ('b', 'ᵇ'), ('c', 'ᶜ'), ('d', 'ᵈ'), ('e', 'ᵉ'), ('f', 'ᶠ'), ('g', 'ᵍ'), ('h', 'ʰ'), ('i', 'ⁱ'), ('j', 'ʲ'),
    ('k', 'ᵏ'), ('l', 'ˡ'), ('m', 'ᵐ'), ('n', 'ⁿ'), ('o', 'ᵒ'), ('p', 'ᵖ'), ('r', 'ʳ'), ('s', 'ˢ'), ('t', 'ᵗ'), ('u', 'ᵘ'),
    ('v', 'ᵛ'), ('w', 'ʷ'), ('x', 'ˣ'), ('y', 'ʸ'), ('z', 'ᶻ'),
    ('A', 'ᴬ'), ('B', 'ᴮ'), ('D', 'ᴰ'), ('E', 'ᴱ'), ('G', 'ᴳ'), ('H', 'ᴴ'), ('I', 'ᴵ'), ('J', 'ᴶ'), ('K', 'ᴷ'), ('L', 'ᴸ'),
    ('M', 'ᴹ'), ('N', 'ᴺ'), ('O', 'ᴼ'), ('P', 'ᴾ'), ('R', 'ᴿ'), ('T', 'ᵀ'), ('U', 'ᵁ'), ('V', 'ⱽ'), ('W', 'ᵂ'),
    ('α', 'ᵅ'), ('β', 'ᵝ'), ('γ', 'ᵞ'), ('δ', 'ᵟ'), ('ε', 'ᵋ'), ('θ', 'ᶿ'), ('φ', 'ᵠ'), ('χ', 'ᵡ'), ('⊤', 'ᵀ'),
    // These are raised already, or read the same.
    ('*', '*'), ('∗', '*'), ('′', '′'), ('″', '″'), ('°', '°'), ('∘', '°'), ('†', '†'), ('‡', '‡'), ('⋆', '⋆'),
];

#[rustfmt::skip]
const SUBSCRIPTS: &[(char, char)] = &[
    ('0', '₀'), ('1', '₁'), ('2', '₂'), ('3', '₃'), ('4', '₄'), ('5', '₅'), ('6', '₆'), ('7', '₇'), ('8', '₈'), ('9', '₉'),
    ('+', '₊'), ('-', '₋'), ('−', '₋'), ('=', '₌'), ('(', '₍'), (')', '₎'),
    ('a', 'ₐ'), ('e', 'ₑ'), ('h', 'ₕ'), ('i', 'ᵢ'), ('j', 'ⱼ'), ('k', 'ₖ'), ('l', 'ₗ'), ('m', 'ₘ'), ('n', 'ₙ'), ('o', 'ₒ'),
    ('p', 'ₚ'), ('r', 'ᵣ'), ('s', 'ₛ'), ('t', 'ₜ'), ('u', 'ᵤ'), ('v', 'ᵥ'), ('x', 'ₓ'),
    ('β', 'ᵦ'), ('γ', 'ᵧ'), ('ρ', 'ᵨ'), ('φ', 'ᵩ'), ('χ', 'ᵪ'),
];
