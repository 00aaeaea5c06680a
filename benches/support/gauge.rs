//! What this process used so far, as Linux tells.

use std::fs;

/// Clock ticks a second in `/proc` (USER_HZ), the same on every Linux.
const TICKS: f64 = 100.0;

/// Processor time of all threads that are or were, in seconds.
pub fn cpu_seconds() -> f64 {
    cpu_seconds_of("self")
}

/// The same of another process, by its number.
pub fn cpu_seconds_of(process: &str) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("Linux");
    // The name in parentheses may hold anything; user and system time are the 12th and 13th word behind it.
    let words: Vec<&str> = stat.rsplit(')').next().expect("a name").split_whitespace().collect();
    let ticks = |place: usize| -> f64 { words[place].parse().expect("a number") };
    (ticks(11) + ticks(12)) / TICKS
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
