//! Where a message was found, in words and for programs.

use crate::lang::Lang;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The body alone.
    Body,
    /// A body in each line.
    Lines,
    /// Somewhere in other text.
    Log,
    Har,
    HarEntry,
    Curl,
    CurlTrace,
    Http,
}

impl Form {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Form::Body => "body",
            Form::Lines => "lines",
            Form::Log => "log",
            Form::Har => "har",
            Form::HarEntry => "harEntry",
            Form::Curl => "curl",
            Form::CurlTrace => "curlTrace",
            Form::Http => "http",
        }
    }

    pub(crate) fn told(self, lang: Lang) -> &'static str {
        match self {
            Form::Body => lang.of("a body", "报文体"),
            Form::Lines => lang.of("a body in each line", "每行一个报文体"),
            Form::Log => lang.of("text with messages in it", "夹有报文的文本"),
            Form::Har => lang.of("a HAR", "HAR 文件"),
            Form::HarEntry => lang.of("an entry of a HAR", "HAR 中的一个条目"),
            Form::Curl => lang.of("the output of curl -v", "curl -v 的输出"),
            Form::CurlTrace => lang.of("a trace of curl", "curl 的跟踪文件"),
            Form::Http => lang.of("a raw HTTP exchange", "HTTP 原始报文"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Request,
    Response,
}

impl Side {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Side::Request => "request",
            Side::Response => "response",
        }
    }
}

/// `number` counts entries, exchanges or lines, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) form: Form,
    pub(crate) number: Option<usize>,
    pub(crate) side: Option<Side>,
}

impl Origin {
    pub(crate) fn told(self, lang: Lang) -> String {
        let side = match self.side {
            Some(Side::Request) => lang.of("request", "请求"),
            Some(Side::Response) => lang.of("response", "应答"),
            None => lang.of("message", "报文"),
        };
        let number = self.number.unwrap_or(1);
        match self.form {
            Form::Body => lang.of("the body", "报文体").to_owned(),
            Form::Lines | Form::Log => lang.of(format!("line {number}"), format!("第 {number} 行")),
            Form::Har => {
                lang.of(format!("{side} in entry {number} of the HAR"), format!("HAR 第 {number} 个条目的{side}"))
            }
            Form::HarEntry | Form::Curl | Form::CurlTrace | Form::Http => {
                let within = self.form.told(lang);
                match self.number {
                    Some(number @ 2..) => {
                        lang.of(format!("{side} {number} in {within}"), format!("{within}中第 {number} 次的{side}"))
                    }
                    _ => lang.of(format!("{side} in {within}"), format!("{within}中的{side}")),
                }
            }
        }
    }
}

/// What capturing took away from a message, or what was put right to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// `{\"ver\":…`.
    EscapedQuotes,
    /// `{&quot;ver&quot;:…`.
    EscapedForHtml,
    /// `{“ver”:…`.
    TypographicQuotes,
    /// `"data":"{"code":…}"`.
    UnescapedData,
    JavaMap,
    PhpArray,
    PythonDict,
    /// `charset=UTF-8&data=…`: the text to be signed rather than a message.
    SignedText,
    /// `curl -v` shows no request's body.
    NoRequestBody,
    /// `curl --trace-ascii` shows a dot for every byte that is not ASCII.
    DotsForBytes,
}

impl Loss {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Loss::EscapedQuotes => "escapedQuotes",
            Loss::EscapedForHtml => "escapedForHtml",
            Loss::TypographicQuotes => "typographicQuotes",
            Loss::UnescapedData => "unescapedData",
            Loss::JavaMap => "javaMap",
            Loss::PhpArray => "phpArray",
            Loss::PythonDict => "pythonDict",
            Loss::SignedText => "signedText",
            Loss::NoRequestBody => "noRequestBody",
            Loss::DotsForBytes => "dotsForBytes",
        }
    }

    pub(crate) fn told(self, lang: Lang) -> &'static str {
        match self {
            Loss::EscapedQuotes => lang.of(
                "The text stood with escaped quotes (\\\"), as inside another string; they were taken away.",
                "原文的引号带转义（\\\"），像是放在另一个字符串里；已还原。",
            ),
            Loss::EscapedForHtml => lang.of(
                "The text was escaped for HTML (&quot;), as web pages show it; that was undone.",
                "原文带 HTML 转义（&quot;），像是从网页上复制的；已还原。",
            ),
            Loss::TypographicQuotes => lang.of(
                "The text had typographic quotes (“ ”), as editors and chats make them; \" was put there.",
                "原文是中文引号（“ ”），多半被编辑器或聊天软件改过；已换成 \"。",
            ),
            Loss::UnescapedData => lang.of(
                "The quotes inside data had lost their backslashes, so this is no JSON any more; data was read as an object. \
                 If your program sees the body like this, too, it removed them (stripslashes?) and cannot read it.",
                "data 里的引号丢了反斜杠，已不是合法的 JSON；这里把 data 当作对象读取。如果您的程序看到的也是这样，说明它去掉了反斜杠\
                 （用了 stripslashes？），解析必然失败。",
            ),
            Loss::JavaMap => lang.of(
                "This is a map as Java prints it: not what was sent. Quotes are gone, so text cannot be told from a number, \
                 nor null from \"null\", nor where a value with \", name=\" ends; the order is the map's own. If nothing fits, \
                 capture the body itself.",
                "这是 Java 打印出来的 Map，不是实际发送的内容：引号已丢失，分不清文本与数字、null 与 \"null\"，也看不出含有“, 名称=”\
                 的值到哪里为止；顺序是 Map 自己的。如果都对不上，请抓取报文体原文。",
            ),
            Loss::PhpArray => lang.of(
                "This is an array as PHP prints it: not what was sent. If nothing fits, capture the body itself \
                 (the string that goes to CURLOPT_POSTFIELDS, or what curl_exec returned).",
                "这是 PHP 打印出来的数组，不是实际发送的内容。如果都对不上，请抓取报文体原文（传给 CURLOPT_POSTFIELDS 的字符串，\
                 或 curl_exec 的返回值）。",
            ),
            Loss::PythonDict => lang.of(
                "This is a dict as Python prints it: not what was sent. If nothing fits, capture the body itself.",
                "这是 Python 打印出来的字典，不是实际发送的内容。如果都对不上，请抓取报文体原文。",
            ),
            Loss::SignedText => lang.of(
                "This looks like a text that was signed, not like a message: compare it with the text to be signed below. \
                 Give the body that was sent, with signValue, to have the signature verified.",
                "这像是待签名串，而不是报文：请与下面按规则拼出的待签名串比对。要验签名，请给出实际发送的、含 signValue 的报文体。",
            ),
            Loss::NoRequestBody => lang.of(
                "curl -v does not show the request's body. To have both: curl --trace FILE …, and give FILE.",
                "curl -v 不显示请求的报文体。要两边都有，请用 curl --trace FILE …，再给出 FILE。",
            ),
            Loss::DotsForBytes => lang.of(
                "curl --trace-ascii shows a dot in the place of every byte that is not ASCII, so a message with Chinese cannot \
                 fit. Take curl --trace FILE instead.",
                "curl --trace-ascii 把每个非 ASCII 字节都写成一个点，含中文的报文因此不可能对上。请改用 curl --trace FILE。",
            ),
        }
    }
}
