//! What people get wrong.

use serde::{Serialize, Serializer};

use crate::hash::Algorithm;
use crate::keys::Whose;

/// One mistake. What it is called never changes: see [`Mistake::id`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mistake {
    /// `reqFlowId` was signed, too.
    ReqFlowIdSigned,
    /// `signValue` was signed, too, empty.
    SignValueSigned,
    /// Both of them were signed, too.
    ReqFlowIdAndSignValueSigned,
    /// A field that the interface does not know was signed, too.
    UnknownFieldSigned(String),
    /// A field that is signed was left out.
    FieldLeftOut(String),
    /// A field named `sign` was signed, too.
    NamedSignSigned,
    /// The fields beside `data` of an answer were signed, too.
    TopLevelSigned,
    /// The whole body was signed.
    BodySigned,
    /// The text of `data` was signed as it stands.
    DataTextSigned,
    /// A JSON object of the fields was signed.
    JsonSigned,
    /// The text of a map in Java, `{a=1, b=2}`, was signed.
    MapSigned,
    /// The empty text was signed.
    NothingSigned,
    /// Blank fields were kept as `name=`.
    BlankKept,
    /// Fields of spaces were kept; only empty ones were dropped.
    SpacesKept,
    /// `null` was signed as the word.
    NullKept,
    /// Fields were dropped whose only content are characters that Java's `trim` does not take for blank, as U+3000.
    UnicodeBlankDropped,
    /// The fields were not sorted: signed in the order in which they were sent.
    NotSorted,
    /// The fields stood in the order of the interface's page.
    PageOrder,
    /// Sorted without regard to letter case.
    CaseIgnored,
    /// Sorted by bytes, or code points, rather than UTF-16 units.
    CodePointOrder,
    /// In the order in which a Java HashMap gives them out.
    HashMapOrder,
    /// Sorted in reverse.
    ReverseOrder,
    /// `data` was signed before encryption.
    DataPlainSigned,
    /// `data` was signed without the line breaks with which it was sent.
    DataBreaksLeftOut,
    /// `data` was signed with line breaks, and sent without, or with others.
    DataBreaksAdded,
    /// `data` was signed with a `+` turned into a space.
    PlusSignedAsSpace,
    /// `data` was sent with a `+` turned into a space.
    PlusSentAsSpace,
    /// `data` was sent URL-encoded, and signed plainly.
    DataSentEncoded,
    /// Values were URL-encoded in the signed text.
    ValuesEncoded,
    /// The whole signed text was URL-encoded.
    TextEncoded,
    /// Values were trimmed.
    ValuesTrimmed,
    /// Values were quoted as in JSON.
    ValuesQuoted,
    /// Values were escaped as in JSON.
    ValuesEscaped,
    /// Numbers, booleans or nested JSON were signed in another form than they are written.
    ValuesRewritten,
    /// A field was signed with another value than the one that was sent.
    OtherValue {
        /// Its name.
        name: String,
        /// What was signed.
        signed: String,
    },
    /// Pairs were joined without `&`.
    JoinedWithoutAmpersand,
    /// Pairs were joined with something else than `&`.
    JoinedWith(String),
    /// Values only, without names.
    ValuesOnly,
    /// Names and values without `=`.
    EqualsLeftOut,
    /// Something stands before or after the signed text; a line break, say.
    Surrounded {
        /// Before it.
        before: String,
        /// After it.
        after: String,
    },
    /// The key for `data` was appended to the signed text.
    KeyAppended,
    /// The whole text was turned into lower or upper case.
    CaseChanged,
    /// The text was signed in GBK.
    Gbk,
    /// The text was signed in UTF-16.
    Utf16,
    /// What is outside ASCII was lost as `?`.
    QuestionMarks,
    /// UTF-8 was taken for ISO 8859-1 and encoded again.
    Utf8Twice,
    /// Another digest than the one that the protocol wants.
    OtherDigest {
        /// Which one.
        used: Algorithm,
        /// Which one is wanted: SHA-1 for RSA, SM3 for SM2.
        wanted: Algorithm,
    },
    /// A digest of the text was made first, and then signed as if it were the text.
    DigestTwice(Algorithm),
    /// A digest of the text was made first, written in hex, and that text signed.
    DigestHexSigned(Algorithm),
    /// A digest of the text was made first, written in Base64, and that text signed.
    DigestBase64Signed(Algorithm),
    /// The digest was signed without `DigestInfo`, as NONEwithRSA does.
    DigestInfoMissing,
    /// `DigestInfo` lacks the `NULL` after the digest's name.
    DigestInfoWithoutNull,
    /// `DigestInfo` was put into another one.
    DigestInfoTwice,
    /// The text itself was signed, without a digest.
    NotDigested {
        /// Which one is wanted: SHA-1 for RSA, SM3 for SM2.
        wanted: Algorithm,
    },
    /// RSA-PSS rather than PKCS#1 v1.5.
    Pss,
    /// The signature's bytes stand in reverse.
    BytesReversed,
    /// The signature is written in hex.
    SignatureHex,
    /// The signature is written in Base64 for URLs.
    SignatureBase64Url,
    /// The signature's Base64 lacks its padding.
    SignatureUnpadded,
    /// Base64 of the signature's hex text.
    SignatureHexInBase64,
    /// Base64 twice.
    SignatureBase64Twice,
    /// `signValue` was sent with a `+` turned into a space.
    SignaturePlusAsSpace,
    /// `signValue` was sent URL-encoded.
    SignatureUrlEncoded,
    /// `r || s` rather than DER.
    RawSignature,
    /// No user id went into SM2's digest.
    NoUserId,
    /// Another user id; `None`: an empty one.
    OtherUserId(Option<String>),
    /// The standard user id was taken for hex, or written in hex.
    UserIdAsHex,
    /// Another key than the one that is due.
    OtherKey {
        /// Whose signed.
        used: Whose,
        /// Whose is due.
        due: Whose,
    },
    /// `signType` names another algorithm than the one that signed.
    OtherSignType {
        /// What `signType` says.
        says: String,
        /// The kind of key that signed: `RSA` or `SM`.
        is: &'static str,
    },
    /// `data` is not encrypted.
    DataNotEncrypted,
    /// `data` is not encrypted, but Base64.
    DataOnlyBase64,
    /// `data` is written in hex.
    DataHex,
    /// `data` is encoded in Base64 twice.
    DataBase64Twice,
    /// `data` is written in Base64 for URLs.
    DataBase64Url,
    /// The Base64 of `data` lacks its padding.
    DataUnpadded,
    /// The key for `data` was hex-decoded.
    DesKeyDecoded,
    /// The last 8 characters of the key were used.
    DesKeyEnd,
    /// The key was used in another letter case.
    DesKeyCase,
    /// Zeros fill the last block of `data`.
    ZeroPadding,
    /// The last block of `data` is not filled in any known way, or needed no filling and has none.
    NoPadding,
    /// CBC rather than ECB, with an initialisation vector of zeros.
    CbcZero,
    /// CBC, with the key as the initialisation vector.
    CbcKey,
    /// CBC, with an initialisation vector that is not known.
    CbcOther,
    /// A mode that makes a stream of the cipher: CFB, OFB or CTR.
    StreamMode(&'static str),
    /// The last block of `data` is filled otherwise than PKCS#5 does, but not with zeros alone.
    OtherPadding,
    /// Triple DES.
    TripleDes,
    /// AES, with so many bits.
    Aes(u16),
}

impl Mistake {
    /// A stable name, for programs.
    pub fn id(&self) -> &'static str {
        match self {
            Mistake::ReqFlowIdSigned => "reqFlowId-signed",
            Mistake::SignValueSigned => "signValue-signed",
            Mistake::ReqFlowIdAndSignValueSigned => "reqFlowId-and-signValue-signed",
            Mistake::UnknownFieldSigned(_) => "unknown-field-signed",
            Mistake::FieldLeftOut(_) => "field-left-out",
            Mistake::NamedSignSigned => "named-sign-signed",
            Mistake::TopLevelSigned => "top-level-signed",
            Mistake::BodySigned => "body-signed",
            Mistake::DataTextSigned => "data-text-signed",
            Mistake::JsonSigned => "json-signed",
            Mistake::MapSigned => "map-signed",
            Mistake::NothingSigned => "nothing-signed",
            Mistake::BlankKept => "blank-kept",
            Mistake::SpacesKept => "spaces-kept",
            Mistake::NullKept => "null-kept",
            Mistake::UnicodeBlankDropped => "unicode-blank-dropped",
            Mistake::NotSorted => "not-sorted",
            Mistake::PageOrder => "page-order",
            Mistake::CaseIgnored => "case-ignored",
            Mistake::CodePointOrder => "code-point-order",
            Mistake::HashMapOrder => "hash-map-order",
            Mistake::ReverseOrder => "reverse-order",
            Mistake::DataPlainSigned => "data-plain-signed",
            Mistake::DataBreaksLeftOut => "data-breaks-left-out",
            Mistake::DataBreaksAdded => "data-breaks-added",
            Mistake::PlusSignedAsSpace => "plus-signed-as-space",
            Mistake::PlusSentAsSpace => "plus-sent-as-space",
            Mistake::DataSentEncoded => "data-sent-encoded",
            Mistake::ValuesEncoded => "values-encoded",
            Mistake::TextEncoded => "text-encoded",
            Mistake::ValuesTrimmed => "values-trimmed",
            Mistake::ValuesQuoted => "values-quoted",
            Mistake::ValuesEscaped => "values-escaped",
            Mistake::ValuesRewritten => "values-rewritten",
            Mistake::OtherValue { .. } => "other-value",
            Mistake::JoinedWithoutAmpersand => "joined-without-ampersand",
            Mistake::JoinedWith(_) => "joined-otherwise",
            Mistake::ValuesOnly => "values-only",
            Mistake::EqualsLeftOut => "equals-left-out",
            Mistake::Surrounded { .. } => "surrounded",
            Mistake::KeyAppended => "key-appended",
            Mistake::CaseChanged => "case-changed",
            Mistake::Gbk => "gbk",
            Mistake::Utf16 => "utf-16",
            Mistake::QuestionMarks => "question-marks",
            Mistake::Utf8Twice => "utf-8-twice",
            Mistake::OtherDigest { .. } => "other-digest",
            Mistake::DigestTwice(_) => "digest-twice",
            Mistake::DigestHexSigned(_) => "digest-hex-signed",
            Mistake::DigestBase64Signed(_) => "digest-base64-signed",
            Mistake::DigestInfoMissing => "digest-info-missing",
            Mistake::DigestInfoWithoutNull => "digest-info-without-null",
            Mistake::DigestInfoTwice => "digest-info-twice",
            Mistake::NotDigested { .. } => "not-digested",
            Mistake::Pss => "pss",
            Mistake::BytesReversed => "bytes-reversed",
            Mistake::SignatureHex => "signature-hex",
            Mistake::SignatureBase64Url => "signature-base64url",
            Mistake::SignatureUnpadded => "signature-unpadded",
            Mistake::SignatureHexInBase64 => "signature-hex-in-base64",
            Mistake::SignatureBase64Twice => "signature-base64-twice",
            Mistake::SignaturePlusAsSpace => "signature-plus-as-space",
            Mistake::SignatureUrlEncoded => "signature-url-encoded",
            Mistake::RawSignature => "raw-signature",
            Mistake::NoUserId => "no-user-id",
            Mistake::OtherUserId(_) => "other-user-id",
            Mistake::UserIdAsHex => "user-id-as-hex",
            Mistake::OtherKey { .. } => "other-key",
            Mistake::OtherSignType { .. } => "other-sign-type",
            Mistake::DataNotEncrypted => "data-not-encrypted",
            Mistake::DataOnlyBase64 => "data-only-base64",
            Mistake::DataHex => "data-hex",
            Mistake::DataBase64Twice => "data-base64-twice",
            Mistake::DataBase64Url => "data-base64url",
            Mistake::DataUnpadded => "data-unpadded",
            Mistake::DesKeyDecoded => "des-key-decoded",
            Mistake::DesKeyEnd => "des-key-end",
            Mistake::DesKeyCase => "des-key-case",
            Mistake::ZeroPadding => "zero-padding",
            Mistake::NoPadding => "no-padding",
            Mistake::CbcZero => "cbc-zero",
            Mistake::CbcKey => "cbc-key",
            Mistake::CbcOther => "cbc-other",
            Mistake::StreamMode(_) => "stream-mode",
            Mistake::OtherPadding => "other-padding",
            Mistake::TripleDes => "triple-des",
            Mistake::Aes(_) => "aes",
        }
    }
}

impl Serialize for Mistake {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}
