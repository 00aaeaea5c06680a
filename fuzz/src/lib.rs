//! The rooms that are fuzzed, taken from the program's own sources: they need neither database nor network,
//! so that a fuzzing build takes seconds. What must hold for any input stands in `replay.rs`, which the
//! program's own tests run over the kept inputs.

#[path = "../../src/matcher/mod.rs"]
pub mod matcher;
#[path = "../../src/model/mod.rs"]
pub mod model;
#[path = "replay.rs"]
pub mod replay;
#[path = "../../src/text/mod.rs"]
pub mod text;
