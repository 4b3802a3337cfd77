//! The C ABI. Every function is a check, a call and a conversion; the doc comments become the C header.

#![allow(non_camel_case_types)]
// What a caller owes is in each function's parameter list, which the header carries; it is not said twice.
#![allow(clippy::missing_safety_doc)]

use std::ffi::{CString, c_char, c_void};
use std::path::Path;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use super::guard::{guard, guard_or};
use super::{args, handle, making};
use crate::cancel::CancelToken;
use crate::client::{Client, QueryOptions};
use crate::error::{Code, Error};
use crate::log::{self, Level};
use crate::report;
use crate::status::SignStatus;

/// Verified, and the platform reports success (`code` 00).
pub const YSP_OK: i32 = 0;
/// An argument is NULL, not UTF-8, empty, too long, or holds a control character, `&` or `=`. Not retryable: correct it.
pub const YSP_INVALID_ARGUMENT: i32 = 1;
/// Not a live client or cancel handle. Not retryable: correct the program.
pub const YSP_INVALID_HANDLE: i32 = 2;
/// A setting is missing, unknown, of the wrong type, out of range or contradicts another; the message names it.
pub const YSP_CONFIG: i32 = 3;
/// A key or certificate is unreadable, has another password or is of the wrong kind; the message names field and file.
pub const YSP_CREDENTIAL: i32 = 4;
/// No turn at the limiter before the deadline; nothing was sent. Retryable later.
pub const YSP_RATE_LIMITED: i32 = 5;
/// DNS, connect, TLS, a reset connection, or a response over 1 MiB. Retryable; was repeated up to maxAttempts.
pub const YSP_TRANSPORT: i32 = 6;
/// The deadline passed. Retryable.
pub const YSP_TIMEOUT: i32 = 7;
/// The HTTP status is not 200; `httpStatus` has it. Redirects are not followed. 5xx and 429 are retryable, and were.
pub const YSP_HTTP_STATUS: i32 = 8;
/// The response is not the JSON of the protocol, or what ysp_verify_response was given has more than 1 MiB;
/// `unverified` shows its beginning. Not retryable.
pub const YSP_MALFORMED_RESPONSE: i32 = 9;
/// The response is unsigned, its signature is not Base64, or does not fit; `unverified` shows it. Not retryable.
pub const YSP_SIGNATURE: i32 = 10;
/// Well signed, but not the answer to this question. Never use it. Not retryable.
pub const YSP_MISMATCH: i32 = 11;
/// Verified: the platform reports a timeout of its own (`code` 50). Retryable; was repeated up to maxAttempts.
pub const YSP_GATEWAY_TIMEOUT: i32 = 12;
/// Verified: the platform refuses (any other `code`); `platformCode` and `platformNote` say why. Not retryable.
pub const YSP_BUSINESS: i32 = 13;
/// A caught panic: a bug of this library. Please report it.
pub const YSP_INTERNAL: i32 = 14;
/// The cancel handle was triggered.
pub const YSP_CANCELLED: i32 = 15;
/// The store of the shared limit (rateLimit.shared) gave no turn: it is away, refuses us or does not answer; the message
/// says which. Nothing was sent. Retryable.
pub const YSP_LIMITER_UNAVAILABLE: i32 = 16;

/// 申请中: applied for.
pub const YSP_SIGN_STS_APPLYING: i32 = 0;
/// 待签署: waiting to be signed.
pub const YSP_SIGN_STS_PENDING: i32 = 1;
/// 已创建: created. The successful final state, and the only success.
pub const YSP_SIGN_STS_CREATED: i32 = 2;
/// 已作废: made void. Final.
pub const YSP_SIGN_STS_VOIDED: i32 = 3;
/// 已过期: expired. Final.
pub const YSP_SIGN_STS_EXPIRED: i32 = 4;
/// 创建失败: creation failed. Final.
pub const YSP_SIGN_STS_CREATE_FAILED: i32 = 7;
/// 合同已生成: the contract document was generated.
pub const YSP_SIGN_STS_CONTRACT_GENERATED: i32 = 8;
/// A verified status that this version does not know; its text is `signSts` of the JSON. Neither final nor a success.
pub const YSP_SIGN_STS_UNKNOWN: i32 = -1;
/// No status: set before anything else, and left so by every failure.
pub const YSP_SIGN_STS_NONE: i32 = -2;

/// Log: a call or the making of a client failed.
pub const YSP_LOG_ERROR: i32 = 1;
/// Log: an attempt failed and is repeated; a certificate has ended, or ends within 30 days; the shared limit's store has
/// gone away, or is back.
pub const YSP_LOG_WARN: i32 = 2;
/// Log: a client was made.
pub const YSP_LOG_INFO: i32 = 3;
/// Log: the signed text of each request and response; compare it when the platform refuses a signature.
pub const YSP_LOG_DEBUG: i32 = 4;
/// Log: each step of a call.
pub const YSP_LOG_TRACE: i32 = 5;

/// A client. Opaque: a value to hand back, never an address to look at.
pub struct ysp_client;

/// A cancel handle. Opaque: a value to hand back, never an address to look at.
pub struct ysp_cancel;

/// Makes a client and reads its key files, once: make one, keep it, share it among threads.
///
/// @param config_json  the configuration (see the top of this file)
/// @param client       receives the handle; NULL on failure; must not be NULL itself
/// @param error_json   receives the error on failure, NULL on success; NULL if not wanted
/// @return  YSP_OK, YSP_INVALID_ARGUMENT, YSP_CONFIG, YSP_CREDENTIAL or YSP_INTERNAL
/// @ownership  free the handle with ysp_client_free and the error with ysp_free_string
/// @threads  any thread, any time
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ysp_client_new(
    config_json: *const c_char,
    client: *mut *mut ysp_client,
    error_json: *mut *mut c_char,
) -> i32 {
    // SAFETY: each pointer is NULL or valid, by this function's contract.
    unsafe {
        new_client(client, error_json, || {
            let config = args::text(config_json, "config_json")?;
            making::new_client(|| Client::from_json_in(config, None))
        })
    }
}

/// Makes a client from a configuration file; else as ysp_client_new.
///
/// @param path        the file, JSON in UTF-8, 4 MiB at most; paths in it are relative to the working directory
/// @param client      receives the handle; NULL on failure; must not be NULL itself
/// @param error_json  receives the error on failure, NULL on success; NULL if not wanted
/// @return  YSP_OK, YSP_INVALID_ARGUMENT, YSP_CONFIG (also when the file cannot be read), YSP_CREDENTIAL or YSP_INTERNAL
/// @ownership  free the handle with ysp_client_free and the error with ysp_free_string
/// @threads  any thread, any time
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ysp_client_new_from_file(
    path: *const c_char,
    client: *mut *mut ysp_client,
    error_json: *mut *mut c_char,
) -> i32 {
    // SAFETY: each pointer is NULL or valid, by this function's contract.
    unsafe {
        new_client(client, error_json, || {
            let path = args::text(path, "path")?;
            making::new_client(|| Client::from_file_unscrubbed(Path::new(path)))
        })
    }
}

/// Has a client made and hands it out, or the error.
///
/// # Safety
/// Each pointer is NULL or may be written.
unsafe fn new_client(
    client: *mut *mut ysp_client,
    error_json: *mut *mut c_char,
    make: impl FnOnce() -> Result<usize, Error>,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        args::set(client, ptr::null_mut());
        args::set(error_json, ptr::null_mut());
        guard(error_json, || {
            args::required_out(client, "client")?;
            args::set(client, ptr::without_provenance_mut(make()?));
            Ok(())
        })
    }
}

/// Frees a client. Calls under way in other threads go on and end as they would have.
///
/// @param client  a client; NULL, an already freed or a made-up handle: nothing happens
/// @return  nothing
/// @ownership  the handle is dead afterwards
/// @threads  any thread, any time, also during calls
#[unsafe(no_mangle)]
pub extern "C" fn ysp_client_free(client: *mut ysp_client) {
    guard_or((), || handle::remove_client(client.addr()));
}

/// Describes a client: endpoint, institution, keys and certificates with their dates. Nothing secret.
///
/// @param client  a client
/// @param json    receives the description (see the top of this file), NULL on failure; NULL if not wanted
/// @return  YSP_OK, YSP_INVALID_HANDLE or YSP_INTERNAL
/// @ownership  free the text with ysp_free_string
/// @threads  any thread, any time
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ysp_client_describe(client: *const ysp_client, json: *mut *mut c_char) -> i32 {
    // SAFETY: `json` is NULL or valid, by this function's contract; the handle is never followed.
    unsafe {
        args::set(json, ptr::null_mut());
        guard(ptr::null_mut(), || {
            let client = handle::client(client.addr())?;
            args::set_string(json, client.describe().to_json());
            Ok(())
        })
    }
}

/// Tells what a client has done since it was made, and what its limit looks like now, for monitoring. Nothing secret.
///
/// @param client  a client
/// @param json    receives the statistics (see the top of this file), NULL on failure; NULL if not wanted
/// @return  YSP_OK, YSP_INVALID_HANDLE or YSP_INTERNAL
/// @ownership  free the text with ysp_free_string
/// @threads  any thread, any time, also during calls, which it does not hold up
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ysp_client_stats(client: *const ysp_client, json: *mut *mut c_char) -> i32 {
    // SAFETY: `json` is NULL or valid, by this function's contract; the handle is never followed.
    unsafe {
        args::set(json, ptr::null_mut());
        guard(ptr::null_mut(), || {
            let client = handle::client(client.addr())?;
            args::set_string(json, client.stats().to_json());
            Ok(())
        })
    }
}

/// Asks the platform for a contract's signing status: waits for a turn, sends, verifies, repeats what may be repeated.
/// Blocks until then, for the time limit at most.
///
/// @param client            a client
/// @param sys_sign_flow_id  the contract's flow id, 1 to 50 characters, without control characters, `&` and `=`
/// @param timeout_ms        the limit for the whole call in milliseconds, 1 to 3,600,000; 0: as configured
/// @param cancel            cancels this call when triggered, at once; NULL: cannot be cancelled
/// @param sign_sts          receives the status, YSP_SIGN_STS_NONE on every failure; NULL if not wanted
/// @param json              receives the answer or the error (see the top of this file); NULL if not wanted
/// @return  YSP_OK or any other code
/// @ownership  free the text with ysp_free_string
/// @threads  any thread, any time; all clients of this process share one limit for one address and institution
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ysp_query_sign_sts(
    client: *const ysp_client,
    sys_sign_flow_id: *const c_char,
    timeout_ms: u32,
    cancel: *const ysp_cancel,
    sign_sts: *mut i32,
    json: *mut *mut c_char,
) -> i32 {
    // SAFETY: each pointer but a handle, which is never followed, is NULL or valid, by this function's contract.
    unsafe {
        args::set(sign_sts, YSP_SIGN_STS_NONE);
        args::set(json, ptr::null_mut());
        guard(json, || {
            let client = handle::client(client.addr())?;
            let options = QueryOptions {
                timeout: (timeout_ms > 0).then(|| Duration::from_millis(timeout_ms.into())),
                cancel: if cancel.is_null() { None } else { Some(handle::cancel(cancel.addr())?) },
            };
            let answer = client.query_sign_sts_with(args::text(sys_sign_flow_id, "sys_sign_flow_id")?, &options)?;
            args::set_string(json, answer.to_json());
            args::set(sign_sts, answer.verified.status().number());
            Ok(())
        })
    }
}

/// Builds the body to post, for callers with an HTTP stack of their own. Does not pass the limiter: keeping to
/// 10 calls a second is then the caller's duty.
///
/// @param client            a client
/// @param sys_sign_flow_id  as for ysp_query_sign_sts
/// @param req_flow_id       the request's own number, 1 to 20 characters, never repeated; NULL: one is made
/// @param body_json         receives the body, to be posted as `application/json`; NULL if not wanted
/// @param error_json        receives the error on failure, NULL on success; NULL if not wanted
/// @return  YSP_OK, YSP_INVALID_ARGUMENT, YSP_INVALID_HANDLE or YSP_INTERNAL
/// @ownership  free both texts with ysp_free_string
/// @threads  any thread, any time
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ysp_build_request(
    client: *const ysp_client,
    sys_sign_flow_id: *const c_char,
    req_flow_id: *const c_char,
    body_json: *mut *mut c_char,
    error_json: *mut *mut c_char,
) -> i32 {
    // SAFETY: each pointer but a handle, which is never followed, is NULL or valid, by this function's contract.
    unsafe {
        args::set(body_json, ptr::null_mut());
        args::set(error_json, ptr::null_mut());
        guard(error_json, || {
            let client = handle::client(client.addr())?;
            let flow_id = args::text(sys_sign_flow_id, "sys_sign_flow_id")?;
            let req_flow_id = args::optional_text(req_flow_id, "req_flow_id")?;
            args::set_string(body_json, client.build_request(flow_id, req_flow_id)?);
            Ok(())
        })
    }
}

/// Verifies the body of an HTTP 200 response that the caller received itself.
///
/// @param client            a client
/// @param sys_sign_flow_id  the contract that was asked about
/// @param body              the body as it was received, `body_len` bytes; need not be NUL-terminated
/// @param body_len          its length in bytes; more than 1 MiB is YSP_MALFORMED_RESPONSE
/// @param sign_sts          receives the status, YSP_SIGN_STS_NONE on every failure; NULL if not wanted
/// @param json              receives the answer or the error, with `attempts` 0, `elapsedMs` 0 and `reqFlowId` null
/// @return  YSP_OK, YSP_INVALID_ARGUMENT, YSP_INVALID_HANDLE, YSP_MALFORMED_RESPONSE, YSP_SIGNATURE, YSP_MISMATCH,
///          YSP_GATEWAY_TIMEOUT, YSP_BUSINESS or YSP_INTERNAL
/// @ownership  free the text with ysp_free_string
/// @threads  any thread, any time
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ysp_verify_response(
    client: *const ysp_client,
    sys_sign_flow_id: *const c_char,
    body: *const u8,
    body_len: usize,
    sign_sts: *mut i32,
    json: *mut *mut c_char,
) -> i32 {
    // SAFETY: each pointer but a handle, which is never followed, is NULL or valid, by this function's contract.
    unsafe {
        args::set(sign_sts, YSP_SIGN_STS_NONE);
        args::set(json, ptr::null_mut());
        guard(json, || {
            let client = handle::client(client.addr())?;
            let flow_id = args::text(sys_sign_flow_id, "sys_sign_flow_id")?;
            let verified = client.verify_response(flow_id, args::bytes(body, body_len, "body")?)?;
            args::set_string(json, verified.to_json());
            args::set(sign_sts, verified.status().number());
            Ok(())
        })
    }
}

/// Makes a cancel handle. One handle may cancel any number of calls.
///
/// @return  the handle; NULL only after a caught panic
/// @ownership  free it with ysp_cancel_free
/// @threads  any thread, any time
#[unsafe(no_mangle)]
pub extern "C" fn ysp_cancel_new() -> *mut ysp_cancel {
    guard_or(ptr::null_mut(), || ptr::without_provenance_mut(handle::add_cancel(CancelToken::new())))
}

/// Cancels every call under way with this handle, and every later one: it stays triggered.
///
/// @param cancel  a cancel handle; NULL, an already freed or a made-up handle: nothing happens
/// @return  nothing
/// @ownership  unchanged
/// @threads  any thread, any time; not from a signal handler
#[unsafe(no_mangle)]
pub extern "C" fn ysp_cancel_trigger(cancel: *const ysp_cancel) {
    guard_or((), || {
        if let Ok(token) = handle::cancel(cancel.addr()) {
            token.trigger();
        }
    });
}

/// Frees a cancel handle. Calls under way with it go on and can no longer be cancelled by it.
///
/// @param cancel  a cancel handle; NULL, an already freed or a made-up handle: nothing happens
/// @return  nothing
/// @ownership  the handle is dead afterwards
/// @threads  any thread, any time, also during calls
#[unsafe(no_mangle)]
pub extern "C" fn ysp_cancel_free(cancel: *mut ysp_cancel) {
    guard_or((), || handle::remove_cancel(cancel.addr()));
}

/// Frees a string that this library handed out. No other pointer, and no string twice.
///
/// @param string  such a string, as long as it was (no NUL was written into it); NULL is fine
/// @return  nothing
/// @ownership  the string is gone afterwards
/// @threads  any thread, any time
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ysp_free_string(string: *mut c_char) {
    guard_or((), || {
        if !string.is_null() {
            // SAFETY: by this function's contract it came from `CString::into_raw`, is as long as then, and was not freed.
            drop(unsafe { CString::from_raw(string) });
        }
    });
}

/// The version of this library, for example "0.1.0".
///
/// @return  the version; never NULL
/// @ownership  static; do not free
/// @threads  any thread, any time
#[unsafe(no_mangle)]
pub extern "C" fn ysp_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The name of a code, for example "SIGNATURE"; "OK" for 0; "UNKNOWN" for a number that is no code.
///
/// @param code  any number
/// @return  the name; never NULL
/// @ownership  static; do not free
/// @threads  any thread, any time
#[unsafe(no_mangle)]
pub extern "C" fn ysp_code_name(code: i32) -> *const c_char {
    let name = match Code::from_number(code) {
        None if code == YSP_OK => c"OK",
        None => c"UNKNOWN",
        Some(Code::InvalidArgument) => c"INVALID_ARGUMENT",
        Some(Code::InvalidHandle) => c"INVALID_HANDLE",
        Some(Code::Config) => c"CONFIG",
        Some(Code::Credential) => c"CREDENTIAL",
        Some(Code::RateLimited) => c"RATE_LIMITED",
        Some(Code::Transport) => c"TRANSPORT",
        Some(Code::Timeout) => c"TIMEOUT",
        Some(Code::HttpStatus) => c"HTTP_STATUS",
        Some(Code::MalformedResponse) => c"MALFORMED_RESPONSE",
        Some(Code::Signature) => c"SIGNATURE",
        Some(Code::Mismatch) => c"MISMATCH",
        Some(Code::GatewayTimeout) => c"GATEWAY_TIMEOUT",
        Some(Code::Business) => c"BUSINESS",
        Some(Code::Internal) => c"INTERNAL",
        Some(Code::Cancelled) => c"CANCELLED",
        Some(Code::LimiterUnavailable) => c"LIMITER_UNAVAILABLE",
    };
    name.as_ptr()
}

/// The name of a status, for example "CREATED"; "NONE" for YSP_SIGN_STS_NONE; "UNKNOWN" for any other number.
///
/// @param sign_sts  any number
/// @return  the name; never NULL
/// @ownership  static; do not free
/// @threads  any thread, any time
#[unsafe(no_mangle)]
pub extern "C" fn ysp_sign_sts_name(sign_sts: i32) -> *const c_char {
    let name = match SignStatus::KNOWN.into_iter().find(|status| status.number() == sign_sts) {
        None if sign_sts == YSP_SIGN_STS_NONE => c"NONE",
        None | Some(SignStatus::Unknown(_)) => c"UNKNOWN",
        Some(SignStatus::Applying) => c"APPLYING",
        Some(SignStatus::Pending) => c"PENDING",
        Some(SignStatus::Created) => c"CREATED",
        Some(SignStatus::Voided) => c"VOIDED",
        Some(SignStatus::Expired) => c"EXPIRED",
        Some(SignStatus::CreateFailed) => c"CREATE_FAILED",
        Some(SignStatus::ContractGenerated) => c"CONTRACT_GENERATED",
    };
    name.as_ptr()
}

/// Whether no later answer about the contract can differ: statuses 2, 3, 4 and 7.
///
/// @param sign_sts  any number, YSP_SIGN_STS_NONE and YSP_SIGN_STS_UNKNOWN included
/// @return  1 or 0
/// @ownership  nothing
/// @threads  any thread, any time
#[unsafe(no_mangle)]
pub extern "C" fn ysp_sign_sts_is_final(sign_sts: i32) -> i32 {
    SignStatus::KNOWN.iter().any(|status| status.number() == sign_sts && status.is_final()).into()
}

/// Whether the contract is signed and in force: status 2 alone.
///
/// @param sign_sts  any number, YSP_SIGN_STS_NONE and YSP_SIGN_STS_UNKNOWN included
/// @return  1 or 0
/// @ownership  nothing
/// @threads  any thread, any time
#[unsafe(no_mangle)]
pub extern "C" fn ysp_sign_sts_is_success(sign_sts: i32) -> i32 {
    SignStatus::KNOWN.iter().any(|status| status.number() == sign_sts && status.is_success()).into()
}

/// The message of an error, without a JSON parser: what failed, where, what to try.
///
/// @param error_json  the JSON of an error as this library handed it out; NULL or any other text: there is no message
/// @return  the message in UTF-8; NULL if there is none
/// @ownership  free the text with ysp_free_string
/// @threads  any thread, any time
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ysp_error_message(error_json: *const c_char) -> *mut c_char {
    guard_or(ptr::null_mut(), || {
        // SAFETY: NULL or a string, by this function's contract.
        let json = unsafe { args::optional_text(error_json, "error_json") };
        let message = json.ok().flatten().and_then(report::message_of);
        message.and_then(|text| CString::new(text).ok()).map_or(ptr::null_mut(), CString::into_raw)
    })
}

/// Whether the same call may succeed later without a change, without a JSON parser.
///
/// @param error_json  the JSON of an error as this library handed it out; NULL or any other text: 0
/// @return  1 or 0
/// @ownership  nothing
/// @threads  any thread, any time
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ysp_error_retryable(error_json: *const c_char) -> i32 {
    guard_or(0, || {
        // SAFETY: NULL or a string, by this function's contract.
        let json = unsafe { args::optional_text(error_json, "error_json") };
        json.ok().flatten().is_some_and(report::is_retryable).into()
    })
}

/// Receives log messages: `user` as given to ysp_set_log, a YSP_LOG_ level, and the message in UTF-8, valid for the
/// call alone. Called on the thread that called into this library, with no lock of the library held. Must not throw,
/// unwind or longjmp. No message holds a secret.
pub type ysp_log_callback = Option<unsafe extern "C" fn(user: *mut c_void, level: i32, message: *const c_char)>;

/// Sets the process's only log callback, in place of any other.
///
/// @param callback  the callback; NULL turns the log off
/// @param user      handed to the callback; may be NULL
/// @param level     the least important level wanted, YSP_LOG_ERROR to YSP_LOG_TRACE; less than 1 turns the log off
/// @return  nothing
/// @ownership  callback and `user` must stay valid until they are replaced and every call then under way has ended
/// @threads  any thread, any time; the callback runs on any thread, several at once
#[unsafe(no_mangle)]
pub extern "C" fn ysp_set_log(callback: ysp_log_callback, user: *mut c_void, level: i32) {
    /// The caller's own pointer, only ever handed back.
    struct User(*mut c_void);
    // SAFETY: this library does not dereference it; the caller agreed to get it back on any thread.
    unsafe impl Send for User {}
    // SAFETY: as above.
    unsafe impl Sync for User {}

    guard_or((), || {
        let least = match level {
            ..=0 => return log::set_sink(None, Level::Error),
            YSP_LOG_ERROR => Level::Error,
            YSP_LOG_WARN => Level::Warn,
            YSP_LOG_INFO => Level::Info,
            YSP_LOG_DEBUG => Level::Debug,
            _ => Level::Trace,
        };
        let user = User(user);
        let sink: Option<log::Sink> = callback.map(|callback| -> log::Sink {
            Arc::new(move |level, message: &str| {
                let user = &user;
                let message = CString::new(message.replace('\0', "\\0")).unwrap_or_default();
                // SAFETY: the caller promised a callback that may be called with this pointer, on any thread, until the
                // last call that was under way when it was replaced has ended, and that does not unwind.
                unsafe { callback(user.0, level as i32, message.as_ptr()) };
            })
        });
        log::set_sink(sink, least);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    fn name(text: *const c_char) -> &'static str {
        // SAFETY: the functions under test return static strings.
        unsafe { CStr::from_ptr(text) }.to_str().unwrap()
    }

    #[test]
    fn the_constants_and_names_are_the_engines() {
        for code in Code::ALL {
            assert_eq!(name(ysp_code_name(code.number())), code.name());
        }
        for status in SignStatus::KNOWN {
            assert_eq!(name(ysp_sign_sts_name(status.number())), status.name());
        }
        assert_eq!(
            (name(ysp_code_name(YSP_OK)), name(ysp_code_name(Code::ALL.len() as i32 + 1)), name(ysp_code_name(-1))),
            ("OK", "UNKNOWN", "UNKNOWN")
        );
        assert_eq!(
            (name(ysp_sign_sts_name(-2)), name(ysp_sign_sts_name(-1)), name(ysp_sign_sts_name(5))),
            ("NONE", "UNKNOWN", "UNKNOWN")
        );
        assert_eq!(name(ysp_version()), env!("CARGO_PKG_VERSION"));
    }
}
