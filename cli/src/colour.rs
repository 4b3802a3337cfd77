//! Colours on standard output, where it is a terminal and nobody has said NO_COLOR.

use std::io::{self, IsTerminal};

use crate::console;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    Red = 31,
    Green = 32,
    Yellow = 33,
    Grey = 90,
}

/// Whether to paint, found out once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint(bool);

impl Paint {
    pub(crate) fn of_output() -> Self {
        let is_refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self::on(io::stdout().is_terminal() && console::shows_colours(), is_refused)
    }

    fn on(is_terminal: bool, is_refused: bool) -> Self {
        Paint(is_terminal && !is_refused)
    }

    pub(crate) fn paint(self, text: &str, colour: Colour) -> String {
        if self.0 { format!("\x1b[{}m{text}\x1b[0m", colour as u8) } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_terminal_without_a_refusal_is_painted() {
        assert_eq!(Paint::on(true, false).paint("✓", Colour::Green), "\x1b[32m✓\x1b[0m");
        for (is_terminal, is_refused) in [(false, false), (true, true), (false, true)] {
            assert_eq!(Paint::on(is_terminal, is_refused).paint("✗", Colour::Red), "✗");
        }
    }
}
