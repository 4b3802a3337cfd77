//! The right text was signed in another way than the right one, by `openssl`: each mistake is named.

mod support;

use support::*;
use yspay_diagnosis::Verdict;

/// The right text signed with RSA in some way.
#[track_caller]
fn rsa_names(mistakes: &[&str], sign: impl Fn(&[u8]) -> Vec<u8>) {
    let fields = request(Algorithm::Rsa);
    names(&signed(&fields, &sign(right_text(&fields).as_bytes())), mistakes);
}

/// The right text signed with SM2 in some way.
#[track_caller]
fn sm_names(mistakes: &[&str], sign: impl Fn(&[u8]) -> Vec<u8>) {
    let fields = request(Algorithm::Sm);
    names(&signed(&fields, &sign(right_text(&fields).as_bytes())), mistakes);
}

#[test]
fn another_digest() {
    for other in ["sha256", "md5", "sha512", "sha224", "sha384"] {
        rsa_names(&["other-digest"], |text| rsa("merchant", other, text));
    }
    // `openssl dgst` does not join SM3 and RSA, so the DigestInfo is made here: 1.2.156.10197.1.401.
    rsa_names(&["other-digest"], |text| {
        let info = [0x30, 48, 0x30, 12, 6, 8, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x11, 5, 0, 4, 32];
        rsa_undigested("merchant", &[info.as_slice(), &digest("sm3", text)].concat())
    });
    for other in ["sha256", "sha1", "md5"] {
        sm_names(&["other-digest"], |text| {
            // OpenSSL takes 32 bytes: a shorter digest is the same number with zeros before it.
            let digest = digest(other, text);
            sm2_digest("merchant", &[vec![0; 32 - digest.len()], digest].concat())
        });
    }
    sm_names(&["other-digest"], |text| sm2_sha256("merchant", "1234567812345678", text));
    // An answer may have SHA-256, a request may not.
    let data = answer_data();
    let text = text(&data, &["code", "note", "signSts", "sysSignFlowId"]);
    let sha256 = diagnosed(&answer(Algorithm::Rsa, &data, &rsa("platform", "sha256", text.as_bytes())));
    assert_eq!(sha256.verdict, Verdict::Fits);
    assert_eq!(sha256.digest.unwrap().hex, hex(&digest("sha256", text.as_bytes())));
    names(&answer(Algorithm::Rsa, &data, &rsa("platform", "md5", text.as_bytes())), &["other-digest"]);
}

#[test]
fn the_digest_was_digested_again() {
    rsa_names(&["digest-twice"], |text| rsa("merchant", "sha1", &digest("sha1", text)));
    rsa_names(&["digest-hex-signed"], |text| rsa("merchant", "sha1", hex(&digest("sha1", text)).as_bytes()));
    rsa_names(&["digest-hex-signed"], |text| {
        rsa("merchant", "sha1", hex(&digest("md5", text)).to_uppercase().as_bytes())
    });
    rsa_names(&["digest-base64-signed"], |text| rsa("merchant", "sha1", to_base64(&digest("sha256", text)).as_bytes()));
    let id = "1234567812345678";
    sm_names(&["digest-twice"], |text| sm2("merchant", id, &digest("sm3", text)));
    sm_names(&["digest-hex-signed"], |text| sm2("merchant", id, hex(&digest("sm3", text)).as_bytes()));
    sm_names(&["digest-hex-signed", "no-user-id"], |text| {
        sm2_digest("merchant", &digest("sm3", hex(&digest("sm3", text)).as_bytes()))
    });
    sm_names(&["digest-twice", "no-user-id"], |text| sm2_digest("merchant", &digest("sm3", &digest("sm3", text))));
    // With the other mistakes of a digest and a padding.
    sm_names(&["digest-twice", "other-digest"], |text| {
        sm2_digest("merchant", &digest("sha256", &digest("sha256", text)))
    });
    rsa_names(&["pss", "digest-hex-signed"], |text| rsa_pss("merchant", "sha1", hex(&digest("md5", text)).as_bytes()));
    rsa_names(&["digest-hex-signed", "digest-info-missing"], |text| {
        rsa_bare("merchant", &digest("sha1", hex(&digest("sha1", text)).as_bytes()))
    });
}

#[test]
fn rsa_was_padded_otherwise() {
    rsa_names(&["digest-info-missing"], |text| rsa_bare("merchant", &digest("sha1", text)));
    rsa_names(&["digest-info-missing", "other-digest"], |text| rsa_bare("merchant", &digest("sha256", text)));
    rsa_names(&["digest-hex-signed", "digest-info-missing"], |text| {
        rsa_bare("merchant", hex(&digest("sha1", text)).as_bytes())
    });
    rsa_names(&["digest-twice", "digest-info-missing"], |text| {
        rsa_bare("merchant", &digest("sha1", &digest("sha1", text)))
    });
    let info = |content: &[u8]| {
        // SEQUENCE { SEQUENCE { sha1, NULL }, OCTET STRING }.
        let length = content.len() as u8;
        [&[0x30, length + 13, 0x30, 9, 6, 5, 0x2b, 14, 3, 2, 26, 5, 0, 4, length], content].concat()
    };
    rsa_names(&["digest-info-twice"], |text| rsa_bare("merchant", &info(&info(&digest("sha1", text)))));
    rsa_names(&["digest-info-without-null"], |text| {
        let digest = digest("sha1", text);
        rsa_bare("merchant", &[&[0x30, 31, 0x30, 7, 6, 5, 0x2b, 14, 3, 2, 26, 4, 20], digest.as_slice()].concat())
    });
    rsa_names(&["pss"], |text| rsa_pss("merchant", "sha1", text));
    rsa_names(&["pss", "other-digest"], |text| rsa_pss("merchant", "sha256", text));
    rsa_names(&["bytes-reversed"], |text| {
        let mut signature = rsa("merchant", "sha1", text);
        signature.reverse();
        signature
    });
    // As long as a signature of RSA-2048 can hold.
    let mut fields = request(Algorithm::Rsa);
    set(&mut fields, "data", right_data(PLAIN));
    names(&signed(&fields, &rsa_undigested("merchant", right_text(&fields).as_bytes())), &["not-digested"]);
}

#[test]
fn sm2_had_another_user_id() {
    sm_names(&["no-user-id"], |text| sm2_digest("merchant", &digest("sm3", text)));
    sm_names(&["other-user-id"], |text| sm2("merchant", "", text));
    sm_names(&["other-user-id"], |text| sm2("merchant", "ALICE123@YAHOO.COM", text));
    sm_names(&["other-user-id"], |text| sm2("merchant", "ORG20210927162704", text));
    sm_names(&["user-id-as-hex"], |text| sm2("merchant", "31323334353637383132333435363738", text));
    sm_names(&["user-id-as-hex"], |text| sm2_hex_id("merchant", "1234567812345678", text));
}

/// As sm-crypto and Python's gmssl sign where nobody asks for a digest. OpenSSL takes 32 bytes: the text as a number,
/// modulo the order of the curve.
#[test]
fn sm2_had_no_digest() {
    let order = "115792089210356248756420345214020892766061623724957744567843809356293439045923";
    let program = format!(
        "import sys; print((int.from_bytes(sys.stdin.buffer.read(), 'big') % {order}).to_bytes(32, 'big').hex())"
    );
    let number = |text: &[u8]| from_hex(String::from_utf8(python(&program, text)).unwrap().trim());
    sm_names(&["not-digested"], |text| sm2_digest("merchant", &number(text)));
    let fields = request(Algorithm::Sm);
    let written = hex(&raw(&sm2_digest("merchant", &number(right_text(&fields).as_bytes()))));
    names(&with_sign_value(&fields, &written), &["signature-hex", "raw-signature", "not-digested"]);
}

#[test]
fn sm2_was_written_otherwise() {
    sm_names(&["raw-signature"], |text| raw(&sm2("merchant", "1234567812345678", text)));
    // An answer may be written so.
    let data = answer_data();
    let text = text(&data, &["code", "note", "signSts", "sysSignFlowId"]);
    let signature = sm2("platform", "1234567812345678", text.as_bytes());
    for written in [signature.clone(), raw(&signature)] {
        assert_eq!(diagnosed(&answer(Algorithm::Sm, &data, &written)).verdict, Verdict::Fits);
    }
}

#[test]
fn sign_value_was_written_otherwise() {
    for algorithm in BOTH {
        let fields = request(algorithm);
        let text = right_text(&fields);
        // Until the Base64 has what these mistakes change.
        let signature = (0..).map(|at| {
            let mut fields = fields.clone();
            set(&mut fields, "reqFlowId", at.to_string());
            algorithm.sign("merchant", text.as_bytes())
        });
        let signature = signature.take(200).find(|bytes| {
            let text = to_base64(bytes);
            text.contains('+') && text.contains('/') && (text.ends_with('=') || algorithm == Algorithm::Sm)
        });
        let signature = signature.expect("Base64 with + and /");
        let right = to_base64(&signature);
        for (written, mistakes) in [
            (hex(&signature), ["signature-hex"]),
            (hex(&signature).to_uppercase(), ["signature-hex"]),
            (right.replace('+', "-").replace('/', "_"), ["signature-base64url"]),
            (to_base64(hex(&signature).as_bytes()), ["signature-hex-in-base64"]),
            (to_base64(right.as_bytes()), ["signature-base64-twice"]),
            (right.replace('+', " "), ["signature-plus-as-space"]),
            (right.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"), ["signature-url-encoded"]),
        ] {
            names(&with_sign_value(&fields, &written), &mistakes);
        }
        if right.ends_with('=') {
            names(&with_sign_value(&fields, right.trim_end_matches('=')), &["signature-unpadded"]);
        }
        let wrapped = format!("{}\r\n{}   ", &right[..64], &right[64..]);
        assert_eq!(diagnosed(&with_sign_value(&fields, &wrapped)).verdict, Verdict::Fits);
    }
}

#[test]
fn another_key_signed() {
    for algorithm in BOTH {
        let fields = request(algorithm);
        let text_of_request = right_text(&fields);
        names(&signed(&fields, &algorithm.sign("platform", text_of_request.as_bytes())), &["other-key"]);
        let data = answer_data();
        let text = text(&data, &["code", "note", "signSts", "sysSignFlowId"]);
        let diagnosis = names(&answer(algorithm, &data, &algorithm.sign("merchant", text.as_bytes())), &["other-key"]);
        assert_eq!(diagnosis.key, Some(yspay_diagnosis::Whose::Merchant));
    }
}

#[test]
fn sign_type_names_the_other_algorithm() {
    let mut fields = request(Algorithm::Rsa);
    set(&mut fields, "signType", "SM");
    names(&signed(&fields, &rsa("merchant", "sha1", right_text(&fields).as_bytes())), &["other-sign-type"]);
    let mut fields = request(Algorithm::Sm);
    set(&mut fields, "signType", "RSA");
    let signature = sm2("merchant", "1234567812345678", right_text(&fields).as_bytes());
    names(&signed(&fields, &signature), &["other-sign-type"]);
}

#[test]
fn two_fields_or_values_at_once() {
    let fields = request(Algorithm::Rsa);
    let sign = |text: String| signed(&fields, &rsa("merchant", "sha1", text.as_bytes()));
    // As Alipay wants it.
    names(&sign(text(&fields, &["data", "method", "msgCode", "src", "ver"])), &["field-left-out", "field-left-out"]);
    names(
        &sign(text(&fields, &["data", "method", "msgCode", "reqFlowId", "signType", "src", "ver"])),
        &["reqFlowId-signed", "field-left-out"],
    );
    let plain = right_text(&fields).replace(&right_data(LONG_PLAIN), LONG_PLAIN);
    names(&sign(plain.replace("UTF-8", "utf-8")), &["data-plain-signed", "other-value"]);
    let encoded = plain.replace(
        LONG_PLAIN,
        &LONG_PLAIN.replace('"', "%22").replace('{', "%7B").replace('}', "%7D").replace(':', "%3A"),
    );
    names(&sign(encoded), &["data-plain-signed", "values-encoded"]);
}

#[test]
fn two_mistakes_at_once() {
    let text_with_flow_id = |fields: &Fields| {
        text(fields, &["charset", "data", "method", "msgCode", "reqFlowId", "signType", "src", "ver"])
    };
    let rsa_fields = request(Algorithm::Rsa);
    let rsa_text = text_with_flow_id(&rsa_fields);
    // A text and a digest, a key, an encoding, a padding; two texts; a digest and an encoding; a key and an encoding.
    names(&signed(&rsa_fields, &rsa("merchant", "sha256", rsa_text.as_bytes())), &["reqFlowId-signed", "other-digest"]);
    names(&signed(&rsa_fields, &rsa("platform", "sha1", rsa_text.as_bytes())), &["reqFlowId-signed", "other-key"]);
    names(
        &with_sign_value(&rsa_fields, &hex(&rsa("merchant", "sha1", rsa_text.as_bytes()))),
        &["reqFlowId-signed", "signature-hex"],
    );
    names(
        &signed(&rsa_fields, &rsa_bare("merchant", &digest("sha1", rsa_text.as_bytes()))),
        &["reqFlowId-signed", "digest-info-missing"],
    );
    let unsorted = text(&rsa_fields, &["ver", "src", "msgCode", "method", "signType", "charset", "data", "reqFlowId"]);
    names(&signed(&rsa_fields, &rsa("merchant", "sha1", unsorted.as_bytes())), &["reqFlowId-signed", "not-sorted"]);
    let right = right_text(&rsa_fields);
    names(
        &with_sign_value(&rsa_fields, &hex(&rsa("merchant", "sha256", right.as_bytes()))),
        &["signature-hex", "other-digest"],
    );
    names(
        &with_sign_value(&rsa_fields, &hex(&rsa("platform", "sha1", right.as_bytes()))),
        &["other-key", "signature-hex"],
    );
    let sm_fields = request(Algorithm::Sm);
    let sm_text = text_with_flow_id(&sm_fields);
    let id = "1234567812345678";
    names(&signed(&sm_fields, &sm2("merchant", "", sm_text.as_bytes())), &["reqFlowId-signed", "other-user-id"]);
    names(&signed(&sm_fields, &raw(&sm2("merchant", id, sm_text.as_bytes()))), &["reqFlowId-signed", "raw-signature"]);
    names(&signed(&sm_fields, &sm2("platform", id, sm_text.as_bytes())), &["reqFlowId-signed", "other-key"]);
    let plain = right_text(&sm_fields).replace(&right_data(LONG_PLAIN), LONG_PLAIN);
    names(
        &signed(&sm_fields, &sm2_digest("merchant", &digest("sm3", plain.as_bytes()))),
        &["data-plain-signed", "no-user-id"],
    );
    names(
        &signed(&sm_fields, &raw(&sm2_digest("merchant", &digest("sm3", right_text(&sm_fields).as_bytes())))),
        &["raw-signature", "no-user-id"],
    );
}
