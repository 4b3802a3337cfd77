//! The log callback may call the library. Alone in its program, for a deadlock in the log would stop every other test.

#![allow(unsafe_code, reason = "the C ABI is called as C would call it")]

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::ffi::{CString, c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use serde_json::json;
use yspay::ffi::capi::*;
use yspay::log::Level;

static CALLS: AtomicUsize = AtomicUsize::new(0);

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
