//! What the exit status of the command says. Numbers are never reused; docs/command.md lists them.

/// All that was asked for was done.
pub(crate) const OK: u8 = 0;
/// Some contract was not answered; the others were.
pub(crate) const UNANSWERED: u8 = 1;
/// The command line is wrong.
pub(crate) const USAGE: u8 = 2;
/// The configuration, or a file that it names, is wrong.
pub(crate) const CONFIGURATION: u8 = 3;
/// A file of the user cannot be read or written.
pub(crate) const FILE: u8 = 4;
/// Stopped by Ctrl-C or a signal; what was answered is kept.
pub(crate) const STOPPED: u8 = 130;
