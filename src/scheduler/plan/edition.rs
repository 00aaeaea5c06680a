//! What one reader gets: their window, their matches, their sections.

use std::collections::HashSet;

use chrono::TimeDelta;

use super::library::Library;
use crate::digest::assemble::{self, Assembled, Candidate, Choice, assemble};
use crate::digest::figures::figures;
use crate::digest::window::{FIRST_WINDOW, LONGEST_WINDOW, Window, window};
use crate::matcher::{self, CompiledProfile, Scratch, Winner};
use crate::model::{EditionId, Figures, PaperId, Timestamp};
use crate::store::editions::{Edition, EditionKind, Shown};
use crate::store::subscribers::Subscriber;

/// How far a window reaches back into the one before. Papers are stored a little later than the instant from
/// which they count as available, so a plan made meanwhile has not seen them; what was shown is known anyway.
const OVERLAP: TimeDelta = TimeDelta::minutes(2);

/// Somebody who is due, and what they were shown lately.
pub struct Reader {
    /// Who.
    pub subscriber: Subscriber,
    /// Their editions of the last days that are not void, newest first.
    pub shown: Vec<Shown>,
}

/// An edition that is not written yet; its id is still to be given.
pub struct Draft {
    /// For whom.
    pub subscriber: Subscriber,
    /// What.
    pub edition: Edition,
}

impl Library {
    /// Drafts the edition of a reader for whom it is `now`.
    pub fn draft(&self, scratch: &mut Scratch, reader: Reader, now: Timestamp) -> Draft {
        let prefs = &reader.subscriber.preferences;
        let profile = self.compile(&prefs.profile);
        let limit = usize::from(prefs.limit);
        let window = window(cutoff(&reader), now);
        let seen = self.today_ids(reader.shown.iter().flat_map(|shown| shown.papers.iter().copied()));
        let (matched, for_you) = self.for_you(scratch, &profile, window, &seen, limit);
        let all_matches: Vec<PaperId> = for_you.iter().map(|candidate| candidate.paper).collect();
        let rising = self.risen(scratch, &profile, &seen, now);
        let trending = self.trending(&profile, window, &seen, limit);
        let choice = Choice::of(prefs, !profile.is_empty());
        let mut assembled = assemble(&choice, for_you, rising, trending);
        for item in &mut assembled.items {
            item.reasons = self.reasons(item.paper, &profile);
        }
        let mut figures = self.figures(&reader.shown, &profile, window, matched, now);
        let shown: HashSet<PaperId> = assembled.items.iter().map(|item| item.paper).collect();
        figures.beyond = all_matches.into_iter().filter(|paper| !shown.contains(paper)).collect();
        let edition = edition(&reader.subscriber, assembled, figures, window, now);
        Draft { subscriber: reader.subscriber, edition }
    }

    /// The best matches of the window, and how many there are.
    fn for_you(
        &self,
        scratch: &mut Scratch,
        profile: &CompiledProfile,
        window: Window,
        seen: &[PaperId],
        limit: usize,
    ) -> (u32, Vec<Candidate>) {
        let window = matcher::Window { after: window.after, until: window.until };
        let ranking = match self.lineups.of(window) {
            Some(lineup) => lineup.choose(scratch, profile, seen, limit),
            None => self.daily.choose(scratch, profile, &window, seen, limit),
        };
        (ranking.matched, self.candidates(ranking.winners))
    }

    /// The best matches among the papers that took off since they were new.
    fn risen(
        &self,
        scratch: &mut Scratch,
        profile: &CompiledProfile,
        seen: &[PaperId],
        now: Timestamp,
    ) -> Vec<Candidate> {
        let anytime = matcher::Window { after: Timestamp::MIN_UTC, until: now };
        let ranking = self.rising.rank_with(scratch, profile, &anytime, seen, assemble::MAX_RISING * 4);
        self.candidates(ranking.winners)
    }

    fn candidates(&self, winners: Vec<Winner>) -> Vec<Candidate> {
        winners.into_iter().filter_map(|winner| self.candidate(winner.paper, winner.score)).collect()
    }

    /// The papers everyone reads, in the reader's window, without what they saw or excluded.
    fn trending(&self, profile: &CompiledProfile, window: Window, seen: &[PaperId], limit: usize) -> Vec<Candidate> {
        let wanted = if profile.is_empty() { limit } else { assemble::MAX_TRENDING + limit };
        let hottest = |window| -> Vec<PaperId> {
            let fresh = |id: &PaperId| seen.binary_search(id).is_err() && !self.daily.excludes(profile, *id);
            self.hottest(window).filter(fresh).take(wanted).collect()
        };
        let mut papers = hottest(window);
        if papers.is_empty() {
            // A weekend or a holiday: what the reader has not seen of the days before.
            papers = hottest(Window { after: window.until - LONGEST_WINDOW, ..window });
        }
        // Any falling score keeps the order.
        let scores = (0..wanted as u64).rev();
        papers.into_iter().zip(scores).filter_map(|(paper, score)| self.candidate(paper, score)).collect()
    }

    fn figures(
        &self,
        shown: &[Shown],
        profile: &CompiledProfile,
        window: Window,
        matched: u32,
        now: Timestamp,
    ) -> Figures {
        let unknown = shown.iter().find(|earlier| earlier.mailed).filter(|last| last.fate_unknown);
        Figures {
            matched,
            has_interests: !profile.is_empty(),
            unknown_edition: unknown.map(|last| last.local_date),
            unknown_edition_id: unknown.map(|last| last.edition),
            ..figures(self.count(window), &self.source_reports(window), now)
        }
    }
}

/// Up to where the reader has seen papers. Before the first edition that was seen, the days before the
/// subscription count, however many editions were missed since.
fn cutoff(reader: &Reader) -> Option<Timestamp> {
    let seen = reader.shown.iter().map(|shown| shown.window_until - OVERLAP).max();
    seen.or_else(|| reader.subscriber.confirmed_at.map(|since| since - FIRST_WINDOW))
}

fn edition(person: &Subscriber, assembled: Assembled, figures: Figures, window: Window, now: Timestamp) -> Edition {
    let due = person.next_due;
    let local_now = now.with_timezone(&person.preferences.timezone).date_naive();
    let shown = assembled.items.iter().filter(|item| item.section == crate::model::Section::ForYou).count();
    let beyond = figures.matched.saturating_sub(u32::try_from(shown).unwrap_or(u32::MAX));
    Edition {
        id: EditionId(0),
        subscriber: person.id,
        local_date: due.map_or(local_now, |due| due.local_date),
        kind: match assembled.kind {
            assemble::EditionKind::Normal => EditionKind::Normal,
            assemble::EditionKind::QuietNote => EditionKind::Note,
            assemble::EditionKind::QuietTrending => EditionKind::Trending,
            assemble::EditionKind::Silent => EditionKind::Silent,
        },
        due_at: due.map_or(now, |due| due.at),
        planned_at: now,
        window_after: window.after,
        window_until: window.until,
        timezone: person.preferences.timezone,
        items: assembled.items,
        figures,
        more_for_you: beyond,
        void: false,
    }
}
