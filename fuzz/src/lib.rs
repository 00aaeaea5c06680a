//! The rooms that are fuzzed, taken from the program's own sources: they need neither database nor network,
//! so that a fuzzing build takes seconds. What must hold for any input stands among the matcher's tests,
//! which run it over the kept inputs.

#[path = "../../src/matcher/mod.rs"]
pub mod matcher;
#[path = "../../src/model/mod.rs"]
pub mod model;
#[path = "../../src/matcher/tests/replay.rs"]
pub mod replay;
#[path = "../../src/text/mod.rs"]
pub mod text;
