//! What the exit status of the command says. Numbers are never reused; docs/command.md lists them.

/// All that was asked for was done.
pub(crate) const OK: u8 = 0;
/// Some contract was not answered; the others were. With `doctor`, nothing is wrong but something is worth a look.
pub(crate) const UNANSWERED: u8 = 1;
/// The command line is wrong.
pub(crate) const USAGE: u8 = 2;
/// The configuration, or a file that it names, is wrong.
pub(crate) const CONFIGURATION: u8 = 3;
/// A file of the user cannot be read or written.
pub(crate) const FILE: u8 = 4;
/// `doctor`: something is wrong.
pub(crate) const OUT_OF_ORDER: u8 = 10;
/// `watch`: its time was over before every contract became final.
pub(crate) const UNFINISHED: u8 = 11;
/// `explain`: a signature does not fit, or `data` is not encrypted as it must be.
pub(crate) const DOES_NOT_FIT: u8 = 12;
/// `explain`: whether a signature fits cannot be told, for want of a key, of a signature or of a message.
pub(crate) const CANNOT_TELL: u8 = 13;
/// `simulate`: the port or the address cannot be listened on.
pub(crate) const CANNOT_LISTEN: u8 = 14;
/// Stopped by Ctrl-C or a signal; what was answered is kept.
pub(crate) const STOPPED: u8 = 130;
