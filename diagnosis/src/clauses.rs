//! What was done, and what is right: one clause each for every mistake, in both languages beside each other.

use crate::hash::Algorithm;
use crate::keys::Whose;
use crate::message::Kind;
use crate::mistake::Mistake;
use crate::text::Text;
use crate::visible::visible;

/// What was done, and what is right.
pub(crate) struct Clauses {
    pub(crate) done: Text,
    pub(crate) right: Text,
}

fn clauses(done_en: impl Into<String>, done_zh: impl Into<String>, right_en: &str, right_zh: &str) -> Clauses {
    Clauses { done: Text { en: done_en.into(), zh: done_zh.into() }, right: Text::new(right_en, right_zh) }
}

/// The clauses of a mistake in a message of this kind.
pub(crate) fn of(mistake: &Mistake, kind: Kind) -> Clauses {
    let is_answer = kind == Kind::Answer;
    match mistake {
        Mistake::ReqFlowIdSigned => clauses(
            "reqFlowId was signed, too",
            "reqFlowId 也参与了签名",
            "it is not part of the signed text, so leave it out",
            "reqFlowId 不参与签名，拼接待签名串时去掉它",
        ),
        Mistake::SignValueSigned => clauses(
            "signValue itself was signed, too, before it had a value",
            "signValue 自己（赋值之前）也参与了签名",
            "the signature is not part of the signed text, so leave signValue out",
            "signValue 不参与签名，拼接待签名串时去掉它",
        ),
        Mistake::ReqFlowIdAndSignValueSigned => clauses(
            "reqFlowId and signValue were signed, too",
            "reqFlowId 和 signValue 也参与了签名",
            "neither is part of the signed text, so leave both out",
            "这两个字段都不参与签名，拼接待签名串时去掉它们",
        ),
        Mistake::UnknownFieldSigned(name) => clauses(
            format!("{} was signed, too", visible(name)),
            format!("{} 也参与了签名", visible(name)),
            "sign only ver, src, msgCode, method, signType, charset and data",
            "只对 ver、src、msgCode、method、signType、charset、data 签名",
        ),
        Mistake::FieldLeftOut(name) if is_answer => clauses(
            format!("{} was left out of the signed text", visible(name)),
            format!("待签名串里漏了 {}", visible(name)),
            "every field of data that is not blank is signed",
            "data 里的非空字段都要参与签名",
        ),
        Mistake::FieldLeftOut(name) => clauses(
            format!("{} was left out of the signed text", visible(name)),
            format!("待签名串里漏了 {}", visible(name)),
            "ver, src, msgCode, method, signType, charset and data are all signed",
            "ver、src、msgCode、method、signType、charset、data 都要参与签名",
        ),
        Mistake::NamedSignSigned => clauses(
            "the field named sign was signed, too",
            "名为 sign 的字段也参与了签名",
            "a field of that name, in any letter case, is left out",
            "名为 sign 的字段（不分大小写）不参与签名",
        ),
        Mistake::TopLevelSigned => clauses(
            "the fields beside data were signed, too",
            "data 之外的顶层字段也参与了签名",
            "in an answer only the fields inside data are signed",
            "应答只对 data 里面的字段签名",
        ),
        Mistake::BodySigned => clauses(
            "the whole JSON body was signed as it stands",
            "把整个 JSON 报文原样拿去签名了",
            "sign the text name=value&name=value of the signed fields, sorted by name",
            "应把参与签名的字段按名称排序，拼成 name=value&name=value 再签名",
        ),
        Mistake::DataTextSigned if is_answer => clauses(
            "the text of data was signed as it stands",
            "把 data 的内容原样拿去签名了",
            "sign the text name=value&name=value of its fields, sorted by name",
            "应把 data 里的字段按名称排序，拼成 name=value&name=value 再签名",
        ),
        Mistake::DataTextSigned => clauses(
            "data alone was signed",
            "只对 data 一个字段的内容签了名",
            "sign the text name=value&name=value of all signed fields, sorted by name",
            "应把全部参与签名的字段按名称排序，拼成 name=value&name=value 再签名",
        ),
        Mistake::JsonSigned => clauses(
            "the fields were signed as JSON",
            "待签名串用了 JSON 格式",
            "sign name=value&name=value, not JSON",
            "待签名串应为 name=value&name=value，不是 JSON",
        ),
        Mistake::MapSigned => clauses(
            "what Java's Map.toString() gives, {a=1, b=2}, was signed",
            "把 Java Map.toString() 的结果 {a=1, b=2} 拿去签名了",
            "join the fields as a=1&b=2, without braces and spaces",
            "待签名串应拼成 a=1&b=2，没有花括号和空格",
        ),
        Mistake::NothingSigned => clauses(
            "the empty text was signed",
            "待签名串是空的",
            "see that the signed text is made before it is signed",
            "请确认先拼好待签名串，再去签名",
        ),
        Mistake::BlankKept => clauses(
            "blank fields were kept as name=",
            "空值字段以 name= 的形式参与了签名",
            "leave out every field whose value is blank",
            "值为空的字段要整个去掉",
        ),
        Mistake::SpacesKept => clauses(
            "fields that hold nothing but spaces were signed",
            "只含空白字符的字段也参与了签名",
            "a value of spaces, tabs or line breaks alone counts as blank, and its field is left out",
            "只有空格、制表符、换行的值也算空值，要去掉该字段",
        ),
        Mistake::NullKept => clauses(
            "null was signed as the word null",
            "null 被当作文字 null 参与了签名",
            "a field that is null counts as blank and is left out",
            "值为 null 的字段算空值，要去掉",
        ),
        Mistake::UnicodeBlankDropped => clauses(
            "a field of U+3000 or another blank beyond ASCII was left out",
            "只含全角空格等非 ASCII 空白的字段被去掉了",
            "only characters up to U+0020 count as blank, as for Java's trim(), so that field is signed",
            "只有不大于 U+0020 的字符算空白（同 Java 的 trim()），该字段要参与签名",
        ),
        Mistake::NotSorted => clauses(
            "the fields were not sorted, but signed in the order in which they were sent",
            "字段没有排序，按发送的顺序签了名",
            "sort them by name, in the order of character codes (method before msgCode)",
            "应按字段名的字符编码升序排列（method 在 msgCode 之前）",
        ),
        Mistake::PageOrder => clauses(
            "the fields were signed in the order of the interface's page",
            "字段按接口文档里的顺序签了名",
            "sort them by name, in the order of character codes (method before msgCode)",
            "应按字段名的字符编码升序排列（method 在 msgCode 之前）",
        ),
        Mistake::CaseIgnored => clauses(
            "the fields were sorted without regard to letter case",
            "排序时忽略了字母大小写",
            "capital letters come before small ones, as in Java's String.compareTo",
            "大写字母排在小写字母之前，同 Java 的 String.compareTo",
        ),
        Mistake::CodePointOrder => clauses(
            "the fields were sorted by bytes or code points",
            "字段按字节或码点排序",
            "sort by UTF-16 units, as Java's String.compareTo does",
            "应按 UTF-16 编码单元排序，同 Java 的 String.compareTo",
        ),
        Mistake::HashMapOrder => clauses(
            "the fields were signed in the order in which a Java HashMap gives them out",
            "字段按 Java HashMap 的遍历顺序签了名",
            "use a TreeMap, or sort by name",
            "请改用 TreeMap，或按字段名排序",
        ),
        Mistake::ReverseOrder => clauses(
            "the fields were sorted in descending order",
            "字段按降序排列",
            "sort them in ascending order",
            "应按升序排列",
        ),
        Mistake::DataPlainSigned => clauses(
            "data was signed before it was encrypted",
            "签名用的是加密前的 data 明文",
            "encrypt first, then sign the Base64 text that is sent as data",
            "先加密，再用实际发送的 data（Base64 密文）参与签名",
        ),
        Mistake::DataBreaksLeftOut => clauses(
            "data was signed without the line breaks with which it was sent",
            "签名时去掉了 data 里的换行，发送时却带着换行",
            "sign data exactly as it is sent, best of all without line breaks in both",
            "签名与发送的 data 必须完全一致，最好都不带换行",
        ),
        Mistake::DataBreaksAdded => clauses(
            "data was signed with line breaks with which it was not sent",
            "签名时 data 带有换行，发送时的换行却不同",
            "sign data exactly as it is sent, best of all without line breaks in both",
            "签名与发送的 data 必须完全一致，最好都不带换行",
        ),
        Mistake::PlusSignedAsSpace if is_answer => clauses(
            "each + in the values was signed as a space",
            "签名时各字段值里的 + 变成了空格",
            "do not URL-decode values: they go in exactly as they stand in data",
            "不要对字段值做 URL 解码，待签名串里的值与 data 中的必须完全一致",
        ),
        Mistake::PlusSentAsSpace if is_answer => clauses(
            "each + in the values became a space after they were signed",
            "签名之后，各字段值里的 + 变成了空格",
            "read the body as JSON, not through URL or form decoding, and verify it as it was received",
            "报文要按 JSON 读取，不要经过 URL 或表单解码，并用收到的原文验签",
        ),
        Mistake::PlusSignedAsSpace => clauses(
            "data was signed with each + turned into a space",
            "签名时 data 里的 + 变成了空格",
            "do not URL-decode the Base64: sign data exactly as it is sent",
            "不要对 Base64 做 URL 解码，签名与发送的 data 必须完全一致",
        ),
        Mistake::PlusSentAsSpace => clauses(
            "data was sent with each + turned into a space",
            "发送时 data 里的 + 变成了空格",
            "send the body as JSON, and not through URL or form decoding",
            "请以 JSON 发送报文，不要经过 URL 或表单解码",
        ),
        Mistake::DataSentEncoded => clauses(
            "data was sent URL-encoded, but signed plainly",
            "data 发送时做了 URL 编码，签名时却没有",
            "send the plain Base64 text: nothing is URL-encoded in JSON",
            "请直接发送 Base64 文本，JSON 里不需要 URL 编码",
        ),
        Mistake::ValuesEncoded => clauses(
            "values were URL-encoded in the signed text",
            "待签名串里的值做了 URL 编码",
            "put them in as they are",
            "值要原样拼接，不做任何编码",
        ),
        Mistake::TextEncoded => clauses(
            "the whole signed text was URL-encoded",
            "整个待签名串做了 URL 编码",
            "sign it as it is",
            "应对待签名串直接签名，不做 URL 编码",
        ),
        Mistake::ValuesTrimmed => clauses(
            "values were trimmed before they were signed",
            "签名前去掉了值首尾的空白",
            "a value that is not blank goes in untrimmed, exactly as it is sent",
            "非空的值要原样参与签名，不能去掉首尾空白",
        ),
        Mistake::ValuesQuoted => clauses(
            "values were put in quotation marks",
            "值带着双引号参与了签名",
            "put in what the JSON string means, without quotation marks",
            "应使用 JSON 字符串的实际内容，不带引号",
        ),
        Mistake::ValuesEscaped => clauses(
            "values were escaped as in JSON (\\/, \\u4e2d, \\n)",
            "值按 JSON 转义后（\\/、\\u4e2d、\\n）参与了签名",
            "put in what the JSON string means, without escapes",
            "应使用 JSON 字符串的实际内容，不带转义",
        ),
        Mistake::ValuesRewritten => clauses(
            "a number, a boolean or nested JSON was written otherwise in the signed text than in the message",
            "数字、布尔值或嵌套 JSON 在待签名串里的写法与报文不同",
            "take the exact text of the message (10.00 stays 10.00)",
            "应使用报文里的原始文本（10.00 就是 10.00）",
        ),
        Mistake::OtherValue { name, signed } => clauses(
            format!("{name} was signed as {} and sent with another value", visible(signed)),
            format!("签名时 {name} 为 {}，发送时却是另一个值", visible(signed)),
            "sign exactly what is sent",
            "签名与发送的值必须一致",
        ),
        Mistake::JoinedWithoutAmpersand => clauses(
            "the pairs were joined without &",
            "各字段之间没有用 & 连接",
            "join them as name=value&name=value",
            "应拼成 name=value&name=value",
        ),
        Mistake::JoinedWith(between) => clauses(
            format!("the pairs were joined with {} in place of &", visible(between)),
            format!("各字段之间用了 {}，而不是 &", visible(between)),
            "join them as name=value&name=value",
            "应拼成 name=value&name=value",
        ),
        Mistake::ValuesOnly => clauses(
            "only the values were signed, without their names",
            "只拼接了值，没有字段名",
            "join names and values as name=value&name=value",
            "应拼成 name=value&name=value",
        ),
        Mistake::EqualsLeftOut => clauses(
            "names and values were joined without =",
            "字段名和值之间没有 =",
            "join them as name=value&name=value",
            "应拼成 name=value&name=value",
        ),
        Mistake::Surrounded { before, after } => surrounded(before, after),
        Mistake::KeyAppended => clauses(
            "the key for data was put into the signed text, too",
            "待签名串里拼上了 data 的加密密钥",
            "that key only encrypts data: nothing is added to the signed text",
            "该密钥只用于加密 data，待签名串里不拼接任何密钥",
        ),
        Mistake::CaseChanged => clauses(
            "the whole text was turned into one letter case before it was signed",
            "签名前把整个待签名串转换了大小写",
            "sign it as it is",
            "应对待签名串直接签名，不转换大小写",
        ),
        Mistake::Gbk => clauses(
            "the text was signed in GBK",
            "待签名串用了 GBK 编码",
            "sign its UTF-8 bytes (in Java getBytes(StandardCharsets.UTF_8))",
            "应使用 UTF-8 字节签名（Java 用 getBytes(StandardCharsets.UTF_8)）",
        ),
        Mistake::Utf16 => clauses(
            "the text was signed in UTF-16",
            "待签名串用了 UTF-16 编码",
            "sign its UTF-8 bytes (in .NET Encoding.UTF8, not Encoding.Unicode)",
            "应使用 UTF-8 字节签名（.NET 用 Encoding.UTF8，不是 Encoding.Unicode）",
        ),
        Mistake::QuestionMarks => clauses(
            "every character beyond ASCII was lost as ? before it was signed",
            "签名前中文等非 ASCII 字符都变成了 ?",
            "sign the UTF-8 bytes of the text",
            "应使用 UTF-8 字节签名",
        ),
        Mistake::Utf8Twice => clauses(
            "the text was turned into UTF-8 twice",
            "待签名串做了两次 UTF-8 编码（按 ISO-8859-1 误读）",
            "read the UTF-8 bytes as UTF-8, and sign them once",
            "应按 UTF-8 读取，只编码一次",
        ),
        Mistake::Pss => clauses(
            "the signature has RSA-PSS padding",
            "签名用了 RSA-PSS 填充",
            "use PKCS#1 v1.5 (SHA1withRSA)",
            "应使用 PKCS#1 v1.5（SHA1withRSA）",
        ),
        Mistake::OtherDigest { used, wanted } => other_digest(*used, *wanted, is_answer),
        Mistake::DigestTwice(algorithm) => clauses(
            format!(
                "the {} digest of the text was signed in place of the text, so it was digested twice",
                algorithm.name()
            ),
            format!("先算出待签名串的 {} 摘要，再拿摘要去签名，等于摘要了两次", algorithm.name()),
            "give the text itself to the signing function, which digests it",
            "应把待签名串本身交给签名函数，摘要由它来算",
        ),
        Mistake::DigestHexSigned(algorithm) => clauses(
            format!("the hex text of the {} digest was signed in place of the text", algorithm.name()),
            format!("拿去签名的是 {} 摘要的十六进制字符串，而不是待签名串", algorithm.name()),
            "give the text itself to the signing function, which digests it",
            "应把待签名串本身交给签名函数，摘要由它来算",
        ),
        Mistake::DigestBase64Signed(algorithm) => clauses(
            format!("the Base64 text of the {} digest was signed in place of the text", algorithm.name()),
            format!("拿去签名的是 {} 摘要的 Base64 字符串，而不是待签名串", algorithm.name()),
            "give the text itself to the signing function, which digests it",
            "应把待签名串本身交给签名函数，摘要由它来算",
        ),
        Mistake::DigestInfoMissing => clauses(
            "the signature lacks DigestInfo, as with NONEwithRSA or openssl rsautl",
            "签名里没有 DigestInfo（如 NONEwithRSA、openssl rsautl 或私钥直接加密）",
            "sign with SHA-1 (SHA1withRSA)",
            "应使用 SHA-1（SHA1withRSA）",
        ),
        Mistake::DigestInfoWithoutNull => clauses(
            "DigestInfo in the signature lacks the NULL after the digest's name",
            "签名的 DigestInfo 里缺少算法参数 NULL",
            "sign with SHA1withRSA of a usual library",
            "应使用常规库的 SHA1withRSA",
        ),
        Mistake::DigestInfoTwice => clauses(
            "DigestInfo stands inside of another DigestInfo in the signature",
            "签名里套了两层 DigestInfo",
            "give the text itself to SHA1withRSA, and make no DigestInfo before",
            "应把待签名串交给 SHA1withRSA，不要自己先构造 DigestInfo",
        ),
        Mistake::NotDigested { wanted } => {
            let (en, zh) = match wanted {
                Algorithm::Sm3 => (
                    "sign with SM3 and the user id 1234567812345678 (in sm-crypto the option hash: true, in Python's gmssl \
                     sign_with_sm3)",
                    "应使用 SM3withSM2，用户标识为 1234567812345678（sm-crypto 要加选项 hash: true，Python gmssl 用 sign_with_sm3）",
                ),
                _ => (
                    "sign with SHA1withRSA, not NONEwithRSA or encryption with the private key",
                    "应使用 SHA1withRSA，不是 NONEwithRSA，也不是私钥加密",
                ),
            };
            clauses("the text itself was signed without a digest", "没有做摘要，直接对待签名串签了名", en, zh)
        }
        Mistake::BytesReversed => clauses(
            "the bytes of the signature stand in reverse, as Windows CryptoAPI gives them",
            "签名的字节顺序是反的（Windows CryptoAPI 的输出）",
            "reverse them before Base64",
            "应先反转字节，再做 Base64",
        ),
        Mistake::SignatureHex => clauses(
            "signValue is written in hex",
            "signValue 用了十六进制",
            "write the signature's bytes in standard Base64",
            "应把签名字节用标准 Base64 编码",
        ),
        Mistake::SignatureBase64Url => clauses(
            "signValue is written in Base64 for URLs (- and _)",
            "signValue 用了 URL 安全的 Base64（- 和 _）",
            "write the signature's bytes in standard Base64 (+, / and =)",
            "应使用标准 Base64（+、/ 和 =）",
        ),
        Mistake::SignatureUnpadded => clauses(
            "the Base64 of signValue lacks the = at its end",
            "signValue 的 Base64 末尾缺少 =",
            "write the signature's bytes in standard Base64, with its padding",
            "应使用带填充 = 的标准 Base64",
        ),
        Mistake::SignatureHexInBase64 => clauses(
            "signValue is the Base64 of the signature's hex text",
            "signValue 是对签名十六进制字符串做的 Base64",
            "put the signature's bytes themselves into Base64",
            "应直接对签名字节做 Base64",
        ),
        Mistake::SignatureBase64Twice => clauses(
            "signValue is encoded in Base64 twice",
            "signValue 做了两次 Base64",
            "encode the signature's bytes once",
            "只做一次 Base64",
        ),
        Mistake::SignaturePlusAsSpace => clauses(
            "signValue was sent with each + turned into a space",
            "发送时 signValue 里的 + 变成了空格",
            "send the body as JSON, and not through URL or form decoding",
            "请以 JSON 发送报文，不要经过 URL 或表单解码",
        ),
        Mistake::SignatureUrlEncoded => clauses(
            "signValue was sent URL-encoded",
            "signValue 发送时做了 URL 编码",
            "send the plain Base64 text: nothing is URL-encoded in JSON",
            "请直接发送 Base64 文本，JSON 里不需要 URL 编码",
        ),
        Mistake::RawSignature => clauses(
            "the signature is the raw 64 bytes r || s",
            "签名是 64 字节的裸 r || s",
            "encode r and s in ASN.1 DER, SEQUENCE { r, s }",
            "应使用 ASN.1 DER 编码 SEQUENCE { r, s }",
        ),
        Mistake::NoUserId => clauses(
            "SM3 was made of the text alone, without the user id and the key (Z)",
            "只对待签名串做了 SM3，没有加入用户标识和公钥（Z 值）",
            "sign SM3(Z || text) with the user id 1234567812345678",
            "应对 SM3(Z || 待签名串) 签名，用户标识为 1234567812345678",
        ),
        Mistake::OtherUserId(None) => clauses(
            "the user id of SM2 was empty",
            "SM2 的用户标识为空",
            "the user id is 1234567812345678",
            "用户标识应为 1234567812345678",
        ),
        Mistake::OtherUserId(Some(id)) => clauses(
            format!("the user id of SM2 was {}", visible(id)),
            format!("SM2 的用户标识用了 {}", visible(id)),
            "the user id is 1234567812345678",
            "用户标识应为 1234567812345678",
        ),
        Mistake::UserIdAsHex => clauses(
            "the user id of SM2 was taken for hex, or written in hex",
            "SM2 的用户标识被当成十六进制处理了",
            "the user id is the 16 ASCII characters 1234567812345678",
            "用户标识就是 1234567812345678 这 16 个 ASCII 字符",
        ),
        Mistake::OtherKey { used, due } => other_key(used, due, is_answer),
        Mistake::OtherSignType { says, is } => clauses(
            format!("signType says {says}, but the key that signed is of {is}"),
            format!("signType 写的是 {says}，签名用的却是 {is} 密钥"),
            "let signType name the algorithm of the key",
            "signType 应与密钥的算法一致",
        ),
        Mistake::DataNotEncrypted => {
            clauses("data was sent in clear, not encrypted", "data 没有加密，发送的是明文", DES_EN, DES_ZH)
        }
        Mistake::DataOnlyBase64 => {
            clauses("data was only encoded in Base64, not encrypted", "data 只做了 Base64，没有加密", DES_EN, DES_ZH)
        }
        Mistake::DataHex => clauses(
            "data is written in hex",
            "data 用了十六进制",
            "write the encrypted bytes in standard Base64",
            "应把密文字节用标准 Base64 编码",
        ),
        Mistake::DataBase64Twice => clauses(
            "data is encoded in Base64 twice (PHP's openssl_encrypt gives Base64 already)",
            "data 做了两次 Base64（PHP 的 openssl_encrypt 返回的已经是 Base64）",
            "encode the encrypted bytes once",
            "密文字节只做一次 Base64",
        ),
        Mistake::DataBase64Url => clauses(
            "data is written in Base64 for URLs (- and _)",
            "data 用了 URL 安全的 Base64（- 和 _）",
            "write the encrypted bytes in standard Base64 (+, / and =)",
            "应使用标准 Base64（+、/ 和 =）",
        ),
        Mistake::DataUnpadded => clauses(
            "the Base64 of data lacks the = at its end",
            "data 的 Base64 末尾缺少 =",
            "write the encrypted bytes in standard Base64, with its padding",
            "应使用带填充 = 的标准 Base64",
        ),
        Mistake::DesKeyDecoded => clauses(
            "the key for data was hex-decoded",
            "data 的密钥被当作十六进制解码了",
            "the DES key is the first 8 characters of the issued string as they are",
            "DES 密钥是所发密钥串的前 8 个字符本身，不做十六进制解码",
        ),
        Mistake::DesKeyEnd => clauses(
            "the last 8 characters of the key were used for data",
            "data 用了密钥串的后 8 个字符加密",
            "the DES key is the first 8 characters of the issued string as they are",
            "DES 密钥是所发密钥串的前 8 个字符本身",
        ),
        Mistake::DesKeyCase => clauses(
            "the key for data was used in another letter case than it was issued in",
            "data 的密钥改变了大小写",
            "the DES key is the first 8 characters of the issued string as they are",
            "DES 密钥是所发密钥串的前 8 个字符本身",
        ),
        Mistake::ZeroPadding => clauses(
            "the last block of data was filled with zero bytes",
            "data 的最后一块用零字节填充",
            "use PKCS#5 padding",
            "应使用 PKCS5 填充",
        ),
        Mistake::NoPadding => clauses(
            "data was encrypted without padding, or with spaces in its place",
            "data 加密时没有填充（或补了空格）",
            "use PKCS#5 padding",
            "应使用 PKCS5 填充",
        ),
        Mistake::CbcZero => clauses(
            "data was encrypted in CBC mode with an IV of zeros",
            "data 用了 CBC 模式（IV 全零）",
            "use ECB mode, without an IV",
            "应使用 ECB 模式，没有 IV",
        ),
        Mistake::CbcKey => clauses(
            "data was encrypted in CBC mode with the key as the IV",
            "data 用了 CBC 模式（IV 为密钥）",
            "use ECB mode, without an IV",
            "应使用 ECB 模式，没有 IV",
        ),
        Mistake::CbcOther => clauses(
            "data was encrypted in CBC mode with some IV",
            "data 用了 CBC 模式（带有某个 IV）",
            "use ECB mode, without an IV",
            "应使用 ECB 模式，没有 IV",
        ),
        Mistake::StreamMode(mode) => clauses(
            format!("data was encrypted in {mode} mode"),
            format!("data 用了 {mode} 模式"),
            "use ECB mode, without an IV, and PKCS#5 padding",
            "应使用 ECB 模式，没有 IV，并做 PKCS5 填充",
        ),
        Mistake::OtherPadding => clauses(
            "the last block of data was filled otherwise (ISO 10126, ANSI X9.23, ISO 7816-4, or PKCS#7 for blocks of 16)",
            "data 的最后一块用了别的填充方式（ISO 10126、ANSI X9.23、ISO 7816-4，或按 16 字节块做的 PKCS7）",
            "use PKCS#5 padding",
            "应使用 PKCS5 填充",
        ),
        Mistake::TripleDes => clauses(
            "data was encrypted with triple DES",
            "data 用了 3DES 加密",
            "use single DES with the first 8 characters of the key",
            "应使用单 DES，密钥取前 8 个字符",
        ),
        Mistake::Aes(bits) => clauses(
            format!("data was encrypted with AES-{bits}"),
            format!("data 用了 AES-{bits} 加密"),
            "use DES/ECB/PKCS5Padding with the first 8 characters of the key, whatever the sample calls that key",
            "应使用 DES/ECB/PKCS5Padding，密钥取前 8 个字符（示例里虽叫 aesKey，并不是 AES）",
        ),
    }
}

const DES_EN: &str = "encrypt it with DES/ECB/PKCS5Padding under the first 8 characters of the key, then Base64";
const DES_ZH: &str = "应使用 DES/ECB/PKCS5Padding 加密（密钥取前 8 个字符），再做 Base64";

/// A label in Latin letters has spaces around it in Chinese.
pub(crate) fn spaced(name: &str) -> String {
    if name.starts_with(|first: char| first.is_ascii()) { format!(" {name}") } else { name.to_owned() }
}

fn other_key(used: &Whose, due: &Whose, is_answer: bool) -> Clauses {
    let (named, due) = (used.named(), due.named());
    let done = Text::new(
        format_args!("the signature was made with {}", named.en),
        format_args!("签名用的是{}", spaced(&named.zh)),
    );
    let right = match (used, is_answer) {
        (Whose::Other(label), true) => Text::new(
            format_args!(
                "if the answer comes from the platform, take {label} for its certificate (test and production have different ones)"
            ),
            format_args!("如果应答确实来自平台，请把平台证书换成 {label}（测试与生产环境的证书不同）"),
        ),
        (_, true) => Text::new(
            format_args!("an answer is signed with {} and verified with its certificate", due.en),
            format_args!("应答由{}签名，要用平台的证书验签", due.zh),
        ),
        (_, false) => Text::new(
            format_args!("a request is signed with {}, whose certificate the platform has", due.en),
            format_args!("请求要用{}签名，且其证书已在平台登记", due.zh),
        ),
    };
    Clauses { done, right }
}

fn surrounded(before: &str, after: &str) -> Clauses {
    let right =
        ("the signed text is name=value&name=value, and nothing before or after it", "待签名串前后不能有任何多余字符");
    let (en, zh) = match (before, after) {
        ("", "\n" | "\r\n") => (
            "a line break at the end was signed, too, as echo, a text file or println adds one".to_owned(),
            "待签名串末尾多了换行（echo、文本文件或 println 会带上）".to_owned(),
        ),
        ("\u{feff}", _) => (
            "a byte order mark before the text was signed, too".to_owned(),
            "待签名串开头多了 BOM（字节顺序标记）".to_owned(),
        ),
        ("", after) => (
            format!("the text was signed with {} added at its end", visible(after)),
            format!("待签名串末尾多了 {}", visible(after)),
        ),
        (before, "") => (
            format!("the text was signed with {} added before it", visible(before)),
            format!("待签名串开头多了 {}", visible(before)),
        ),
        (before, after) => (
            format!("the text was signed with {} before and {} after it", visible(before), visible(after)),
            format!("待签名串前后多了 {} 和 {}", visible(before), visible(after)),
        ),
    };
    clauses(en, zh, right.0, right.1)
}

fn other_digest(used: Algorithm, wanted: Algorithm, is_answer: bool) -> Clauses {
    let (en, zh) = match (wanted, is_answer) {
        (Algorithm::Sm3, _) => (
            "sign with SM3 and the user id 1234567812345678 (SM3withSM2)",
            "应使用 SM3withSM2，用户标识为 1234567812345678",
        ),
        (_, true) => ("an answer is signed with SHA-1 or SHA-256", "应答的摘要应为 SHA-1 或 SHA-256"),
        (_, false) => ("sign with SHA-1 (SHA1withRSA)", "应使用 SHA-1（SHA1withRSA）"),
    };
    let used = used.name();
    clauses(format!("{used} was used for the digest"), format!("摘要算法用了 {used}"), en, zh)
}
