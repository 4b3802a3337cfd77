//! An explanation for people.

use unicode_width::UnicodeWidthStr;
use yspay_diagnosis::{About, DataReport, DataVerdict, Diagnosis, FieldReport, Kind, Text, Verdict, visible};

use super::wrap::{cut, literal, sentence};
use super::{Explained, Outcome};
use crate::console;
use crate::lang::Lang;

const GREEN: u8 = 32;
const YELLOW: u8 = 33;
const RED: u8 = 31;
const GREY: u8 = 90;

/// Nobody reads more; no text of this protocol comes near.
const MOST_SHOWN: usize = 8_000;

pub(super) struct Screen {
    lang: Lang,
    is_coloured: bool,
}

impl Screen {
    pub(super) fn new(lang: Lang) -> Self {
        Screen { lang, is_coloured: console::is_coloured() }
    }

    pub(super) fn told(&self, explained: &Explained) -> String {
        let mut text = String::new();
        for loss in &explained.losses {
            text += &self.remark("!", YELLOW, loss.told(self.lang));
        }
        match &explained.outcome {
            Outcome::NoMessage(why) => text += &self.remark("✗", RED, &no_message(why, self.lang)),
            Outcome::Diagnosed(diagnosis) => {
                text += &self.verdict(diagnosis);
                for hint in &explained.hints {
                    text += &self.remark("!", YELLOW, hint.told(self.lang));
                }
                text += &self.content(diagnosis);
            }
        }
        let what = match &explained.outcome {
            Outcome::NoMessage(_) => String::new(),
            Outcome::Diagnosed(diagnosis) => self.lang.of(": ", "：").to_owned() + &self.what(diagnosis),
        };
        format!("{}{what}\n{text}", explained.origin.told(self.lang))
    }

    /// "request, SM".
    fn what(&self, diagnosis: &Diagnosis) -> String {
        let kind = match diagnosis.kind {
            Kind::Request => self.lang.of("a request", "请求报文"),
            Kind::Answer => self.lang.of("an answer", "应答报文"),
        };
        match &diagnosis.sign_type {
            Some(sign_type) => format!("{kind}{}signType {:.40}", self.lang.of(", ", "，"), visible(sign_type)),
            None => kind.to_owned(),
        }
    }

    /// Whether the signature fits, what was done wrong, and what else is odd.
    fn verdict(&self, diagnosis: &Diagnosis) -> String {
        let (mark, colour) = mark(diagnosis.verdict);
        let mut text = self.remark(mark, colour, self.text(&diagnosis.explanation));
        let explained = &self.text(&diagnosis.explanation);
        for finding in &diagnosis.findings {
            let said = self.text(&finding.sentence);
            if said != *explained {
                text += &self.remark("✗", RED, said);
            }
        }
        if let Some(data) = wrong_data(diagnosis) {
            text += &self.remark("✗", RED, self.text(&data.explanation));
        }
        for note in &diagnosis.notes {
            text += &self.remark("!", YELLOW, self.text(note));
        }
        text
    }

    /// What the message holds, and what of it is signed.
    fn content(&self, diagnosis: &Diagnosis) -> String {
        let mut text = self.fields(diagnosis);
        text += &self.signed(diagnosis);
        for finding in &diagnosis.findings {
            if let (About::Signature, Some(signed)) = (finding.about, &finding.signed_instead) {
                text += &self.heading(self.lang.of("what was signed instead", "实际签名的文本"));
                text += &self.literal(signed);
            }
        }
        if let Some(data) = &diagnosis.data {
            text += &self.data(data);
        }
        text
    }

    fn fields(&self, diagnosis: &Diagnosis) -> String {
        let mut text = String::new();
        for (in_data, title) in [
            (false, self.lang.of("fields (✓ signed, – not signed)", "字段（✓ 参与签名，– 不参与）")),
            (true, self.lang.of("fields of data (✓ signed, – not signed)", "data 里的字段（✓ 参与签名，– 不参与）")),
        ] {
            let fields: Vec<&FieldReport> = diagnosis.fields.iter().filter(|field| field.in_data == in_data).collect();
            if fields.is_empty() {
                continue;
            }
            text += &self.heading(title);
            let width = fields.iter().map(|field| field.name.width()).max().unwrap_or(0).min(24);
            for (index, field) in fields.iter().enumerate() {
                text += &self.field(field, width);
                // Neighbours share their reason.
                let is_last = fields.get(index + 1).is_none_or(|next| next.why_not != field.why_not);
                if let Some(why) = field.why_not.as_ref().filter(|_| is_last) {
                    text += &sentence(&" ".repeat(8 + width), self.text(why));
                }
            }
        }
        text
    }

    fn field(&self, field: &FieldReport, width: usize) -> String {
        let mark = if field.signed { self.coloured("✓", GREEN) } else { self.coloured("–", GREY) };
        let lengthy = |count| self.lang.of(format!("({count} characters)"), format!("（{count} 个字符）"));
        let name = cut(&visible(&field.name), 32, lengthy);
        let blank = " ".repeat(width.saturating_sub(name.width()));
        let value = cut(&field.visible, 8 + width.max(name.width()), lengthy);
        format!("    {mark} {name}{blank}  {value}").trim_end().to_owned() + "\n"
    }

    fn signed(&self, diagnosis: &Diagnosis) -> String {
        let lang = self.lang;
        let title = lang.of(
            "the text to be signed (one line; here broken before each &)",
            "待签名串（本是一行，这里在每个 & 前换行）",
        );
        let mut text = self.heading(title);
        text += &match diagnosis.signed_text.as_str() {
            "" => format!("    {}\n", lang.of("(nothing)", "（空）")),
            _ => self.literal(&diagnosis.visible_text),
        };
        if let Some(digest) = diagnosis.digest.as_ref().filter(|_| !diagnosis.signed_text.is_empty()) {
            let name = digest.algorithm.name();
            let title = match &digest.user_id {
                Some(id) => lang
                    .of(format!("its digest, {name} with the user id {id}"), format!("摘要 {name}（用户标识 {id}）")),
                None => lang.of(format!("its digest, {name}"), format!("摘要 {name}")),
            };
            text += &self.heading(&title);
            text += &literal("    ", &digest.hex);
        }
        text
    }

    fn data(&self, data: &DataReport) -> String {
        let mut text = self.heading(self.lang.of("data, decrypted", "data 解密后"));
        if let Some(shown) = &data.visible {
            text += &self.literal(shown);
        }
        text += &sentence("    ", self.text(&data.explanation));
        text
    }

    /// What is signed or sent; of what is longer than anybody reads its beginning.
    fn literal(&self, text: &str) -> String {
        let Some((end, _)) = text.char_indices().nth(MOST_SHOWN) else { return literal("    ", text) };
        let count = text.chars().count();
        let rest = self.lang.of(
            format!("… ({count} characters; --json shows them all)"),
            format!("…（共 {count} 个字符，全部内容见 --json）"),
        );
        literal("    ", &text[..end]) + &sentence("    ", &rest)
    }

    fn text<'a>(&self, text: &'a Text) -> &'a str {
        self.lang.of(&text.en, &text.zh)
    }

    fn heading(&self, title: &str) -> String {
        format!("\n  {title}\n")
    }

    /// A sentence behind a mark.
    fn remark(&self, mark: &str, colour: u8, text: &str) -> String {
        let plain = sentence(&format!("{mark} "), text);
        match plain.strip_prefix(mark) {
            Some(rest) => self.coloured(mark, colour) + rest,
            None => plain,
        }
    }

    fn coloured(&self, mark: &str, colour: u8) -> String {
        if self.is_coloured { format!("\x1b[{colour}m{mark}\x1b[0m") } else { mark.to_owned() }
    }
}

pub(super) fn no_message(why: &Text, lang: Lang) -> String {
    lang.of(format!("No message of this protocol: {}.", why.en), format!("不是本协议的报文：{}。", why.zh))
}

/// `data` that is wrong in a way that no finding tells.
fn wrong_data(diagnosis: &Diagnosis) -> Option<&DataReport> {
    let is_told = diagnosis.findings.iter().any(|finding| finding.about == About::Data);
    diagnosis.data.as_ref().filter(|data| data.verdict == DataVerdict::Wrong && !is_told)
}

fn mark(verdict: Verdict) -> (&'static str, u8) {
    match verdict {
        Verdict::Fits => ("✓", GREEN),
        Verdict::FitsWithMistake | Verdict::DoesNotFit => ("✗", RED),
        Verdict::CannotTell => ("!", YELLOW),
    }
}
