//! The C ABI with arbitrary bytes: a program of calls with strings, sizes and handles that mean nothing.
//!
//! Pointers are NULL or valid, for the header asks no less; handles are anything.

#![no_main]

use std::ffi::{CStr, CString, c_char};
use std::ptr::{null, null_mut, without_provenance_mut};

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use yspay::ffi::capi::*;
use yspay_fuzz::{ASKED, sm_configuration};

/// What one program has at hand.
struct Program {
    clients: Vec<*mut ysp_client>,
    cancels: Vec<*mut ysp_cancel>,
}

/// A string that this library gives out: valid JSON, freed here.
fn take(json: *mut c_char) -> Option<serde_json::Value> {
    if json.is_null() {
        return None;
    }
    // SAFETY: the library gave out this string, and it is not used after it is freed.
    let text = unsafe { CStr::from_ptr(json) }.to_str().expect("UTF-8").to_owned();
    unsafe { ysp_free_string(json) };
    Some(serde_json::from_str(&text).expect("JSON"))
}

/// Success has what it promises, failure a sentence, and neither is a bug.
fn judge(code: i32, wanted: bool, json: Option<serde_json::Value>) {
    assert!((YSP_OK..=YSP_CANCELLED).contains(&code) && code != YSP_INTERNAL, "{code}: {json:?}");
    if !wanted {
        assert!(json.is_none());
    } else if code != YSP_OK {
        let error = &json.expect("an error")["error"];
        // SAFETY: the name is static.
        let name = unsafe { CStr::from_ptr(ysp_code_name(code)) }.to_str().expect("UTF-8");
        assert_eq!(error["code"], name);
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()));
    }
}

fn string(input: &mut Unstructured<'_>) -> Result<Option<CString>> {
    Ok(match input.int_in_range(0..=3)? {
        0 => None,
        1 => Some(CString::new(ASKED).expect("no NUL")),
        2 => Some(CString::new(sm_configuration().to_string()).expect("no NUL")),
        _ => {
            let bytes: Vec<u8> = input.arbitrary()?;
            Some(CString::new(bytes.into_iter().filter(|byte| *byte != 0).collect::<Vec<_>>()).expect("no NUL"))
        }
    })
}

fn pointer(string: &Option<CString>) -> *const c_char {
    string.as_ref().map_or(null(), |string| string.as_ptr())
}

/// A handle that lived once, or that never did.
fn handle<T>(input: &mut Unstructured<'_>, known: &[*mut T]) -> Result<*mut T> {
    Ok(if !known.is_empty() && input.ratio(3, 4)? {
        *input.choose(known)?
    } else {
        without_provenance_mut(input.arbitrary()?)
    })
}

fn step(program: &mut Program, input: &mut Unstructured<'_>) -> Result<()> {
    let wanted: bool = input.arbitrary()?;
    let mut json = null_mut();
    let out = if wanted { &raw mut json } else { null_mut() };
    let mut status = 77;
    // SAFETY (of every call): strings are NULL or end with NUL, places are NULL or writable, sizes are true.
    match input.int_in_range(0..=9)? {
        0 => {
            let text = string(input)?;
            let mut client = null_mut();
            let code = unsafe { ysp_client_new(pointer(&text), &mut client, out) };
            assert_eq!(code == YSP_OK, !client.is_null());
            judge(code, wanted && code != YSP_OK, take(json));
            program.clients.extend((code == YSP_OK).then_some(client));
        }
        1 => ysp_client_free(handle(input, &program.clients)?),
        2 => {
            let tell = if input.arbitrary()? { ysp_client_describe } else { ysp_client_stats };
            let code = unsafe { tell(handle(input, &program.clients)?, out) };
            let json = take(json);
            assert_eq!(json.is_some(), wanted && code == YSP_OK);
            assert!(matches!(code, YSP_OK | YSP_INVALID_HANDLE));
        }
        3 => {
            let (id, flow_id) = (string(input)?, string(input)?);
            let mut body = null_mut();
            let client = handle(input, &program.clients)?;
            let code = unsafe { ysp_build_request(client, pointer(&id), pointer(&flow_id), &mut body, out) };
            assert_eq!(take(body).is_some(), code == YSP_OK);
            judge(code, wanted && code != YSP_OK, take(json));
        }
        4 => {
            let id = string(input)?;
            let body: Option<Vec<u8>> = input.arbitrary()?;
            let (bytes, length) =
                body.as_ref().map_or((null(), input.arbitrary()?), |body| (body.as_ptr(), body.len()));
            let client = handle(input, &program.clients)?;
            let code = unsafe { ysp_verify_response(client, pointer(&id), bytes, length, &mut status, out) };
            // No key of the platform is at hand, and no genuine answer in the corpus.
            assert_ne!(code, YSP_OK);
            assert_eq!(status, YSP_SIGN_STS_NONE);
            judge(code, wanted, take(json));
        }
        5 => {
            let id = string(input)?;
            let (client, cancel) = (handle(input, &program.clients)?, handle(input, &program.cancels)?);
            let code = unsafe { ysp_query_sign_sts(client, pointer(&id), 50, cancel, &mut status, out) };
            assert_ne!(code, YSP_OK);
            assert_eq!(status, YSP_SIGN_STS_NONE);
            judge(code, wanted, take(json));
        }
        6 => program.cancels.push(ysp_cancel_new()),
        7 => ysp_cancel_trigger(handle(input, &program.cancels)?),
        8 => ysp_cancel_free(handle(input, &program.cancels)?),
        _ => {
            let number = input.arbitrary()?;
            // SAFETY: the names are static.
            assert!(!unsafe { CStr::from_ptr(ysp_code_name(number)) }.is_empty());
            assert!(!unsafe { CStr::from_ptr(ysp_sign_sts_name(number)) }.is_empty());
        }
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Unstructured::new(bytes);
    let mut program = Program { clients: Vec::new(), cancels: Vec::new() };
    while !input.is_empty() && step(&mut program, &mut input).is_ok() {}
    // Some are freed a second time here, which the header allows.
    for client in program.clients {
        ysp_client_free(client);
    }
    for cancel in program.cancels {
        ysp_cancel_free(cancel);
    }
});
