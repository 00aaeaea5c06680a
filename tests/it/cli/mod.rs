//! The program as scripts and people use it: arguments, exit codes, what goes to which stream.

mod demo;
mod evaluate;
mod mails;
mod papers;
mod people;
mod settings;
mod upkeep;
