//! Reading arguments from and writing results to C memory.

use std::ffi::{CStr, CString, c_char};

use crate::error::{Code, Error};

/// A required text argument.
///
/// # Safety
/// `text` is NULL or points to a NUL-terminated string that stays unchanged for `'a`.
pub(crate) unsafe fn text<'a>(text: *const c_char, name: &str) -> Result<&'a str, Error> {
    // SAFETY: the caller's promise.
    unsafe { optional_text(text, name) }?.ok_or_else(|| invalid(format!("{name} is NULL.")))
}

/// A text argument that may be NULL.
///
/// # Safety
/// As for [`text`].
pub(crate) unsafe fn optional_text<'a>(text: *const c_char, name: &str) -> Result<Option<&'a str>, Error> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, and the caller promises a terminated string that stays unchanged.
    let bytes = unsafe { CStr::from_ptr(text) };
    bytes.to_str().map(Some).map_err(|error| {
        invalid(format!("{name} is not UTF-8 (byte {} is wrong). Convert it, from GBK perhaps.", error.valid_up_to()))
    })
}

/// A required run of bytes.
///
/// # Safety
/// `bytes` is NULL or points to `length` readable bytes that stay unchanged for `'a`.
pub(crate) unsafe fn bytes<'a>(bytes: *const u8, length: usize, name: &str) -> Result<&'a [u8], Error> {
    if length == 0 {
        return Ok(&[]);
    }
    if bytes.is_null() {
        return Err(invalid(format!("{name} is NULL.")));
    }
    if length > isize::MAX as usize {
        return Err(invalid(format!("the length of {name} is more than memory can hold.")));
    }
    // SAFETY: not NULL, not too long, and the caller promises `length` readable bytes that stay unchanged.
    Ok(unsafe { std::slice::from_raw_parts(bytes, length) })
}

/// Refuses a NULL where the call would be useless without the output.
pub(crate) fn required_out<T>(out: *mut T, name: &str) -> Result<(), Error> {
    if out.is_null() { Err(invalid(format!("{name} is NULL, so there is no place for the result."))) } else { Ok(()) }
}

/// Sets an output that the caller may not want.
///
/// # Safety
/// `out` is NULL or points to aligned memory that may be written.
pub(crate) unsafe fn set<T>(out: *mut T, value: T) {
    if !out.is_null() {
        // SAFETY: not NULL, and the caller promises aligned, writable memory; its old content is not dropped.
        unsafe { out.write(value) };
    }
}

/// Hands a string to a caller who wants it; it is the caller's until `ysp_free_string`.
///
/// # Safety
/// As for [`set`].
pub(crate) unsafe fn set_string(out: *mut *mut c_char, text: String) {
    if !out.is_null() {
        // JSON holds no NUL, for it escapes controls; were there one, an empty string would tell of a bug.
        let text = CString::new(text).unwrap_or_default().into_raw();
        // SAFETY: the caller's promise.
        unsafe { set(out, text) };
    }
}

fn invalid(message: String) -> Error {
    Error::new(Code::InvalidArgument, message)
}
