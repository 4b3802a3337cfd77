//! The C ABI misused: a code, a sentence, nothing sent, nothing lost.

use std::ffi::{CString, c_char, c_void};
use std::ptr;
use std::sync::Mutex;

use serde_json::Value;
use yspay::Code;
use yspay::ffi::capi::{self, *};

use crate::support::{self, Kind, take_c_string};

fn c(text: &str) -> CString {
    CString::new(text).unwrap()
}

fn error_of(json: *mut c_char, code: i32) -> Value {
    let told: Value = serde_json::from_str(&take_c_string(json)).unwrap();
    assert_eq!(told["ok"], false);
    assert_eq!(told["error"]["number"], code);
    for name in [
        "message",
        "retryable",
        "sent",
        "attempts",
        "reqFlowId",
        "platformCode",
        "platformNote",
        "httpStatus",
        "unverified",
    ] {
        assert!(told["error"].get(name).is_some(), "{name} is missing");
    }
    told["error"].clone()
}

struct Handle(*mut ysp_client);

impl Handle {
    fn new(config: &Value) -> Self {
        let (config, mut client, mut error) = (c(&config.to_string()), ptr::null_mut(), ptr::null_mut());
        // SAFETY: valid pointers.
        let code = unsafe { ysp_client_new(config.as_ptr(), &mut client, &mut error) };
        assert_eq!(code, YSP_OK);
        assert!(!client.is_null() && error.is_null());
        Handle(client)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        ysp_client_free(self.0);
    }
}

fn query(client: *const ysp_client, id: *const c_char, cancel: *const ysp_cancel) -> (i32, i32, *mut c_char) {
    let (mut status, mut json) = (77, ptr::dangling_mut());
    // SAFETY: `status` and `json` may be written; the rest is what each test is about, and is NULL or valid.
    let code = unsafe { ysp_query_sign_sts(client, id, 0, cancel, &mut status, &mut json) };
    (code, status, json)
}

#[test]
fn a_call_from_c_gets_a_verified_status() {
    for kind in [Kind::Rsa, Kind::Sm] {
        let sim = support::start();
        let client = Handle::new(&support::config(kind, &sim.endpoint()));
        let (code, status, json) = query(client.0, c("STS8-1").as_ptr(), ptr::null());
        assert_eq!((code, status), (YSP_OK, YSP_SIGN_STS_CONTRACT_GENERATED));
        let told: Value = serde_json::from_str(&take_c_string(json)).unwrap();
        assert_eq!(told["signStsName"], "CONTRACT_GENERATED");
        assert_eq!((&told["isFinal"], &told["isSuccess"]), (&Value::Bool(false), &Value::Bool(false)));
        assert_eq!(told["attempts"], 1);
        assert!(told["elapsedMs"].is_u64() && told["reqFlowId"].is_string());
        let (_, _, json) = query(client.0, c("SLOW300-1").as_ptr(), ptr::null());
        let told: Value = serde_json::from_str(&take_c_string(json)).unwrap();
        assert!(told["elapsedMs"].as_u64().is_some_and(|ms| (300..10_000).contains(&ms)), "{told}");
        // No output is wanted: the code alone is told.
        // SAFETY: NULL is allowed.
        let code = unsafe {
            ysp_query_sign_sts(client.0, c("STS1-1").as_ptr(), 0, ptr::null(), ptr::null_mut(), ptr::null_mut())
        };
        assert_eq!(code, YSP_OK);
    }
}

#[test]
fn every_status_has_its_number_name_and_meaning() {
    let sim = support::start();
    let client = Handle::new(&support::config(Kind::Sm, &sim.endpoint()));
    for (number, text, name, is_final, is_success) in [
        (0, "0", "APPLYING", false, false),
        (1, "1", "PENDING", false, false),
        (2, "2", "CREATED", true, true),
        (3, "3", "VOIDED", true, false),
        (4, "4", "EXPIRED", true, false),
        (7, "7", "CREATE_FAILED", true, false),
        (8, "8", "CONTRACT_GENERATED", false, false),
        (-1, "9", "UNKNOWN", false, false),
        (-1, "ARCHIVED", "UNKNOWN", false, false),
    ] {
        let id = c(&format!("STS{}-meaning", if text == "ARCHIVED" { "X" } else { text }));
        let (code, status, json) = query(client.0, id.as_ptr(), ptr::null());
        let told: Value = serde_json::from_str(&take_c_string(json)).unwrap();
        assert_eq!((code, status), (YSP_OK, number), "{told}");
        assert_eq!((&told["ok"], &told["code"]), (&Value::Bool(true), &Value::from("00")));
        assert_eq!((&told["signSts"], &told["signStsName"]), (&Value::from(text), &Value::from(name)));
        assert_eq!((&told["isFinal"], &told["isSuccess"]), (&is_final.into(), &is_success.into()), "{text}");
    }
}

#[test]
fn null_and_bad_text_are_told() {
    let sim = support::start();
    let client = Handle::new(&support::config(Kind::Sm, &sim.endpoint()));
    let not_utf8 = CString::new(b"\xc9\xcf\xba\xa3".to_vec()).unwrap();
    for (id, reason) in [(ptr::null(), "NULL"), (not_utf8.as_ptr(), "not UTF-8")] {
        let (code, status, json) = query(client.0, id, ptr::null());
        assert_eq!((code, status), (YSP_INVALID_ARGUMENT, YSP_SIGN_STS_NONE));
        let error = error_of(json, code);
        assert!(error["message"].as_str().unwrap().contains(reason), "{error}");
        assert_eq!(error["sent"], false);
    }
    for id in ["", &"x".repeat(51), "a\tb", "a&b"] {
        let (code, status, json) = query(client.0, c(id).as_ptr(), ptr::null());
        assert_eq!((code, status), (YSP_INVALID_ARGUMENT, YSP_SIGN_STS_NONE));
        error_of(json, code);
    }
    assert_eq!(sim.stats().requests, 0);
}

#[test]
fn a_client_that_cannot_be_made_says_why() {
    let make = |config: *const c_char| {
        let (mut client, mut error) = (ptr::dangling_mut(), ptr::dangling_mut());
        // SAFETY: the outputs may be written, `config` is NULL or a string.
        let code = unsafe { ysp_client_new(config, &mut client, &mut error) };
        assert!(client.is_null());
        (code, error_of(error, code))
    };
    assert_eq!(make(ptr::null()).0, YSP_INVALID_ARGUMENT);
    for (config, expected) in [("", YSP_CONFIG), ("{}", YSP_CONFIG), ("[]", YSP_CONFIG), ("{\"src\":", YSP_CONFIG)] {
        let (code, error) = make(c(config).as_ptr());
        assert_eq!(code, expected, "{config}: {error}");
    }
    let mut config = support::config(Kind::Rsa, "http://127.0.0.1:9/");
    config["privateKey"]["password"] = "wrong".into();
    let (code, error) = make(c(&config.to_string()).as_ptr());
    assert_eq!(code, YSP_CREDENTIAL);
    assert!(error["message"].as_str().unwrap().contains("password"), "{error}");
    // Deep and huge JSON.
    assert_eq!(make(c(&"[".repeat(1_000_000)).as_ptr()).0, YSP_CONFIG);
    assert_eq!(make(c(&format!("{{\"src\":\"{}\"}}", "x".repeat(5 << 20))).as_ptr()).0, YSP_CONFIG);
    // Without a place for the client nothing is made.
    let mut error = ptr::null_mut();
    // SAFETY: valid pointers or NULL.
    let code = unsafe { ysp_client_new(c("{}").as_ptr(), ptr::null_mut(), &mut error) };
    assert_eq!(code, YSP_INVALID_ARGUMENT);
    error_of(error, code);
}

#[test]
fn dead_and_made_up_handles_are_told_and_freed_in_peace() {
    let sim = support::start();
    let dead = {
        let client = Handle::new(&support::config(Kind::Sm, &sim.endpoint()));
        client.0
    };
    let cancel = ysp_cancel_new();
    let made_up = ptr::without_provenance_mut::<ysp_client>(usize::MAX);
    for client in [ptr::null_mut(), dead, made_up, cancel.cast()] {
        let (code, status, json) = query(client, c("F1").as_ptr(), ptr::null());
        assert_eq!((code, status), (YSP_INVALID_HANDLE, YSP_SIGN_STS_NONE));
        error_of(json, code);
        let (mut body, mut error) = (ptr::dangling_mut(), ptr::dangling_mut());
        // SAFETY: the outputs may be written.
        unsafe {
            let code = ysp_build_request(client, c("F1").as_ptr(), ptr::null(), &mut body, &mut error);
            assert_eq!(code, YSP_INVALID_HANDLE);
            assert!(body.is_null());
            error_of(error, code);
            let mut described = ptr::dangling_mut();
            assert_eq!(ysp_client_describe(client, &mut described), YSP_INVALID_HANDLE);
            assert!(described.is_null());
            let mut counted = ptr::dangling_mut();
            assert_eq!(capi::ysp_client_stats(client, &mut counted), YSP_INVALID_HANDLE);
            assert!(counted.is_null());
        }
        ysp_client_free(client);
    }
    // The cancel handle survived being freed as a client, and a client is no cancel handle.
    let client = Handle::new(&support::config(Kind::Sm, &sim.endpoint()));
    let (code, _, json) = query(client.0, c("F1").as_ptr(), client.0.cast());
    assert_eq!(code, YSP_INVALID_HANDLE);
    error_of(json, code);
    ysp_cancel_free(client.0.cast());
    // SAFETY: NULL is allowed.
    assert_eq!(unsafe { ysp_client_describe(client.0, ptr::null_mut()) }, YSP_OK, "freed as a cancel handle");
    ysp_cancel_trigger(cancel);
    let (code, _, json) = query(client.0, c("F1").as_ptr(), cancel);
    assert_eq!(code, YSP_CANCELLED);
    error_of(json, code);
    ysp_cancel_free(cancel);
    ysp_cancel_free(cancel);
    ysp_cancel_free(ptr::null_mut());
    ysp_cancel_trigger(cancel);
    // SAFETY: NULL is fine.
    unsafe { ysp_free_string(ptr::null_mut()) };
    assert_eq!(sim.stats().requests, 0);
}

#[test]
fn a_client_freed_during_a_call_ends_it_as_it_would_have_ended() {
    let sim = support::start();
    let client = Handle::new(&support::config(Kind::Sm, &sim.endpoint()));
    let handle = client.0.addr();
    std::thread::scope(|scope| {
        let call = scope.spawn(move || {
            let (code, status, json) = query(ptr::without_provenance(handle), c("SLOW800-1").as_ptr(), ptr::null());
            take_c_string(json);
            (code, status)
        });
        std::thread::sleep(std::time::Duration::from_millis(200));
        drop(client);
        let (code, _, json) = query(ptr::without_provenance(handle), c("F1").as_ptr(), ptr::null());
        assert_eq!(code, YSP_INVALID_HANDLE);
        take_c_string(json);
        assert_eq!(call.join().unwrap(), (YSP_OK, YSP_SIGN_STS_CREATED));
    });
}

#[test]
fn a_time_limit_from_c_is_kept() {
    let sim = support::start();
    let client = Handle::new(&support::config(Kind::Sm, &sim.endpoint()));
    let ask = |id: &str, timeout_ms: u32| {
        let (mut status, mut json) = (77, ptr::dangling_mut());
        // SAFETY: valid pointers, and no cancel handle.
        let code =
            unsafe { ysp_query_sign_sts(client.0, c(id).as_ptr(), timeout_ms, ptr::null(), &mut status, &mut json) };
        assert_eq!(status, YSP_SIGN_STS_NONE);
        (code, error_of(json, code))
    };
    let begun = std::time::Instant::now();
    let (code, error) = ask("HANG-1", 700);
    assert_eq!((code, &error["sent"], &error["retryable"]), (YSP_TIMEOUT, &true.into(), &true.into()), "{error}");
    let took = begun.elapsed().as_millis();
    assert!((680..10_000).contains(&took), "{took} ms");
    for timeout_ms in [3_600_001, u32::MAX] {
        let (code, error) = ask("F1", timeout_ms);
        assert_eq!((code, &error["sent"], &error["retryable"]), (YSP_INVALID_ARGUMENT, &false.into(), &false.into()));
    }
}

#[test]
fn the_two_halves_make_a_whole() {
    let sim = support::start();
    let client = Handle::new(&support::config(Kind::Sm, &sim.endpoint()));
    let (mut body, mut error) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: valid pointers.
    let code =
        unsafe { ysp_build_request(client.0, c("STS3-x").as_ptr(), c("MY-OWN-1").as_ptr(), &mut body, &mut error) };
    assert!(code == YSP_OK && error.is_null());
    let answer = support::post(sim.address(), &take_c_string(body));
    let (mut status, mut json) = (0, ptr::null_mut());
    // SAFETY: valid pointers and length.
    let code = unsafe {
        ysp_verify_response(client.0, c("STS3-x").as_ptr(), answer.as_ptr(), answer.len(), &mut status, &mut json)
    };
    assert_eq!((code, status), (YSP_OK, YSP_SIGN_STS_VOIDED));
    take_c_string(json);
    // An empty body may come with a NULL pointer.
    // SAFETY: valid pointers; no bytes are promised.
    let code = unsafe { ysp_verify_response(client.0, c("F").as_ptr(), ptr::null(), 0, &mut status, ptr::null_mut()) };
    assert_eq!((code, status), (Code::MalformedResponse.number(), YSP_SIGN_STS_NONE));
    // SAFETY: as above; NULL with a length is refused.
    let code = unsafe { ysp_verify_response(client.0, c("F").as_ptr(), ptr::null(), 7, &mut status, ptr::null_mut()) };
    assert_eq!(code, YSP_INVALID_ARGUMENT);
    // What a failed read(2) gives, -1, is a length that nothing has.
    // SAFETY: no byte is read.
    let code = unsafe {
        ysp_verify_response(client.0, c("F").as_ptr(), answer.as_ptr(), usize::MAX, &mut status, ptr::null_mut())
    };
    assert_eq!((code, status), (YSP_INVALID_ARGUMENT, YSP_SIGN_STS_NONE));
    for bad in ["", "123456789012345678901", "a\nb"] {
        let mut error = ptr::null_mut();
        // SAFETY: valid pointers.
        let code =
            unsafe { ysp_build_request(client.0, c("F").as_ptr(), c(bad).as_ptr(), ptr::null_mut(), &mut error) };
        assert_eq!(code, YSP_INVALID_ARGUMENT);
        error_of(error, code);
    }
}

#[test]
fn a_description_is_json() {
    let client = Handle::new(&support::config(Kind::Rsa, "http://127.0.0.1:9/"));
    let mut json = ptr::null_mut();
    // SAFETY: valid pointers.
    assert_eq!(unsafe { capi::ysp_client_describe(client.0, &mut json) }, YSP_OK);
    let told: Value = serde_json::from_str(&take_c_string(json)).unwrap();
    assert!(told["privateKey"]["certificate"]["subject"].is_string());
}

#[test]
fn statistics_are_json() {
    let sim = support::start();
    let client = Handle::new(&support::config(Kind::Sm, &sim.endpoint()));
    let (code, _, json) = query(client.0, c("STS3-1").as_ptr(), ptr::null());
    assert_eq!(code, YSP_OK);
    take_c_string(json);
    let mut json = ptr::null_mut();
    // SAFETY: valid pointers.
    assert_eq!(unsafe { capi::ysp_client_stats(client.0, &mut json) }, YSP_OK);
    let told: Value = serde_json::from_str(&take_c_string(json)).unwrap();
    assert_eq!(
        (&told["calls"]["OK"], &told["answers"]["VOIDED"], &told["attempts"]),
        (&1.into(), &1.into(), &1.into())
    );
    // SAFETY: NULL is allowed.
    assert_eq!(unsafe { capi::ysp_client_stats(client.0, ptr::null_mut()) }, YSP_OK);
}

static LOGGED: Mutex<Vec<(usize, i32, String)>> = Mutex::new(Vec::new());

unsafe extern "C" fn log(user: *mut c_void, level: i32, message: *const c_char) {
    // SAFETY: the library hands out a terminated string.
    let message = unsafe { std::ffi::CStr::from_ptr(message) }.to_str().unwrap().to_owned();
    LOGGED.lock().unwrap().push((user.addr(), level, message));
}

#[test]
fn the_log_callback_gets_what_it_asked_for() {
    let flow_id = "LOGGED-FLOW-ID";
    let client = Handle::new(&support::config(Kind::Sm, "http://127.0.0.1:9/"));
    ysp_set_log(Some(log), ptr::without_provenance_mut(42), YSP_LOG_DEBUG);
    let flow_id = c(flow_id);
    // SAFETY: valid pointers or NULL.
    let code = unsafe { ysp_build_request(client.0, flow_id.as_ptr(), ptr::null(), ptr::null_mut(), ptr::null_mut()) };
    assert_eq!(code, YSP_OK);
    ysp_set_log(None, ptr::null_mut(), YSP_LOG_TRACE);
    let logged = LOGGED.lock().unwrap();
    // Other tests log meanwhile; this one's text is among them.
    assert!(logged.iter().any(|(user, level, message)| *user == 42
        && *level == 4
        && message.contains("signed text (SM): charset=UTF-8&data=")));
    assert!(logged.iter().all(|(_, level, _)| *level <= YSP_LOG_DEBUG));
}
