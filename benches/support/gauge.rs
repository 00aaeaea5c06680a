//! What this process used so far, as Linux tells.

use std::fs;
use std::ops::Range;

/// Clock ticks a second in `/proc` (USER_HZ), the same on every Linux.
const TICKS: f64 = 100.0;

/// Processor time of all threads that are or were, in seconds.
pub fn cpu_seconds() -> f64 {
    cpu_seconds_of("self")
}

/// The same of another process, by its number.
pub fn cpu_seconds_of(process: &str) -> f64 {
    seconds(&stat(process).expect("Linux"), UTIME..UTIME + 2)
}

/// The same of a process and of those it started, be they alive or gone.
pub fn cpu_seconds_with_children(process: i64) -> f64 {
    let parent = stat(&process.to_string()).expect("it runs");
    let children = fs::read_dir("/proc").expect("Linux").filter_map(|entry| stat(entry.ok()?.file_name().to_str()?));
    let children = children.filter(|words| words[PARENT].parse() == Ok(process));
    seconds(&parent, UTIME..UTIME + 4) + children.map(|words| seconds(&words, UTIME..UTIME + 2)).sum::<f64>()
}

/// The words of `/proc/<process>/stat` behind the name, which may hold anything, in its parentheses.
fn stat(process: &str) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    Some(stat.rsplit(')').next()?.split_whitespace().map(str::to_owned).collect())
}

/// Places in that: the parent; and user and system time, of itself and then of its children that are gone.
const PARENT: usize = 1;
const UTIME: usize = 11;

fn seconds(words: &[String], places: Range<usize>) -> f64 {
    words[places].iter().map(|ticks| ticks.parse::<f64>().expect("a number")).sum::<f64>() / TICKS
}

/// The most memory that was ever resident, in megabytes.
pub fn peak_megabytes() -> f64 {
    status("VmHWM:") / 1024.0
}

/// Forgets the peak so far: what is resident now is the new one.
pub fn reset_peak() {
    // Refused in some containers; then the peak includes what came before.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// How many processes wanted a processor over the last minute.
pub fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").expect("Linux");
    load.split_whitespace().next().unwrap_or_default().to_owned()
}

fn status(name: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a known line");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
