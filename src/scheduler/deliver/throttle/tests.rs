use proptest::prelude::*;

use super::group::Group;
use super::*;
use crate::model::from_micros;

fn start() -> Timestamp {
    from_micros(1_800_000_000_000_000)
}

fn seconds(seconds: i64) -> TimeDelta {
    TimeDelta::seconds(seconds)
}

/// One dialogue that takes a second; `false` when the group does not bear it.
fn one(throttle: &mut Throttle, group: &str, signal: Signal, now: &mut Timestamp) -> bool {
    if !throttle.admits(group, *now) {
        return false;
    }
    let ticket = throttle.started(group, *now);
    *now += seconds(1);
    throttle.ended(ticket, signal, *now);
    true
}

/// As many dialogues as the group bears, at the same time.
fn round(throttle: &mut Throttle, group: &str, signal: Signal, now: &mut Timestamp) {
    let mut open = Vec::new();
    while throttle.admits(group, *now) {
        open.push(throttle.started(group, *now));
    }
    *now += seconds(1);
    open.into_iter().for_each(|ticket| drop(throttle.ended(ticket, signal, *now)));
}

/// How many dialogues a group bears at a time.
fn window(throttle: &mut Throttle, group: &str, now: Timestamp) -> usize {
    let mut open = Vec::new();
    while throttle.admits(group, now) {
        open.push(throttle.started(group, now));
    }
    let window = open.len();
    open.into_iter().for_each(|ticket| drop(throttle.ended(ticket, Signal::Neutral, now)));
    window
}

#[test]
fn a_window_begins_at_five_or_the_sessions_there_are_and_never_exceeds_them() {
    for (sessions, first) in [(1, 1), (3, 3), (8, 5)] {
        let (mut throttle, mut now) = (Throttle::new(sessions), start());
        assert_eq!(window(&mut throttle, "a", now), first);
        for _ in 0..sessions {
            round(&mut throttle, "a", Signal::Served, &mut now);
        }
        assert_eq!(window(&mut throttle, "a", now), sessions);
    }
}

#[test]
fn a_round_of_successes_widens_by_one_and_distress_narrows_by_one() {
    let (mut throttle, mut now) = (Throttle::new(20), start());
    one(&mut throttle, "a", Signal::Pushed, &mut now);
    assert_eq!(window(&mut throttle, "a", now), 4);
    for wider in 5..8 {
        round(&mut throttle, "a", Signal::Served, &mut now);
        assert_eq!(window(&mut throttle, "a", now), wider);
    }
    one(&mut throttle, "a", Signal::Pushed, &mut now);
    assert_eq!(window(&mut throttle, "a", now), 6);
    one(&mut throttle, "a", Signal::Pushed, &mut now);
    assert_eq!(window(&mut throttle, "a", now), 6, "the round is not over");
}

#[test]
fn a_group_that_never_showed_distress_gets_twice_as_much_each_round_and_half_at_the_first() {
    let (mut throttle, mut now) = (Throttle::new(50), start());
    (0..50).for_each(|_| assert!(one(&mut throttle, "a", Signal::Served, &mut now)));
    assert_eq!(window(&mut throttle, "a", now), 5, "it was never used");
    for wider in [10, 20, 40, 50] {
        round(&mut throttle, "a", Signal::Served, &mut now);
        assert_eq!(window(&mut throttle, "a", now), wider);
    }
    one(&mut throttle, "a", Signal::Pushed, &mut now);
    assert_eq!(window(&mut throttle, "a", now), 25);
    round(&mut throttle, "a", Signal::Served, &mut now);
    assert_eq!(window(&mut throttle, "a", now), 26);
}

#[test]
fn a_failing_group_is_left_alone_for_ever_longer_and_tried_by_one_mail() {
    let (mut throttle, mut now) = (Throttle::new(16), start());
    let mut tries = 0;
    while one(&mut throttle, "a", Signal::Pushed, &mut now) {
        tries += 1;
    }
    assert!((5..=10).contains(&tries), "{tries}");
    for minutes in [1, 2, 5, 10, 30, 30] {
        let until = throttle.next_change(now).expect("it rests");
        assert!((until - now - TimeDelta::minutes(minutes)).num_seconds().abs() <= 1, "{minutes}");
        assert_eq!(throttle.full_groups(now), ["a"]);
        now = until;
        assert_eq!(window(&mut throttle, "a", now), 1, "one mail alone");
        assert!(one(&mut throttle, "a", Signal::Pushed, &mut now));
        assert!(!throttle.admits("a", now));
    }
    now = throttle.next_change(now).expect("it rests");
    assert!(one(&mut throttle, "a", Signal::Served, &mut now));
    assert_eq!(window(&mut throttle, "a", now), 2, "it serves again");
}

#[test]
fn a_slow_dialogue_gives_its_session_free_and_one_other_finds_out() {
    let (mut throttle, now) = (Throttle::new(4), start());
    let slow = [throttle.started("a", now), throttle.started("a", now)];
    assert_eq!((throttle.set_aside(now), throttle.next_change(now).is_some()), (0, true));
    let now = throttle.next_change(now).expect("they become slow");
    assert_eq!((throttle.set_aside(now), throttle.admits("a", now)), (2, true));
    let other = throttle.started("a", now);
    assert!(!throttle.admits("a", now), "one at a time");
    let _ = throttle.ended(other, Signal::Served, now);
    slow.into_iter().for_each(|ticket| drop(throttle.ended(ticket, Signal::Served, now + seconds(1))));
    assert_eq!(throttle.set_aside(now), 0);
    assert_eq!(window(&mut throttle, "a", now), 3, "it served, but slowly");
}

#[test]
fn refusals_by_policy_are_reported_soon_and_answers_never_alone() {
    let (mut throttle, now) = (Throttle::new(4), start());
    let mut end = |signal, now| {
        let ticket = throttle.started("a", now);
        throttle.ended(ticket, signal, now).map(|tally| (tally.refused, tally.results))
    };
    assert_eq!(end(Signal::Served, now), None);
    assert_eq!(end(Signal::Refused57, now), Some((1, 2)));
    for _ in 0..4 {
        assert_eq!(end(Signal::Refused57, now), None);
    }
    assert_eq!(end(Signal::Refused57, now), Some((5, 5)));
    assert_eq!(end(Signal::Refused57, now), None);
    assert_eq!(end(Signal::Served, now + seconds(1)), Some((1, 2)));
}

#[test]
fn idle_groups_are_forgotten_before_those_that_are_left_alone() {
    let (mut throttle, mut now) = (Throttle::new(4), start());
    while one(&mut throttle, "bad.example", Signal::Pushed, &mut now) {}
    let open = throttle.started("open.example", now);
    for group in 0..3 * REMEMBERED {
        let ticket = throttle.started(&format!("{group}.example"), now);
        throttle.ended(ticket, Signal::Served, now);
        assert!(throttle.groups.len() <= REMEMBERED);
    }
    assert_eq!(throttle.full_groups(now), ["bad.example"]);
    assert!(throttle.groups.contains_key(&open.group));
    let _ = throttle.ended(open, Signal::Served, now);
}

#[test]
fn the_urgent_go_first_and_then_the_group_with_the_fewest_dialogues() {
    let (mut throttle, mut queue, now) = (Throttle::new(8), Queue::default(), start());
    for item in ["a1", "a2", "a3", "b1", "c1"] {
        queue.push(&item[..1], 2, item);
    }
    queue.push("a", 0, "a0");
    let mut order = Vec::new();
    while let Some((ticket, item)) = queue.pop(&mut throttle, now) {
        order.push(item);
        std::mem::forget(ticket);
    }
    assert_eq!(order, ["a0", "b1", "c1", "a1", "a2", "a3"]);
    assert!(queue.is_empty());
}

#[test]
fn what_a_group_does_not_bear_any_more_is_given_back() {
    let (mut throttle, mut queue, mut now) = (Throttle::new(8), Queue::default(), start());
    (0..30).for_each(|number| queue.push("a", 2, number));
    queue.push("b", 2, 99);
    let rooms = queue.rooms(&throttle, now);
    assert_eq!((rooms.known["a"], rooms.known["b"], rooms.others), (0, 4 * 5 - 1, 4 * 5));
    assert_eq!(queue.withdraw(&throttle, now), (20..30).collect::<Vec<_>>(), "those that came last");
    (0..3).for_each(|_| round(&mut throttle, "a", Signal::Served, &mut now));
    assert_eq!(queue.rooms(&throttle, now).known["a"], i64::MAX, "it bears all sessions");
    while one(&mut throttle, "a", Signal::Pushed, &mut now) {}
    assert_eq!(queue.rooms(&throttle, now).known["a"], 0);
    assert_eq!(queue.withdraw(&throttle, now).len(), 20);
    assert_eq!((queue.len(), queue.drain()), (1, vec![99]));
}

fn signals() -> impl Strategy<Value = Signal> {
    prop_oneof![Just(Signal::Served), Just(Signal::Neutral), Just(Signal::Pushed), Just(Signal::Refused57)]
}

/// Begins a dialogue with a group, ends the oldest open one, or lets time pass.
#[derive(Debug, Clone)]
enum Event {
    Begin(usize),
    End(Signal),
    Pass(i64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        (0..3_usize).prop_map(Event::Begin),
        signals().prop_map(Event::End),
        (0..90_i64).prop_map(Event::Pass)
    ];
    proptest::collection::vec(event, 0..300)
}

const NAMES: [&str; 3] = ["a", "b", "c"];

proptest! {
    #[test]
    fn whatever_happens_no_group_exceeds_the_sessions_and_none_is_shut_for_ever(
        sessions in 1..12_usize, events in events()
    ) {
        let (mut throttle, mut now) = (Throttle::new(sessions), start());
        let mut open = std::collections::VecDeque::new();
        for event in events {
            match event {
                Event::Begin(group) if throttle.admits(NAMES[group], now) => {
                    open.push_back(throttle.started(NAMES[group], now));
                }
                Event::Begin(_) => {}
                Event::End(signal) => {
                    if let Some(ticket) = open.pop_front() {
                        throttle.ended(ticket, signal, now);
                    }
                }
                Event::Pass(passed) => now += seconds(passed),
            }
            prop_assert!(throttle.set_aside(now) <= sessions);
            for (name, group) in &throttle.groups {
                prop_assert!(group.open() <= sessions);
                let rests = throttle.full_groups(now).contains(&name.as_str());
                prop_assert!(group.open() > 0 || !rests || throttle.next_change(now).is_some());
            }
        }
        while let Some(ticket) = open.pop_front() {
            throttle.ended(ticket, Signal::Neutral, now);
        }
        // The longest rest there is.
        now += TimeDelta::minutes(30);
        for name in NAMES {
            prop_assert!(throttle.admits(name, now), "{name} bears a dialogue when none is open");
        }
    }

    #[test]
    fn enough_successes_bring_any_group_back_to_all_sessions(
        sessions in 1..12_usize, signals in proptest::collection::vec(signals(), 0..60)
    ) {
        let (mut throttle, mut now) = (Throttle::new(sessions), start());
        for signal in signals {
            if !one(&mut throttle, "a", signal, &mut now) {
                now = throttle.next_change(now).expect("it rests");
            }
        }
        now += TimeDelta::minutes(30);
        for _ in 0..=sessions {
            round(&mut throttle, "a", Signal::Served, &mut now);
        }
        prop_assert_eq!(window(&mut throttle, "a", now), sessions);
    }

    #[test]
    fn what_one_group_does_changes_nothing_for_another(
        sessions in 1..12_usize, signals in proptest::collection::vec(signals(), 0..60)
    ) {
        let (mut throttle, mut now) = (Throttle::new(sessions), start());
        for signal in signals {
            one(&mut throttle, "a", signal, &mut now);
        }
        prop_assert_eq!(window(&mut throttle, "b", now), 5.min(sessions));
    }

    #[test]
    fn a_group_that_only_fails_bears_one_dialogue_and_then_rests(sessions in 1..40_u32, good in 0..100) {
        let mut group = Group::new(sessions);
        let now = start();
        let mut number = 0;
        let mut end = |group: &mut Group, signal| {
            number += 1;
            group.start(number, now);
            group.end(number, signal, sessions, now);
        };
        (0..good).for_each(|_| end(&mut group, Signal::Served));
        let mut fails = 0;
        while group.admits(now) {
            end(&mut group, Signal::Pushed);
            fails += 1;
            prop_assert!(fails <= 2 * sessions, "{fails}");
        }
        let rested = group.next_change(now).expect("it rests");
        group.start(0, rested);
        prop_assert!(!group.admits(rested), "one alone");
    }
}
