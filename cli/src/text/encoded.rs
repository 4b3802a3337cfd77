//! Text in whatever encoding, read as UTF-8.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding};

pub(crate) struct Encoded<R> {
    source: R,
    decoder: Decoder,
    raw: Box<[u8]>,
    raw_from: usize,
    raw_to: usize,
    at_end: bool,
    /// What is decoded and not yet read.
    ready: Vec<u8>,
    ready_from: usize,
}

impl<R: Read> Encoded<R> {
    /// A byte order mark of this encoding is left out.
    pub(crate) fn new(source: R, encoding: &'static Encoding) -> Self {
        Encoded {
            source,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: vec![0; 32 * 1024].into(),
            raw_from: 0,
            raw_to: 0,
            at_end: false,
            ready: Vec::new(),
            ready_from: 0,
        }
    }

    fn decode_more(&mut self) -> io::Result<()> {
        if self.raw_from == self.raw_to {
            self.raw_from = 0;
            self.raw_to = self.source.read(&mut self.raw)?;
            self.at_end = self.raw_to == 0;
        }
        self.ready.resize(96 * 1024, 0);
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
            &self.raw[self.raw_from..self.raw_to],
            &mut self.ready,
            self.at_end,
        );
        self.raw_from += read;
        self.ready.truncate(written);
        self.ready_from = 0;
        match result {
            DecoderResult::Malformed(..) => Err(io::Error::new(io::ErrorKind::InvalidData, "not in its encoding")),
            DecoderResult::InputEmpty | DecoderResult::OutputFull => Ok(()),
        }
    }
}

impl<R: Read> Read for Encoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.ready_from == self.ready.len() && !self.at_end {
            self.decode_more()?;
        }
        let ready = &self.ready[self.ready_from..];
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.ready_from += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, so that every character is cut.
    struct Bytewise<'a>(&'a [u8]);

    impl Read for Bytewise<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(&mut buffer[..1])
        }
    }

    #[test]
    fn characters_that_are_cut_come_whole() {
        let read = |bytes: &[u8], encoding| {
            let mut text = String::new();
            Encoded::new(Bytewise(bytes), encoding).read_to_string(&mut text).map(|_| text)
        };
        assert_eq!(read("\u{feff}签约,😀".as_bytes(), encoding_rs::UTF_8).unwrap(), "签约,😀");
        // `iconv -t GB18030`.
        assert_eq!(read(b"\xc7\xa9\xd4\xbc,\x94\x39\xfc\x36", encoding_rs::GB18030).unwrap(), "签约,😀");
        assert_eq!(read(b"\xff\xfe~{a\0", encoding_rs::UTF_16LE).unwrap(), "签a");
        assert!(read(b"\xc7\xa9\xd4", encoding_rs::GB18030).is_err());
        assert!(read(b"\xc7\xa9\xb1", encoding_rs::UTF_8).is_err());
    }
}
