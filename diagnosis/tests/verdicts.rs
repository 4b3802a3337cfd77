//! What is said where no mistake is found: what shows nevertheless, and nothing more.

mod support;

use support::*;
use yspay_diagnosis::{Diagnosis, Keys, Kind, KnownKey, Message, Text, Verdict, Whose, diagnose};

fn with(body: &str, keys: &Keys) -> Diagnosis {
    let diagnosis = diagnose(&Message::read(body.as_bytes()).unwrap(), keys);
    assert_shows_no_key(&diagnosis);
    diagnosis
}

#[track_caller]
fn says(diagnosis: &Diagnosis, verdict: Verdict, en: &str, zh: &str) {
    assert_eq!(diagnosis.verdict, verdict, "{}", diagnosis.explanation.en);
    let (said, said_zh) = (&diagnosis.explanation.en, &diagnosis.explanation.zh);
    assert!(said.contains(en) && said_zh.contains(zh), "{said}\n{said_zh}");
    assert!(diagnosis.findings.is_empty());
}

fn only(whose: Whose, name: &str) -> Keys {
    Keys { known: vec![KnownKey { whose, key: key(name) }], des_key: Some(DES_KEY.to_owned().into()) }
}

#[test]
fn with_rsa_a_right_key_is_told_from_another_text() {
    let fields = request(Algorithm::Rsa);
    let another_text = signed(&fields, &rsa("merchant", "sha1", b"something else"));
    says(
        &with(&another_text, &keys()),
        Verdict::DoesNotFit,
        "made with the institution's own key, but over another text",
        "签名确实是用商户自己的密钥做的",
    );
    let and_digest = signed(&fields, &rsa("merchant", "sha256", b"something else"));
    says(&with(&and_digest, &keys()), Verdict::DoesNotFit, "Besides, SHA-256 was used", "另外，摘要算法用了 SHA-256");
    let platforms = signed(&fields, &rsa("platform", "sha1", b"something else"));
    says(
        &with(&platforms, &keys()),
        Verdict::DoesNotFit,
        "made with the platform's key, where the institution's",
        "签名用的是平台的密钥，而应当用商户自己的密钥",
    );
    let bare = signed(&fields, &rsa_bare("merchant", &digest("sha1", b"something else")));
    says(&with(&bare, &keys()), Verdict::DoesNotFit, "lacks DigestInfo", "没有 DigestInfo");
    let pss = signed(&fields, &rsa_pss("merchant", "sha256", b"something else"));
    says(&with(&pss, &keys()), Verdict::DoesNotFit, "it may have RSA-PSS padding", "可能用了 RSA-PSS");
    // With a salt as long as the digest, chance is out of the question.
    let key_file = credential("merchant-rsa.key.pem");
    let options =
        ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1", "-sign", key_file.to_str().unwrap()];
    let certain = openssl(&[&["dgst", "-sha1"], options.as_slice()].concat(), b"something else");
    let diagnosis = with(&signed(&fields, &certain), &keys());
    says(&diagnosis, Verdict::DoesNotFit, "Besides, the signature has RSA-PSS padding", "另外，签名用了 RSA-PSS 填充");
}

#[test]
fn with_rsa_another_key_is_told() {
    let fields = request(Algorithm::Rsa);
    let stranger = openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], &[]);
    let file = std::env::temp_dir().join(format!("yspay-diagnosis-stranger-{}.pem", std::process::id()));
    std::fs::write(&file, &stranger).unwrap();
    let signature = openssl(&["dgst", "-sha1", "-sign", file.to_str().unwrap()], right_text(&fields).as_bytes());
    let public = openssl(&["pkey", "-in", file.to_str().unwrap(), "-pubout"], &[]);
    std::fs::remove_file(file).unwrap();
    let body = signed(&fields, &signature);
    says(&with(&body, &keys()), Verdict::DoesNotFit, "another key signed it", "签名用了另一把密钥");
    // Once that key is given, too, it is named.
    let mut keys = keys();
    let key = yspay_diagnosis::PublicKey::from_certificate_or_key(&public).unwrap();
    keys.known.push(KnownKey { whose: Whose::Other("production.cer".into()), key });
    let diagnosis = with(&body, &keys);
    assert_eq!(diagnosis.verdict, Verdict::FitsWithMistake);
    assert!(diagnosis.explanation.en.contains("made with the key of production.cer"), "{}", diagnosis.explanation.en);
    assert!(diagnosis.explanation.zh.contains("production.cer"), "{}", diagnosis.explanation.zh);
    // A damaged byte is no other key, but looks like one.
    let mut damaged = rsa("merchant", "sha1", right_text(&fields).as_bytes());
    damaged[100] ^= 1;
    says(&with(&signed(&fields, &damaged), &keys), Verdict::DoesNotFit, "its bytes were damaged", "签名字节已损坏");
    let short = rsa("platform", "sha1", right_text(&fields).as_bytes());
    says(
        &with(&signed(&fields, &short), &only(Whose::Merchant, "merchant-rsa.cer")),
        Verdict::DoesNotFit,
        "the signature has 128 bytes and the keys that are known are RSA-2048",
        "签名有 128 字节",
    );
}

#[test]
fn an_answer_of_the_other_environment_names_its_certificate() {
    for (algorithm, platform, other) in [
        (Algorithm::Rsa, "platform-rsa.cer", "merchant-rsa.cer"),
        (Algorithm::Sm, "platform-sm2.cer", "merchant-sm2.cer"),
    ] {
        let data = answer_data();
        let text = text(&data, &["code", "note", "signSts", "sysSignFlowId"]);
        // The merchant's key stands in for that of the other environment.
        let body = answer(algorithm, &data, &algorithm.sign("merchant", text.as_bytes()));
        let mut keys = only(Whose::Platform, platform);
        keys.known.push(KnownKey { whose: Whose::Other("test.cer".into()), key: key(other) });
        let diagnosis = with(&body, &keys);
        assert_eq!(
            (diagnosis.verdict, &diagnosis.key),
            (Verdict::FitsWithMistake, &Some(Whose::Other("test.cer".into())))
        );
        assert_eq!(diagnosis.findings[0].mistakes[0].id(), "other-key");
        let Text { en, zh } = diagnosis.explanation;
        assert!(en.contains("take test.cer for its certificate"), "{en}");
        assert!(zh.contains("请把平台证书换成 test.cer"), "{zh}");
    }
}

#[test]
fn one_certificate_for_both_sides_is_told_first() {
    for algorithm in BOTH {
        let (merchant, platform) = match algorithm {
            Algorithm::Rsa => ("merchant-rsa.cer", "platform-rsa.cer"),
            Algorithm::Sm => ("merchant-sm2.cer", "platform-sm2.cer"),
        };
        let data = answer_data();
        let right = text(&data, &["code", "note", "signSts", "sysSignFlowId"]);
        let answer = answer(algorithm, &data, &algorithm.sign("platform", right.as_bytes()));
        let fields = request(algorithm);
        let request = signed(&fields, &algorithm.sign("merchant", right_text(&fields).as_bytes()));
        let both = |name: &str| {
            let mut keys = only(Whose::Merchant, name);
            keys.known.push(KnownKey { whose: Whose::Platform, key: key(name) });
            keys
        };
        says(
            &with(&answer, &both(merchant)),
            Verdict::DoesNotFit,
            "The certificate given as the platform's is the institution's own",
            "作为平台证书提供的，其实是商户自己的证书",
        );
        says(
            &with(&request, &both(platform)),
            Verdict::DoesNotFit,
            "The certificate given as the institution's own is the platform's",
            "作为商户证书提供的，其实是平台的证书",
        );
        // An answer that fits with it proves nothing: the institution itself may have signed it.
        let own = crate::answer(algorithm, &data, &algorithm.sign("merchant", right.as_bytes()));
        says(
            &with(&own, &both(merchant)),
            Verdict::CannotTell,
            "The certificate given as the platform's is the institution's own",
            "作为平台证书提供的，其实是商户自己的证书",
        );
        // What fits, fits; and two keys are no mistake.
        assert_eq!(with(&request, &both(merchant)).verdict, Verdict::Fits);
        assert_eq!(with(&answer, &keys()).verdict, Verdict::Fits);
    }
    // The other kind of key says nothing about this signature.
    let fields = request(Algorithm::Rsa);
    let mut damaged = rsa("merchant", "sha1", right_text(&fields).as_bytes());
    damaged[100] ^= 1;
    let mut mixed = keys();
    mixed.known.push(KnownKey { whose: Whose::Platform, key: key("merchant-sm2.cer") });
    says(&with(&signed(&fields, &damaged), &mixed), Verdict::DoesNotFit, "its bytes were damaged", "签名字节已损坏");
    // By its padding this very key signed, so it is the text that is another.
    let other = signed(&fields, &rsa("merchant", "sha1", b"something else"));
    let mut one = only(Whose::Merchant, "merchant-rsa.cer");
    one.known.push(KnownKey { whose: Whose::Platform, key: key("merchant-rsa.cer") });
    says(&with(&other, &one), Verdict::DoesNotFit, "but over another text", "签的是另一段内容");
}

#[test]
fn a_key_that_may_be_the_right_one_is_no_mistake() {
    let fields = request(Algorithm::Rsa);
    let body = signed(&fields, &rsa("merchant", "sha1", right_text(&fields).as_bytes()));
    let diagnosis = with(&body, &only(Whose::Other("a.cer".into()), "merchant-rsa.cer"));
    assert_eq!((diagnosis.verdict, diagnosis.key), (Verdict::Fits, Some(Whose::Other("a.cer".into()))));
    // The same key under two names: the one that is due counts.
    let mut twice = only(Whose::Other("a.cer".into()), "merchant-rsa.cer");
    twice.known.push(KnownKey { whose: Whose::Merchant, key: key("merchant-rsa.cer") });
    assert_eq!(with(&body, &twice).key, Some(Whose::Merchant));
}

#[test]
fn with_sm2_nothing_is_claimed_about_the_key() {
    let fields = request(Algorithm::Sm);
    let body = signed(&fields, &Algorithm::Sm.sign("merchant", b"something else"));
    says(&with(&body, &keys()), Verdict::DoesNotFit, "SM2 does not show whether", "无法看出是密钥不对还是待签名串不对");
}

#[test]
fn of_an_answer_only_is_said_what_its_receiver_can_do() {
    let data = answer_data();
    let of = |algorithm: Algorithm, who: &str| answer(algorithm, &data, &algorithm.sign(who, b"something else"));
    let sm = with(&of(Algorithm::Sm, "platform"), &keys());
    says(&sm, Verdict::DoesNotFit, "First see whether the platform's certificate is the right one", "请先核对平台证书");
    says(&sm, Verdict::DoesNotFit, "test and production have different ones", "测试与生产环境的证书不同");
    for diagnosis in [
        &sm,
        &with(&of(Algorithm::Rsa, "platform"), &keys()),
        &with(&of(Algorithm::Rsa, "merchant"), &keys()),
        &with(&answer(Algorithm::Rsa, &data, &rsa_bare("platform", &digest("sha1", b"x"))), &keys()),
    ] {
        says(diagnosis, Verdict::DoesNotFit, "changed or serialised anew on the way", "被改动或重新序列化");
        let Text { en, zh } = &diagnosis.explanation;
        // Nobody but the platform sees the text that it signed, nor is the receiver's own pair of keys in play.
        assert!(!en.contains("compare") && !zh.contains("比对"), "{en}\n{zh}");
        assert!(!zh.contains("配对"), "{zh}");
    }
    // The platform's certificate comes before the body.
    let at = |part: &str| sm.explanation.en.find(part).unwrap();
    assert!(at("the platform's certificate") < at("changed or serialised"));
    // The key of the other side: its certificate first.
    says(
        &with(&of(Algorithm::Rsa, "merchant"), &keys()),
        Verdict::DoesNotFit,
        "made with the institution's own key, where the platform's key is due",
        "签名用的是商户自己的密钥，而应当用平台的密钥",
    );
    // Who signs a request has its text.
    let fields = request(Algorithm::Rsa);
    let request = signed(&fields, &rsa("merchant", "sha1", b"something else"));
    says(&with(&request, &keys()), Verdict::DoesNotFit, "compare the text that was signed", "逐字符比对");
}

#[test]
fn what_was_not_verified_is_said() {
    let rsa_body = {
        let fields = request(Algorithm::Rsa);
        signed(&fields, &rsa("merchant", "sha1", right_text(&fields).as_bytes()))
    };
    let nothing = Keys::default();
    says(&with(&rsa_body, &nothing), Verdict::CannotTell, "no key is known", "没有提供任何密钥");
    // A key of the other kind, or of the other side, which did not sign it.
    let sm = only(Whose::Merchant, "merchant-sm2.cer");
    says(&with(&rsa_body, &sm), Verdict::CannotTell, "has the form of RSA, and no RSA key", "签名是 RSA 形式");
    let platform = only(Whose::Platform, "platform-rsa.cer");
    says(&with(&rsa_body, &platform), Verdict::CannotTell, "give the institution's certificate", "请提供商户证书");
    let mut fields = request(Algorithm::Sm);
    says(
        &with(&signed(&fields, &Algorithm::Sm.sign("merchant", b"x")), &only(Whose::Merchant, "merchant-rsa.cer")),
        Verdict::CannotTell,
        "has the form of SM2",
        "签名是 SM2 形式",
    );
    says(&with(&json(&fields), &keys()), Verdict::CannotTell, "no signValue", "没有 signValue");
    says(&with(&with_sign_value(&fields, " "), &keys()), Verdict::CannotTell, "no signValue", "没有 signValue");
    says(
        &with(&with_sign_value(&fields, "(signature)"), &keys()),
        Verdict::DoesNotFit,
        "neither Base64 nor hex",
        "不是 Base64",
    );
    says(&with(&signed(&fields, b"12345"), &keys()), Verdict::DoesNotFit, "5 bytes long", "5 字节");
    says(
        &with(r#"{"code":200,"message":"成功","data":null,"list":null}"#, &keys()),
        Verdict::CannotTell,
        "a refusal comes like this",
        "平台拒绝请求时会这样返回",
    );
    set(&mut fields, "signValue", serde_json::Value::Null);
    says(&with(&json(&fields), &keys()), Verdict::CannotTell, "no signValue", "没有 signValue");
}

#[test]
fn a_pkcs7_message_is_no_signature() {
    let fields = request(Algorithm::Rsa);
    let (certificate, key_file) = (credential("merchant-rsa.cert.pem"), credential("merchant-rsa.key.pem"));
    let arguments = ["-signer", certificate.to_str().unwrap(), "-inkey", key_file.to_str().unwrap()];
    for detached in [[].as_slice(), &["-nodetach"]] {
        let all = [&["cms", "-sign", "-binary", "-outform", "DER"], arguments.as_slice(), detached].concat();
        let message = openssl(&all, right_text(&fields).as_bytes());
        says(&with(&signed(&fields, &message), &keys()), Verdict::DoesNotFit, "is a PKCS#7 message", "是 PKCS#7 报文");
    }
}

#[test]
fn the_two_kinds_are_recognised_in_every_form() {
    let fields = request(Algorithm::Rsa);
    let right = right_text(&fields);
    let body = signed(&fields, &rsa("merchant", "sha1", right.as_bytes()));
    let quoted = serde_json::Value::from(body.as_str()).to_string();
    let mut sent: Fields = fields.clone();
    set(&mut sent, "signValue", to_base64(&rsa("merchant", "sha1", right.as_bytes())));
    let form: Vec<_> = sent
        .iter()
        .map(|(name, value)| {
            let value = value.as_str().unwrap().replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
            format!("{name}={value}")
        })
        .collect();
    for (body, note) in [
        (body.clone(), None),
        (format!("\u{feff}{body}"), Some("byte order mark")),
        (quoted, Some("a JSON string that holds")),
        (form.join("&"), Some("is a form")),
    ] {
        let diagnosis = with(&body, &keys());
        assert_eq!((diagnosis.kind, diagnosis.verdict), (Kind::Request, Verdict::Fits));
        assert_eq!(diagnosis.notes.len(), usize::from(note.is_some()), "{:?}", diagnosis.notes);
        assert!(note.is_none_or(|note| diagnosis.notes[0].en.contains(note)), "{:?}", diagnosis.notes);
    }
    // A form that was not escaped has lost each plus, in data and in signValue.
    let lost: Vec<_> = sent.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap())).collect();
    let lost = with(&lost.join("&"), &keys());
    let ids: Vec<_> = lost.findings[0].mistakes.iter().map(|mistake| mistake.id()).collect();
    assert_eq!(ids, ["plus-sent-as-space", "signature-plus-as-space"]);
    // 机构 in GBK.
    let mut named = fields.clone();
    set(&mut named, "src", "机构");
    let text = right_text(&named);
    let body = signed(&named, &rsa("merchant", "sha1", text.as_bytes()));
    let (before, after) = body.split_once("机构").unwrap();
    let bytes = [before.as_bytes(), &[0xbb, 0xfa, 0xb9, 0xb9], after.as_bytes()].concat();
    let diagnosis = diagnose(&Message::read(&bytes).unwrap(), &keys());
    assert_eq!(diagnosis.verdict, Verdict::Fits);
    assert!(diagnosis.notes[0].en.contains("GBK"));
}

/// The signature fits, and nobody knows what the platform does about it: both are said.
#[test]
fn a_sign_type_in_small_letters_is_told_as_unknown() {
    for algorithm in BOTH {
        let mut fields = request(algorithm);
        set(&mut fields, "signType", algorithm.sign_type().to_lowercase());
        let text = right_text(&fields);
        let diagnosis = diagnosed(&signed(&fields, &algorithm.sign("merchant", text.as_bytes())));
        assert_eq!((diagnosis.verdict, diagnosis.notes.len()), (Verdict::Fits, 1), "{:?}", diagnosis.notes);
        let note = &diagnosis.notes[0];
        assert!(note.en.contains(&format!("is not known, so write {}.", algorithm.sign_type())), "{}", note.en);
        assert!(note.zh.contains("尚不清楚") && note.zh.contains(algorithm.sign_type()), "{}", note.zh);
        // It names its algorithm all the same.
        let name = if algorithm == Algorithm::Sm { "SM3" } else { "SHA-1" };
        assert_eq!(diagnosis.digest.unwrap().algorithm.name(), name);
        let other = if algorithm == Algorithm::Sm { Algorithm::Rsa } else { Algorithm::Sm };
        names(&signed(&fields, &other.sign("merchant", text.as_bytes())), &["other-sign-type"]);
    }
}

#[test]
fn a_field_of_the_other_kind_does_not_mislead() {
    let kind = |body: &str| Message::read(body.as_bytes()).unwrap().kind();
    let mut fields = request(Algorithm::Rsa);
    set(&mut fields, "note", "mine");
    set(&mut fields, "code", "1");
    assert_eq!(kind(&json(&fields)), Kind::Request);
    // In clear, as text and as the object itself.
    set(&mut fields, "data", PLAIN);
    assert_eq!(kind(&json(&fields)), Kind::Request);
    set(&mut fields, "data", serde_json::from_str::<serde_json::Value>(PLAIN).unwrap());
    assert_eq!(kind(&json(&fields)), Kind::Request);
    fields.retain(|(name, _)| name != "data");
    assert_eq!(kind(&json(&fields)), Kind::Answer);
    assert_eq!(kind(&answer(Algorithm::Rsa, &answer_data(), b"x")), Kind::Answer);
    assert_eq!(kind(r#"{"signValue":"eA==","data":{"other":"1"}}"#), Kind::Answer);
}

#[test]
fn what_is_no_message_is_said_to_be_none() {
    for (body, said) in [
        ("", "it is empty"),
        (" \r\n", "it is empty"),
        ("{\"ver\":\"1.0\",", "begins like JSON"),
        ("<html>", "neither a JSON object nor a form"),
        ("{\"a\":1}", "neither the fields of a request"),
        ("{\"check\":\"x\",\"data\":\"y\",\"signValue\":\"z\"}", "a notice of the platform"),
        ("[1]", "neither a JSON object nor a form"),
    ] {
        let refusal = Message::read(body.as_bytes()).unwrap_err();
        assert!(refusal.0.en.contains(said), "{body}: {refusal}");
        assert!(!refusal.0.zh.is_empty());
    }
    assert!(Message::read(&[0x81, 0xff, 0xff]).unwrap_err().0.en.contains("neither UTF-8 nor GBK"));
}

#[test]
fn fields_say_why_they_are_not_signed() {
    let mut fields = request(Algorithm::Rsa);
    set(&mut fields, "charset", " ");
    set(&mut fields, "extra", "x");
    fields.push(("ver".into(), "2.0".into()));
    let diagnosis = with(&signed(&fields, b"x"), &keys());
    let why = |name: &str| {
        let field = diagnosis.fields.iter().find(|field| field.name == name).unwrap();
        assert_eq!(field.signed, field.why_not.is_none());
        field.why_not.as_ref().map_or(String::new(), |why| why.en.clone())
    };
    assert_eq!(why("src"), "");
    for (name, said) in [
        ("reqFlowId", "not signed"),
        ("signValue", "the signature itself"),
        ("charset", "blank"),
        ("extra", "no field of the interface"),
        ("ver", "comes again"),
    ] {
        assert!(why(name).contains(said), "{name}: {}", why(name));
    }
    let notes: Vec<_> = diagnosis.notes.iter().map(|note| note.en.as_str()).collect();
    for said in ["ver stands twice", "ver is \"2.0\"; it must be 1.0", "charset is \"⟨SP⟩\"; it must be UTF-8"] {
        assert!(notes.iter().any(|note| note.contains(said)), "{said}: {notes:?}");
    }
    let data: Fields = vec![
        ("code".into(), "00".into()),
        ("SIGN".into(), "x".into()),
        ("note".into(), serde_json::Value::Null),
        ("name\u{200b}".into(), "a\u{a0}b".into()),
    ];
    let answer = with(&answer(Algorithm::Rsa, &data, b"x"), &keys());
    let signed: Vec<_> = answer.fields.iter().filter(|field| field.signed).map(|field| field.name.as_str()).collect();
    assert_eq!(signed, ["code", "name\u{200b}"]);
    assert_eq!(answer.visible_text, "code=00&name⟨U+200B⟩=a⟨U+00A0⟩b");
    assert!(answer.notes.iter().any(|note| note.en.contains("name⟨U+200B⟩")), "{:?}", answer.notes);
}

#[test]
fn a_diagnosis_is_json_with_stable_names() {
    let fields = request(Algorithm::Rsa);
    let text = format!("{}\n", right_text(&fields));
    let diagnosis = with(&signed(&fields, &rsa("merchant", "sha1", text.as_bytes())), &keys());
    let json: serde_json::Value = serde_json::to_value(&diagnosis).unwrap();
    for (pointer, value) in [
        ("/kind", "request"),
        ("/signType", "RSA"),
        ("/verdict", "fitsWithMistake"),
        ("/key", "merchant"),
        ("/digest/algorithm", "SHA-1"),
        ("/fields/0/name", "ver"),
        ("/data/verdict", "right"),
        ("/data/text", LONG_PLAIN),
        ("/findings/0/about", "signature"),
        ("/findings/0/mistakes/0", "surrounded"),
        ("/findings/0/short/en", "a line break at the end was signed, too, as echo, a text file or println adds one"),
    ] {
        assert_eq!(json.pointer(pointer).and_then(|found| found.as_str()), Some(value), "{pointer}");
    }
    assert_eq!(json["fields"][0]["inData"], false);
    assert_eq!(json["signedText"], right_text(&fields));
    assert!(json["findings"][0]["signedInstead"].as_str().unwrap().ends_with("⟨LF⟩"));
    assert_eq!(json["digest"]["hex"], hex(&digest("sha1", right_text(&fields).as_bytes())));
}
