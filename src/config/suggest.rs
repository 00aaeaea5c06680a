//! "Did you mean": the known word closest to an unknown one.

/// The candidate with the fewest changed letters, if that is few enough to be a slip.
pub fn closest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let slips = word.len().div_ceil(3).min(4);
    candidates
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= slips)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's edit distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_different_word_is_not() {
        let known = ["mail.smtp_url", "mail.from", "site.name"];
        assert_eq!(closest("mail.smpt_url", known.into_iter()), Some("mail.smtp_url"));
        assert_eq!(closest("mail.form", known.into_iter()), Some("mail.from"));
        assert_eq!(closest("colour", known.into_iter()), None);
    }
}
