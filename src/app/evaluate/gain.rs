//! How good an order is: normalised discounted cumulative gain.

/// The first so many papers of an order are looked at: as many as a digest has.
pub(super) const DEPTH: usize = 10;

/// nDCG at [`DEPTH`] of an order, given the gain of each paper of the day and the order as indices
/// into them: the sum of `gain / log2(1 + place)` over the first places, divided by that of the best order
/// (Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002).
/// `None` on a day on which no order gains anything.
pub(super) fn ndcg(gains: &[f64], order: &[usize]) -> Option<f64> {
    let mut best: Vec<f64> = gains.to_vec();
    best.sort_by(|one, other| other.total_cmp(one));
    let most = discounted(best.into_iter());
    let gained = discounted(order.iter().map(|paper| gains.get(*paper).copied().unwrap_or(0.0)));
    (most > 0.0).then(|| gained / most)
}

fn discounted(gains: impl Iterator<Item = f64>) -> f64 {
    gains.take(DEPTH).zip(2_u32..).map(|(gain, place)| gain / f64::from(place).log2()).sum()
}

/// What a paper with these votes to come gains a reader to whom it is relevant.
pub(super) fn gain(relevant: bool, votes: u32) -> f64 {
    if relevant { (1.0 + f64::from(votes)).log2() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_order_has_one_and_an_empty_one_nothing() {
        let gains = [0.0, 3.0, 1.0, 2.0];
        assert_eq!(ndcg(&gains, &[1, 3, 2, 0]), Some(1.0));
        assert_eq!(ndcg(&gains, &[]), Some(0.0));
        assert_eq!(ndcg(&[0.0, 0.0], &[0, 1]), None);
    }

    #[test]
    fn a_worked_example_comes_out_as_by_hand() {
        // Gains 0 then 2, the best being 2 first: (2 / log2 3) / (2 / log2 2).
        let one = ndcg(&[2.0, 0.0], &[1, 0]).unwrap();
        assert!((one - 1.0 / 3.0_f64.log2()).abs() < 1e-12);
    }

    #[test]
    fn what_stands_behind_the_tenth_place_does_not_count() {
        let gains: Vec<f64> = (0..12).map(|paper| f64::from(u8::from(paper >= 10))).collect();
        let order: Vec<usize> = (0..12).collect();
        assert_eq!(ndcg(&gains, &order), Some(0.0));
    }

    #[test]
    fn votes_count_for_relevant_papers_only() {
        assert_eq!((gain(true, 7), gain(true, 0), gain(false, 7)), (3.0, 0.0, 0.0));
    }
}
