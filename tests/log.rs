//! The log callback may call the library. Alone in its program, for a deadlock in the log would stop every other test.

#![allow(unsafe_code, reason = "the C ABI is called as C would call it")]

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::ffi::{CString, c_char, c_void};
use std::path::Path;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use serde_json::{Value, json};
use yspay::ffi::capi::*;
use yspay::log::{Level, set_sink};
use yspay::{Client, Description};

static CALLS: AtomicUsize = AtomicUsize::new(0);
/// The log is the process's, so each test has it alone.
static ALONE: Mutex<()> = Mutex::new(());

fn build(client: *const ysp_client) {
    // SAFETY: a terminated string, and NULL where it is allowed.
    let code = unsafe { ysp_build_request(client, c"F1".as_ptr(), ptr::null(), ptr::null_mut(), ptr::null_mut()) };
    assert_eq!(code, YSP_OK);
}

unsafe extern "C" fn count(_: *mut c_void, _: i32, _: *const c_char) {
    CALLS.fetch_add(1, Ordering::SeqCst);
}

/// The first message makes another message, and then another callback.
unsafe extern "C" fn calls_back(client: *mut c_void, _: i32, _: *const c_char) {
    if CALLS.fetch_add(1, Ordering::SeqCst) == 0 {
        build(client.cast());
        ysp_set_log(Some(count), ptr::null_mut(), YSP_LOG_TRACE);
        build(client.cast());
        ysp_set_log(None, ptr::null_mut(), 0);
    }
}

/// Turns the log off when it is dropped, as the finalizer of a Python object may.
struct Tidy;

impl Drop for Tidy {
    fn drop(&mut self) {
        yspay::log::set_sink(None, Level::Error);
        CALLS.fetch_add(1, Ordering::SeqCst);
    }
}

unsafe extern "C" fn note(levels: *mut c_void, level: i32, _: *const c_char) {
    // SAFETY: the pointer that was given with this callback, to a set that outlives it.
    let levels = unsafe { &*levels.cast::<Mutex<BTreeSet<i32>>>() };
    levels.lock().unwrap().insert(level);
}

/// A call of two attempts that fail tells at every level but Info, which tells of new clients.
fn each_level_has_what_is_above_it(client: *const ysp_client) {
    let all = [YSP_LOG_ERROR, YSP_LOG_WARN, YSP_LOG_DEBUG, YSP_LOG_TRACE];
    for level in [i32::MIN, -1, 0, YSP_LOG_ERROR, YSP_LOG_WARN, YSP_LOG_INFO, YSP_LOG_DEBUG, YSP_LOG_TRACE, 6, i32::MAX]
    {
        let told: Mutex<BTreeSet<i32>> = Mutex::default();
        ysp_set_log(Some(note), (&raw const told).cast_mut().cast(), level);
        // SAFETY: a terminated string, and NULL where it is allowed.
        let code =
            unsafe { ysp_query_sign_sts(client, c"F1".as_ptr(), 0, ptr::null(), ptr::null_mut(), ptr::null_mut()) };
        ysp_set_log(None, ptr::null_mut(), YSP_LOG_TRACE);
        assert_eq!(code, YSP_TRANSPORT);
        let expected: Vec<i32> = all.into_iter().filter(|told| *told <= level).collect();
        assert_eq!(Vec::from_iter(told.into_inner().unwrap()), expected, "{level}");
    }
}

#[test]
fn the_log_callback_may_call_the_library() {
    let _alone = ALONE.lock();
    let config = json!({
        "endpoint": "http://127.0.0.1:9/", "src": "ORG", "desKey": "12345678", "proxy": "none", "maxAttempts": 2,
        "privateKey": {"path": support::credential("merchant.sm2"), "password": "123456"},
        "platformCertificate": {"path": support::credential("platform-sm2.cer")},
    });
    let config = CString::new(config.to_string()).unwrap();
    let mut client = ptr::null_mut();
    // SAFETY: valid pointers.
    assert_eq!(unsafe { ysp_client_new(config.as_ptr(), &mut client, ptr::null_mut()) }, YSP_OK);
    ysp_set_log(Some(calls_back), client.cast(), YSP_LOG_TRACE);
    let handle = client.addr();
    let (done, is_done) = mpsc::channel();
    // A thread of its own, so that a deadlock fails instead of hanging.
    std::thread::spawn(move || {
        build(ptr::without_provenance(handle));
        // So may what a callback holds, when it is replaced.
        let tidy = Tidy;
        yspay::log::set_sink(Some(Arc::new(move |_, _| _ = &tidy)), Level::Error);
        yspay::log::set_sink(None, Level::Error);
        done.send(()).unwrap();
    });
    is_done.recv_timeout(Duration::from_secs(30)).expect("no deadlock");
    let calls = CALLS.load(Ordering::SeqCst);
    assert!(calls >= 4, "both callbacks were called from within the first, and one was dropped: {calls}");
    build(client);
    assert_eq!(CALLS.load(Ordering::SeqCst), calls, "the log is off");
    each_level_has_what_is_above_it(client);
    ysp_client_free(client);
}

/// What is logged, with its level, while a client is made and described and asks once.
fn told_while_made(key: &Path, certificate: &Path) -> (Vec<(Level, String)>, Description) {
    let config = json!({
        "endpoint": "http://127.0.0.1:9/", "src": "ORG", "desKey": "12345678", "proxy": "none", "maxAttempts": 1,
        "privateKey": {"path": key}, "platformCertificate": {"path": certificate},
    });
    let told = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&told);
    set_sink(Some(Arc::new(move |level, message| sink.lock().unwrap().push((level, message.to_owned())))), Level::Info);
    let client = Client::from_json(&config.to_string()).unwrap();
    let description = client.describe();
    client.query_sign_sts("F1").unwrap_err();
    set_sink(None, Level::Error);
    (std::mem::take(&mut *told.lock().unwrap()), description)
}

#[test]
fn a_certificate_that_ended_or_soon_ends_is_told_once_at_warn_and_used() {
    let _alone = ALONE.lock();
    let scratch = support::Scratch::new();
    // OpenSSL 3.0 makes none that ended earlier than a day ago.
    scratch.sh(
        "for n in platform merchant; do openssl req -new -key $C/$n-sm2.key.pem -subj /CN=$n -out $n.csr; done; \
         make() { openssl x509 -req -in $1.csr -signkey $C/$1-sm2.key.pem -days $2 -out $1$2.pem; }; \
         make platform -1; make platform 30; make platform 31; make merchant -1; make merchant 10; \
         for n in -1 10; do cat $C/merchant-sm2.key.pem >> merchant$n.pem; done",
    );
    let bare = support::credential("merchant-sm2.key.pem");
    let good = support::credential("platform-sm2.cer");
    for (key, certificate, expected) in [
        (bare.clone(), good.clone(), vec![]),
        (bare.clone(), scratch.path("platform31.pem"), vec![]),
        (
            bare.clone(),
            scratch.path("platform30.pem"),
            vec![("The platformCertificate \"CN=platform\" ends at", "YSEPAY")],
        ),
        (bare, scratch.path("platform-1.pem"), vec![("The platformCertificate \"CN=platform\" ended at", "YSEPAY")]),
        (
            scratch.path("merchant10.pem"),
            good,
            vec![("The certificate beside privateKey \"CN=merchant\" ends at", "your CA")],
        ),
        (
            scratch.path("merchant-1.pem"),
            scratch.path("platform-1.pem"),
            vec![
                ("The certificate beside privateKey \"CN=merchant\" ended at", "your CA"),
                ("The platformC", "YSEPAY"),
            ],
        ),
    ] {
        let (told, description) = told_while_made(&key, &certificate);
        let warnings: Vec<_> = told.iter().filter(|(level, _)| *level == Level::Warn).collect();
        assert_eq!(warnings.len(), expected.len(), "{told:?}");
        for ((_, warning), (begins, from)) in warnings.iter().zip(expected) {
            assert!(warning.starts_with(begins) && warning.contains(&format!("Ask {from}")), "{warning}");
        }
        let platform = &description.platform_certificate.certificate;
        let known = warnings.iter().find(|(_, warning)| warning.contains("The platform"));
        if let Some((_, warning)) = known {
            assert!(
                warning.contains(&format!("at {} (days left: ", platform.not_after.as_deref().unwrap())),
                "{warning}"
            );
        }
        let days: Value = serde_json::from_str(&description.to_json()).unwrap();
        assert_eq!(days["platformCertificate"]["daysLeft"].as_i64(), platform.days_left);
        assert_eq!(
            days["privateKey"]["certificate"]["daysLeft"].is_null(),
            description.private_key.certificate.is_none()
        );
    }
    let days = |name: &str| {
        let key = support::credential("merchant-sm2.key.pem");
        told_while_made(&key, &scratch.path(name)).1.platform_certificate.certificate.days_left.unwrap()
    };
    // Made a moment ago, so a day is not whole any more; or not yet begun, within the same second.
    assert!(matches!(days("platform30.pem"), 29 | 30) && matches!(days("platform-1.pem"), -2 | -1));
}
