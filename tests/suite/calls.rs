//! Whole calls against the simulator: every outcome, in both algorithms.

use std::time::Duration;

use serde_json::{Value, json};
use yspay::{CancelToken, Client, Code, Error, QueryOptions, SignStatus};
use yspay_simulator::{Options, Simulator};

use crate::support::{self, Kind, client, client_with};

/// Every behaviour that ends in an answer or an error, without a wait.
#[test]
fn every_behaviour_has_its_outcome_in_both_algorithms() {
    for kind in [Kind::Rsa, Kind::Sm] {
        let sim = support::start();
        // A high rate: these tests are not about the limiter.
        let client =
            client_with(kind, &sim, json!({"rateLimit": {"perSecond": 1000}, "maxAttempts": 2, "timeoutMs": 10_000}));
        let ask = |id: &str| client.query_sign_sts(id);
        for (id, status) in [
            ("STS0-1", SignStatus::Applying),
            ("STS1-1", SignStatus::Pending),
            ("STS2-1", SignStatus::Created),
            ("STS3-1", SignStatus::Voided),
            ("STS4-1", SignStatus::Expired),
            ("STS7-1", SignStatus::CreateFailed),
            ("STS8-1", SignStatus::ContractGenerated),
            ("STS9-1", SignStatus::Unknown("9".into())),
            ("STSX-1", SignStatus::Unknown("ARCHIVED".into())),
            ("MAN202109280009848", SignStatus::Created),
            ("EXTRA-1", SignStatus::Created),
            ("OBJECT-1", SignStatus::Created),
            ("LFWRAP-1", SignStatus::Created),
            ("CHUNKED-1", SignStatus::Created),
            ("NOLENGTH-1", SignStatus::Created),
            ("CONNCLOSE-1", SignStatus::Created),
            ("CONT100-1", SignStatus::Created),
            ("中文流水", SignStatus::Created),
        ] {
            let answer = ask(id).unwrap_or_else(|error| panic!("{kind:?} {id}: {error}"));
            assert_eq!((answer.verified.status(), answer.attempts), (&status, 1), "{kind:?} {id}");
            assert_eq!(answer.verified.sys_sign_flow_id(), id);
            assert_eq!(answer.req_flow_id.len(), 20);
        }
        for (id, code, attempts, status) in [
            ("BADSIG-1", Code::Signature, 1, None),
            ("MERCHSIG-1", Code::Signature, 1, None),
            ("UNSIGNED-1", Code::Signature, 1, None),
            ("NOTB64-1", Code::Signature, 1, None),
            // A kept connection may be to blame, so it is asked again on a new one, which is not kept.
            ("OTHERID-1", Code::Mismatch, 2, None),
            ("NOID-1", Code::Mismatch, 1, None),
            ("NOSTS-1", Code::MalformedResponse, 1, None),
            ("NOCODE-1", Code::MalformedResponse, 1, None),
            ("DUPNAME-1", Code::MalformedResponse, 1, None),
            ("NOTUTF8-1", Code::MalformedResponse, 1, None),
            ("NOTJSON-1", Code::MalformedResponse, 1, None),
            ("EMPTY-1", Code::MalformedResponse, 1, None),
            ("GZIPPED-1", Code::MalformedResponse, 1, None),
            ("C99-1", Code::Business, 1, None),
            ("C98-1", Code::Business, 1, None),
            ("C50-1", Code::GatewayTimeout, 2, None),
            ("H404-1", Code::HttpStatus, 1, Some(404)),
            ("H302-1", Code::HttpStatus, 1, Some(302)),
            ("H204-1", Code::HttpStatus, 1, Some(204)),
            ("H502-1", Code::HttpStatus, 2, Some(502)),
            ("H429-1", Code::HttpStatus, 2, Some(429)),
            ("HUGE-1", Code::Transport, 2, None),
            ("CLOSE-1", Code::Transport, 2, None),
            ("RESET-1", Code::Transport, 2, None),
            ("TRUNC-1", Code::Transport, 2, None),
        ] {
            let error = ask(id).expect_err(id);
            assert_eq!(
                (error.code, error.attempts, error.http_status),
                (code, attempts, status),
                "{kind:?} {id}: {error}"
            );
            assert!(error.sent && error.req_flow_id.is_some(), "{kind:?} {id}");
            let verified = matches!(code, Code::Business | Code::GatewayTimeout | Code::Mismatch) || id == "NOSTS-1";
            assert_eq!(error.platform_code.is_some(), verified, "{kind:?} {id}: {error:?}");
        }
        for (id, attempts) in [("C50THEN-1", 2), ("H500THEN-1", 2)] {
            assert_eq!(ask(id).map(|answer| answer.attempts), Ok(attempts), "{kind:?} {id}");
        }
        let business = ask("C99-2").unwrap_err();
        assert_eq!(business.platform_note.as_deref(), Some("流水不存在"));
        assert_eq!(ask("NOTJSON-2").unwrap_err().unverified.as_deref(), Some("success"));
        let unsigned = ask("UNSIGNED-2").unwrap_err();
        assert!(unsigned.unverified.is_some_and(|excerpt| excerpt.contains("message")));
    }
}

#[test]
fn raw_sm2_signatures_are_taken() {
    let sim = support::start();
    assert!(client(Kind::Sm, &sim).query_sign_sts("RAWRS-1").is_ok());
}

#[test]
fn what_the_platform_would_refuse_reaches_the_reader() {
    let sim = support::start();
    let client = client_with(Kind::Rsa, &sim, json!({"src": "ORG_UNKNOWN"}));
    let error = client.query_sign_sts("F1").unwrap_err();
    assert_eq!(error.code, Code::Signature);
    assert!(error.message.contains("unsigned") && error.unverified.is_some());
}

#[test]
fn every_attempt_has_its_own_flow_id_and_the_right_number_is_made() {
    let sim = support::start();
    let three = client_with(Kind::Sm, &sim, json!({"maxAttempts": 3}));
    let last_seen = || sim.stats().recent.last().map(|seen| seen.req_flow_id.clone());
    let error = three.query_sign_sts("C50-1").unwrap_err();
    assert_eq!((error.attempts, sim.stats().requests), (3, 3));
    // The last one is quoted to the platform's support.
    assert_eq!(error.req_flow_id.as_deref(), last_seen().as_deref());
    let one = client_with(Kind::Sm, &sim, json!({"maxAttempts": 1}));
    assert_eq!(one.query_sign_sts("C50-2").unwrap_err().attempts, 1);
    let answer = three.query_sign_sts("C50THEN-1").unwrap();
    assert_eq!((answer.attempts, Some(answer.req_flow_id)), (2, last_seen()));
    // The simulator refuses a reqFlowId that it has seen; none was refused.
    assert_eq!(sim.stats().requests, 6);
    assert!(sim.stats().refused.is_empty(), "{:?}", sim.stats().refused);
}

#[test]
fn retry_after_is_honoured_when_it_fits_and_final_when_it_does_not() {
    let sim = support::start();
    let begun = std::time::Instant::now();
    let answer = client(Kind::Sm, &sim).query_sign_sts("H429RA1-a").unwrap();
    assert_eq!(answer.attempts, 2);
    assert!(answer.elapsed >= Duration::from_secs(1) && answer.elapsed <= begun.elapsed(), "{:?}", answer.elapsed);

    let begun = std::time::Instant::now();
    let error = client_with(Kind::Sm, &sim, json!({"timeoutMs": 5_000})).query_sign_sts("H429RA60-b").unwrap_err();
    assert_eq!((error.code, error.http_status, error.attempts), (Code::HttpStatus, Some(429), 1));
    assert!(begun.elapsed() < Duration::from_secs(3), "it waited for a pause that cannot fit");
}

#[test]
fn running_out_of_time_reports_the_last_attempts_error() {
    let sim = support::start();
    let client =
        client_with(Kind::Sm, &sim, json!({"rateLimit": {"perSecond": 1}, "timeoutMs": 900, "maxAttempts": 5}));
    // The next turn is a second after the first answer: out of reach, and known to be.
    let error = client.query_sign_sts("C50-1").unwrap_err();
    assert_eq!((error.code, error.attempts, error.sent), (Code::GatewayTimeout, 1, true));
}

#[test]
fn a_calls_own_time_limit_comes_before_the_configured_one() {
    let sim = support::start();
    let client = client_with(Kind::Sm, &sim, json!({"timeoutMs": 500}));
    assert_eq!(client.query_sign_sts("SLOW1000-1").unwrap_err().code, Code::Timeout);
    assert!(support::ask(&client, "SLOW1000-1", 20_000).is_ok());
}

/// Nobody could know that the turn would not come: the one ahead never gives it back.
#[test]
fn a_deadline_in_the_queue_reports_the_last_attempts_error() {
    let response_delay = Duration::from_millis(500);
    let sim = Simulator::start(Options { response_delay, ..Options::default() }).unwrap();
    let client = client_with(Kind::Sm, &sim, json!({"rateLimit": {"perSecond": 1}}));
    let token = CancelToken::new();
    std::thread::scope(|scope| {
        let call = scope.spawn(|| support::ask(&client, "C50-1", 4_000).map(|_| ()));
        while sim.stats().requests < 1 {
            std::thread::sleep(Duration::from_millis(1));
        }
        // In the queue before the first attempt is answered.
        let (client, options) = (&client, QueryOptions { cancel: Some(token.clone()), ..QueryOptions::default() });
        let ahead = scope.spawn(move || client.query_sign_sts_with("HANG-1", &options).map(|_| ()));
        let begun = std::time::Instant::now();
        let error = call.join().unwrap().unwrap_err();
        assert!(begun.elapsed() > Duration::from_secs(3), "refused at once: {error}");
        assert_eq!((error.code, error.attempts, error.sent), (Code::GatewayTimeout, 1, true), "{error}");
        token.trigger();
        assert_eq!(ahead.join().unwrap().unwrap_err().code, Code::Cancelled);
    });
}

#[test]
fn no_turn_before_the_deadline_sends_nothing() {
    let sim = support::start();
    let client = client_with(Kind::Sm, &sim, json!({"rateLimit": {"perSecond": 1}}));
    client.query_sign_sts("F1").unwrap();
    let error = support::ask(&client, "F2", 300).unwrap_err();
    assert_eq!((error.code, error.sent, error.attempts), (Code::RateLimited, false, 0));
    assert!(error.retryable() && error.req_flow_id.is_none());
    assert_eq!(sim.stats().requests, 1);
}

/// Half a call a second is one every two seconds, from whichever client of the institution it comes.
#[test]
fn a_fraction_of_a_call_a_second_is_one_call_and_a_longer_rest() {
    let sim = support::start();
    let settings = json!({"rateLimit": {"perSecond": 0.5}, "timeoutMs": 20_000});
    let (one, other) = (client_with(Kind::Sm, &sim, settings.clone()), client_with(Kind::Rsa, &sim, settings));
    assert!(one.describe().to_json().contains(r#""rateLimit":{"perSecond":0.5,"#), "{:?}", one.describe());
    one.query_sign_sts("STS2-1").unwrap();
    let error = support::ask(&other, "STS2-2", 1_500).unwrap_err();
    assert_eq!((error.code, error.sent), (Code::RateLimited, false), "{error}");
    assert!(
        error.message.contains("all clients of this process share one call every 2s for this institution"),
        "{error}"
    );
    other.query_sign_sts("STS2-3").unwrap();
    let arrivals = sim.stats().arrivals();
    assert_eq!(arrivals.len(), 2);
    assert!(arrivals[1] - arrivals[0] > Duration::from_secs(2), "{arrivals:?}");
}

#[test]
fn bad_arguments_send_nothing() {
    let sim = support::start();
    let client = client(Kind::Rsa, &sim);
    for id in ["", " ", &"x".repeat(51), "a\nb", "a&b", "a=b", "a\0b"] {
        let error = client.query_sign_sts(id).unwrap_err();
        assert_eq!((error.code, error.sent, error.attempts), (Code::InvalidArgument, false, 0), "{id:?}");
    }
    assert_eq!(sim.stats().requests, 0);
}

#[test]
fn clients_of_one_institution_and_address_agree_on_the_rate() {
    let sim = support::start();
    let _first = client_with(Kind::Rsa, &sim, json!({"rateLimit": {"perSecond": 5}}));
    let mut other = support::config(Kind::Sm, &sim.endpoint());
    let error = Client::from_json(&other.to_string()).unwrap_err();
    assert_eq!(error.code, Code::Config);
    assert!(error.message.contains("perSecond"));
    other["rateLimit"] = json!({"perSecond": 5});
    assert!(Client::from_json(&other.to_string()).is_ok());
}

#[test]
fn settings_that_contradict_the_keys_are_named() {
    let refusal = |change: fn(&mut Value)| -> Error {
        let mut config = support::config(Kind::Rsa, "http://127.0.0.1:9/");
        change(&mut config);
        Client::from_json(&config.to_string()).unwrap_err()
    };
    let error = refusal(|config| config["signType"] = json!("SM"));
    assert_eq!(error.code, Code::Config);
    assert!(error.message.contains("signType"), "{error}");
    let error =
        refusal(|config| config["platformCertificate"] = json!({"path": support::credential("merchant-rsa.cer")}));
    assert_eq!(error.code, Code::Credential);
    assert!(error.message.contains("own certificate"), "{error}");
    let error =
        refusal(|config| config["platformCertificate"] = support::config(Kind::Sm, "")["platformCertificate"].clone());
    assert_eq!(error.code, Code::Credential);
    assert!(error.message.contains("platformCertificate") && error.message.contains("SM2"), "{error}");
}

/// Another certificate for the institution's own key: the files differ, the keys do not.
#[test]
fn the_institutions_own_key_is_told_whatever_certificate_it_is_in() {
    let scratch = support::Scratch::new();
    for (kind, name) in [(Kind::Rsa, "rsa"), (Kind::Sm, "sm2")] {
        scratch.sh(&format!(
            "openssl req -x509 -key $C/merchant-{name}.key.pem -subj /O=another/CN=name -set_serial 7 -days 400 -out other.pem"
        ));
        let own = std::fs::read(support::credential(&format!("merchant-{name}.cert.pem"))).unwrap();
        assert_ne!(std::fs::read(scratch.path("other.pem")).unwrap(), own);
        let mut config = support::config(kind, "http://127.0.0.1:9/");
        config["platformCertificate"] = json!({"path": scratch.path("other.pem")});
        // With a certificate beside the key, and without.
        for key in
            [config["privateKey"].clone(), json!({"path": support::credential(&format!("merchant-{name}.key.pem"))})]
        {
            config["privateKey"] = key;
            let error = Client::from_json(&config.to_string()).unwrap_err();
            assert_eq!(error.code, Code::Credential);
            assert!(error.message.contains("own certificate: its key is that of privateKey"), "{error}");
        }
        // A certificate of another key is taken.
        scratch
            .sh(&format!("openssl req -x509 -key $C/platform-{name}.key.pem -subj /CN=name -days 400 -out other.pem"));
        Client::from_json(&config.to_string()).unwrap();
    }
}

#[test]
fn a_client_describes_itself_without_secrets() {
    for kind in [Kind::Rsa, Kind::Sm] {
        let sim = support::start();
        let told: Value = serde_json::from_str(&client(kind, &sim).describe().to_json()).unwrap();
        assert_eq!(told["signType"], kind.sign_type());
        assert_eq!(told["endpoint"], sim.endpoint());
        assert_eq!(told["rateLimit"], json!({"perSecond": 10, "shared": null}));
        assert_eq!(told["privateKey"]["kind"], if kind == Kind::Rsa { "RSA-2048" } else { "SM2" });
        assert_eq!(told["platformCertificate"]["fingerprintSha256"].as_str().map(str::len), Some(64));
        assert!(told["platformCertificate"]["notAfter"].as_str().is_some_and(|time| time.ends_with('Z')));
        assert!(told["platformCertificate"]["daysLeft"].as_i64().is_some_and(|days| days > 30));
        assert!(told["privateKey"]["certificate"]["daysLeft"].as_i64().is_some_and(|days| days > 30));
    }
}

#[test]
fn a_cancelled_call_returns_wherever_it_stands() {
    let sim = Simulator::start(Options::default()).unwrap();
    let client = client_with(Kind::Sm, &sim, json!({"rateLimit": {"perSecond": 1}, "timeoutMs": 60_000}));
    // Cancels once the platform has seen so many requests, and a little later.
    let cancelled = |id: &str, requests: u64, wait: u64| {
        let token = CancelToken::new();
        let options = QueryOptions { cancel: Some(token.clone()), ..QueryOptions::default() };
        std::thread::scope(|scope| {
            let call = scope.spawn(|| client.query_sign_sts_with(id, &options));
            while sim.stats().requests < requests {
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(Duration::from_millis(wait));
            let triggered = std::time::Instant::now();
            token.trigger();
            let error = call.join().unwrap().unwrap_err();
            assert!(triggered.elapsed() < Duration::from_secs(3), "{id}: {:?}", triggered.elapsed());
            assert_eq!(error.code, Code::Cancelled, "{id}: {error}");
            error
        })
    };
    assert!(cancelled("HANG-answer", 1, 0).sent);
    // The slot rests for a second after the cancelled attempt: this one waits for its turn.
    let waiting = cancelled("F1", 1, 100);
    assert!(!waiting.sent && waiting.attempts == 0);
    assert_eq!(client.query_sign_sts("F2").unwrap().attempts, 1, "a cancelled call costs nobody a turn");
    // In the pause between two attempts.
    let pausing = cancelled("H429RA30-x", 3, 500);
    assert!(pausing.sent && pausing.attempts == 1);
    assert_eq!(pausing.req_flow_id.as_deref().map(str::len), Some(20));
    // After that pause, in the queue for another turn.
    let waiting = cancelled("C50-x", 4, 500);
    assert!(waiting.sent && waiting.attempts == 1);
    // Before it begins, though a turn is free.
    let sim = support::start();
    let token = CancelToken::new();
    token.trigger();
    let options = QueryOptions { cancel: Some(token), ..QueryOptions::default() };
    let error = support::client(Kind::Sm, &sim).query_sign_sts_with("F3", &options).unwrap_err();
    assert_eq!((error.code, error.sent, error.attempts), (Code::Cancelled, false, 0));
}

#[test]
fn the_page_of_a_bad_status_is_shown_as_unverified() {
    let sim = support::start();
    let client = client_with(Kind::Sm, &sim, json!({"maxAttempts": 1}));
    for (id, status, begins) in [
        ("H404-1", 404, "<h1>404 Not Found</h1>"),
        ("H502-1", 502, r"<html>\r\n<head><title>502 Bad Gateway</title></head>"),
        ("H500-1", 500, r#"{"code":500,"message":"系统异常""#),
    ] {
        let error = client.query_sign_sts(id).unwrap_err();
        assert_eq!((error.code, error.http_status), (Code::HttpStatus, Some(status)), "{id}: {error}");
        assert!(error.unverified.as_deref().is_some_and(|page| page.starts_with(begins)), "{id}: {error:?}");
    }
}

/// Another host name or port may be another server, and each counts for itself.
#[test]
fn each_host_and_port_has_a_window_of_its_own() {
    let make = |endpoint: &str, per_second: u32| {
        let mut config = support::config(Kind::Sm, endpoint);
        config["rateLimit"] = json!({"perSecond": per_second});
        Client::from_json(&config.to_string())
    };
    // Clients that shared a window would have to agree on its rate.
    let _first = make("http://127.0.0.1:9/", 3).unwrap();
    let _host = make("http://localhost:9/", 4).unwrap();
    let _port = make("http://127.0.0.1:10/", 5).unwrap();
    assert_eq!(make("http://LOCALHOST:9/", 3).unwrap_err().code, Code::Config, "host names ignore letter case");
}
