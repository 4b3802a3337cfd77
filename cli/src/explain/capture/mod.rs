//! From whatever people have of an exchange to the messages in it.
//!
//! ```text
//! origin   where a message was found          text     bytes of any encoding, bounded, as text
//! object   objects of JSON, alone or in prose  har      what browsers and proxies save
//! http     an exchange as it goes over a wire  curl     -v, --trace-ascii, --trace
//! printed  maps as Java, PHP and Python show them
//! ```

mod curl;
mod har;
mod http;
mod object;
mod origin;
mod printed;
mod text;

pub(crate) use origin::{Form, Loss, Origin, Side};
pub(crate) use text::{MOST_BYTES, Unread, decoded};

/// More than these nobody reads; the others are counted.
pub(crate) const MOST_MESSAGES: usize = 100;

/// A message as it was found, and where.
#[derive(Debug, PartialEq)]
pub(crate) struct Captured {
    pub(crate) origin: Origin,
    /// What may be JSON, or a form; the engine judges it.
    pub(crate) body: String,
    /// What the way in which it was captured took away, or was mended.
    pub(crate) losses: Vec<Loss>,
}

/// All that was found.
#[derive(Debug)]
pub(crate) struct Capture {
    pub(crate) form: Form,
    pub(crate) messages: Vec<Captured>,
    /// What is to be told even if there is no message.
    pub(crate) losses: Vec<Loss>,
    /// How many messages there are beyond [`MOST_MESSAGES`].
    pub(crate) left_out: usize,
}

/// Finds the messages in a text; `messages` is empty if there is none.
pub(crate) fn read(text: &str) -> Capture {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let readers = [har::read, curl::read_trace, curl::read_verbose, http::read];
    let mut capture = match readers.into_iter().find_map(|reader| reader(text)) {
        Some(capture) if capture.messages.is_empty() => {
            // A line that looks like HTTP may stand in a log.
            let messages = object::within(text, Origin { form: Form::Log, number: None, side: None });
            if messages.is_empty() { capture } else { Capture { messages, ..Capture::new(Form::Log) } }
        }
        Some(capture) => capture,
        None => object::read(text),
    };
    capture.left_out = capture.messages.len().saturating_sub(MOST_MESSAGES);
    capture.messages.truncate(MOST_MESSAGES);
    capture
}

impl Capture {
    fn new(form: Form) -> Self {
        Capture { form, messages: Vec::new(), losses: Vec::new(), left_out: 0 }
    }

    /// Both sides of an exchange. The request tells whether it is one of ours; what was answered to that is shown even if
    /// it is no message at all.
    fn exchange(&mut self, number: Option<usize>, request: Option<&str>, response: Option<&str>) {
        let mut add = |side, text: &str, is_ours| {
            let before = self.messages.len();
            let origin = Origin { form: self.form, number, side: Some(side) };
            self.messages.extend(object::within(text, origin));
            let is_found = self.messages.len() > before;
            if !is_found && is_ours && !text.trim().is_empty() {
                self.messages.push(Captured { origin, body: text.trim().to_owned(), losses: Vec::new() });
            }
            is_found
        };
        let is_ours = request.is_some_and(|text| add(Side::Request, text, false));
        if let Some(text) = response {
            add(Side::Response, text, is_ours);
        }
    }
}
