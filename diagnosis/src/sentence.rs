//! The clauses of one mistake, or of a few, put together into one sentence.

use crate::clauses::{self, Clauses};
use crate::diagnosis::{About, Finding};
use crate::message::Kind;
use crate::mistake::Mistake;
use crate::text::Text;
use crate::visible::visible;

/// A finding about these mistakes, of which there is at least one.
pub(crate) fn finding(about: About, kind: Kind, mistakes: Vec<Mistake>, signed_instead: Option<&str>) -> Finding {
    let parts: Vec<_> = mistakes.iter().map(|mistake| clauses::of(mistake, kind)).collect();
    let done: Vec<_> = parts.iter().map(|part| part.done.clone()).collect();
    Finding {
        about,
        mistakes,
        sentence: sentence(&parts),
        short: Text { en: all_of(&done, |text| &text.en, ", and "), zh: all_of_chinese(&done) },
        signed_instead: signed_instead.map(visible),
    }
}

fn sentence(parts: &[Clauses]) -> Text {
    let done: Vec<_> = parts.iter().map(|part| part.done.clone()).collect();
    // One piece of advice, for one mistake or for all of them.
    if let Some(first) = parts.first()
        && parts.iter().all(|part| part.right == first.right)
    {
        let en = capitalised(&all_of(&done, |text| &text.en, ", and "));
        return Text::new(
            format_args!("{en}; {}.", first.right.en),
            format_args!("{}；{}。", all_of_chinese(&done), first.right.zh),
        );
    }
    let numbered = |(at, part): (usize, &Clauses)| {
        let mark = ["①", "②", "③"].get(at).unwrap_or(&"");
        Text::new(
            format_args!("({}) {}; {}", at + 1, part.done.en, part.right.en),
            format_args!("{mark} {}，{}", part.done.zh, part.right.zh),
        )
    };
    let numbered: Vec<_> = parts.iter().enumerate().map(numbered).collect();
    let (en, zh) = if parts.len() == 2 { ("Two", "两") } else { ("Three", "三") };
    Text::new(
        format_args!("{en} mistakes at once: {}.", all_of(&numbered, |text| &text.en, "; ")),
        format_args!("同时有{zh}处错误：{}。", all_of(&numbered, |text| &text.zh, "；")),
    )
}

fn all_of(texts: &[Text], of: impl Fn(&Text) -> &str, between: &str) -> String {
    texts.iter().map(of).collect::<Vec<_>>().join(between)
}

/// Joined as Chinese joins clauses, with a space before what begins in Latin letters.
pub(crate) fn all_of_chinese(texts: &[Text]) -> String {
    let mut joined = String::new();
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            joined.push_str("，并且");
            joined.push_str(if text.zh.starts_with(|first: char| first.is_ascii()) { " " } else { "" });
        }
        joined.push_str(&text.zh);
    }
    joined
}

/// What was done, alone.
pub(crate) fn done(mistake: &Mistake, kind: Kind) -> Text {
    clauses::of(mistake, kind).done
}

/// A sentence begins with a capital, but a field's name is written as it is.
fn capitalised(text: &str) -> String {
    const WORDS: [&str; 9] = ["what", "the", "a", "only", "fields", "blank", "values", "names", "every"];
    let word = text.split(' ').next().unwrap_or_default();
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if WORDS.contains(&word) => first.to_uppercase().chain(characters).collect(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::hash::Algorithm;
    use crate::keys::Whose;

    /// One of each.
    fn every() -> Vec<Mistake> {
        use Mistake::*;
        let (sha1, sm3) = (Algorithm::Sha1, Algorithm::Sm3);
        let surrounded = |before: &str, after: &str| Surrounded { before: before.into(), after: after.into() };
        vec![
            ReqFlowIdSigned,
            SignValueSigned,
            ReqFlowIdAndSignValueSigned,
            UnknownFieldSigned("x".into()),
            FieldLeftOut("x".into()),
            NamedSignSigned,
            TopLevelSigned,
            BodySigned,
            DataTextSigned,
            JsonSigned,
            MapSigned,
            NothingSigned,
            BlankKept,
            SpacesKept,
            NullKept,
            UnicodeBlankDropped,
            NotSorted,
            PageOrder,
            CaseIgnored,
            CodePointOrder,
            HashMapOrder,
            ReverseOrder,
            DataPlainSigned,
            DataBreaksLeftOut,
            DataBreaksAdded,
            PlusSignedAsSpace,
            PlusSentAsSpace,
            DataSentEncoded,
            ValuesEncoded,
            TextEncoded,
            ValuesTrimmed,
            ValuesQuoted,
            ValuesEscaped,
            ValuesRewritten,
            OtherValue { name: "ver".into(), signed: "1".into() },
            JoinedWithoutAmpersand,
            JoinedWith("|".into()),
            ValuesOnly,
            EqualsLeftOut,
            surrounded("", "\n"),
            KeyAppended,
            CaseChanged,
            Gbk,
            Utf16,
            QuestionMarks,
            Utf8Twice,
            OtherDigest { used: Algorithm::Md5, wanted: sha1 },
            DigestTwice(sha1),
            DigestHexSigned(sm3),
            DigestBase64Signed(sha1),
            DigestInfoMissing,
            DigestInfoWithoutNull,
            DigestInfoTwice,
            NotDigested { wanted: sm3 },
            Pss,
            BytesReversed,
            SignatureHex,
            SignatureBase64Url,
            SignatureUnpadded,
            SignatureHexInBase64,
            SignatureBase64Twice,
            SignaturePlusAsSpace,
            SignatureUrlEncoded,
            RawSignature,
            NoUserId,
            OtherUserId(None),
            UserIdAsHex,
            OtherKey { used: Whose::Other("a.cer".into()), due: Whose::Platform },
            OtherSignType { says: "SM".into(), is: "RSA" },
            DataNotEncrypted,
            DataOnlyBase64,
            DataHex,
            DataBase64Twice,
            DataBase64Url,
            DataUnpadded,
            DesKeyDecoded,
            DesKeyEnd,
            DesKeyCase,
            ZeroPadding,
            NoPadding,
            CbcZero,
            CbcKey,
            CbcOther,
            TripleDes,
            Aes(128),
        ]
    }

    #[test]
    fn every_mistake_has_a_name_of_its_own_and_a_sentence_in_both_languages() {
        let (mut ids, mut sentences) = (HashSet::new(), HashSet::new());
        for mistake in every() {
            assert!(ids.insert(mistake.id()), "{mistake:?}");
            for kind in [Kind::Request, Kind::Answer] {
                let found = finding(About::Signature, kind, vec![mistake.clone()], None);
                let (en, zh) = (found.sentence.en, found.sentence.zh);
                assert!(en.ends_with('.') && !en.ends_with("..") && en.matches("; ").count() == 1, "{en}");
                assert!(en.is_ascii() || matches!(mistake, Mistake::Surrounded { .. }), "{en}");
                assert!(zh.ends_with('。') && zh.matches('；').count() == 1 && !zh.contains(';'), "{zh}");
                assert!(zh.chars().any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c)), "{zh}");
                if kind == Kind::Request {
                    assert!(sentences.insert(en.clone()), "{en}");
                }
                assert_eq!(found.short.en.to_lowercase(), en.split(';').next().unwrap().to_lowercase());
            }
        }
    }

    #[test]
    fn two_mistakes_make_one_sentence_and_names_keep_their_letters() {
        let two = |a: Mistake, b: Mistake| finding(About::Signature, Kind::Request, vec![a, b], None).sentence;
        let sentence = two(Mistake::ReqFlowIdSigned, Mistake::DigestInfoTwice);
        assert_eq!(
            sentence.en,
            "Two mistakes at once: (1) reqFlowId was signed, too; it is not part of the signed text, so leave it out; \
             (2) DigestInfo stands inside of another DigestInfo in the signature; give the text itself to SHA1withRSA, and make \
             no DigestInfo before."
        );
        assert!(sentence.zh.starts_with("同时有两处错误：① reqFlowId 也参与了签名，"), "{}", sentence.zh);
        // The same advice is given once.
        let same = two(Mistake::FieldLeftOut("ver".into()), Mistake::FieldLeftOut("src".into()));
        assert_eq!(same.en.matches("are all signed").count(), 1);
        assert!(same.en.starts_with("ver was left out of the signed text, and src was left out"), "{}", same.en);
    }
}
