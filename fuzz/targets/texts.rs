#![no_main]

libfuzzer_sys::fuzz_target!(|input: &str| broadsheet_fuzz::replay::texts(input));
