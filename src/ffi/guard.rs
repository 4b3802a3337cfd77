//! Where a panic ends: it never crosses into another language. And where a thread is kept from being cancelled meanwhile.

#[cfg(feature = "capi")]
use std::ffi::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[cfg(feature = "capi")]
use super::{args, cancellation};
use crate::error::{Code, Error};

/// Runs `body`; a panic becomes an error.
pub(crate) fn caught<T, E: From<Error>>(body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    // Whatever `body` changes is whole between any two statements, or private to it.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| Err(panicked().into()))
}

/// Runs `body`; an error or a panic becomes a code, with its JSON in `error_json`.
///
/// # Safety
/// `error_json` is NULL or points to aligned memory that may be written.
#[cfg(feature = "capi")]
pub(crate) unsafe fn guard(error_json: *mut *mut c_char, body: impl FnOnce() -> Result<(), Error>) -> i32 {
    let _held = cancellation::Held::hold();
    match caught(body) {
        Ok(()) => 0,
        Err(error) => {
            // SAFETY: the caller's promise.
            unsafe { args::set_string(error_json, error.to_json()) };
            error.code.number()
        }
    }
}

/// Runs a `body` that cannot fail; a panic gives `fallback`.
#[cfg(feature = "capi")]
pub(crate) fn guard_or<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    let _held = cancellation::Held::hold();
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(fallback)
}

/// The panic's own text went to standard error; it is not repeated, for it may quote anything.
fn panicked() -> Error {
    Error::new(
        Code::Internal,
        concat!(
            "A bug of yspay ",
            env!("CARGO_PKG_VERSION"),
            ": it panicked, and the panic was caught. Please report what standard error says."
        ),
    )
}

#[cfg(all(test, feature = "capi"))]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_code_with_a_sentence() {
        let mut json = std::ptr::null_mut();
        // SAFETY: `json` may be written.
        let code = unsafe { guard(&mut json, || panic!("as a test")) };
        assert_eq!(code, Code::Internal.number());
        // SAFETY: the string was just made by `set_string`.
        let json = unsafe { std::ffi::CString::from_raw(json) };
        assert!(json.to_str().unwrap().contains(r#""code":"INTERNAL""#));
        assert!(!json.to_str().unwrap().contains("as a test"));
        assert_eq!(guard_or(7, || panic!("as a test")), 7);
    }

    #[test]
    fn an_error_needs_no_place_for_its_json() {
        // SAFETY: NULL is allowed.
        let code = unsafe { guard(std::ptr::null_mut(), || Err(Error::new(Code::Config, "x"))) };
        assert_eq!(code, Code::Config.number());
    }
}
