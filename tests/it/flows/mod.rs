//! Whole flows through a service put together as the program does it.

mod fetch;
mod hostile;
mod nodes;
mod papers;
mod planning;
