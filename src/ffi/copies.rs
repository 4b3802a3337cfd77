//! Two copies of this library in one process, for example of two plugins, or a wheel's beside a program's own: each has a
//! window of its own, and the platform sees twice as many requests as it allows. A copy cannot see another one's memory;
//! so each leaves a mark in the list of what is mapped, which holds for the process and its forked children alone.

use std::ffi::{CStr, CString, c_void};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::log::{Level, log};

const MARK: &str = "yspay:";

/// The name of a file that lives in memory has 249 bytes at most.
const MOST: usize = 240;

/// Looks for other copies that are in use, once. To be called when a client is made, with no lock held.
pub(crate) fn look() {
    static LOOKED: AtomicBool = AtomicBool::new(false);
    if LOOKED.swap(true, Ordering::SeqCst) {
        return;
    }
    let Some(own) = own_file() else { return };
    // Before looking, so that of two copies that do this at once one sees the other.
    leave_mark(&own);
    // Without /proc there is nothing to be seen.
    let mapped = std::fs::read("/proc/self/maps").unwrap_or_default();
    for other in marks(&String::from_utf8_lossy(&mapped)) {
        // The same file cannot be there twice, but once again after it was unloaded.
        if other != own {
            log(Level::Warn, || {
                format!(
                    "two copies of yspay are in use in this process: {other} and {own}. Each keeps to a limit of its own, so \
                     the platform may see twice as many requests. Load one copy alone, or divide the rate with rateLimit."
                )
            });
        }
    }
}

/// The file that this copy was loaded from: a library, or a program or plugin that it was linked into.
fn own_file() -> Option<String> {
    let inside: extern "C" fn() = anchor;
    let mut found = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: any address may be asked about, and `found` may be written.
    let known = unsafe { libc::dladdr(inside as *const c_void, found.as_mut_ptr()) };
    // SAFETY: an `Dl_info` of zeros is valid, whatever the call did.
    let found = unsafe { found.assume_init() };
    if known == 0 || found.dli_fname.is_null() {
        return None;
    }
    // SAFETY: a name that the loader keeps for as long as this copy is loaded.
    let name = unsafe { CStr::from_ptr(found.dli_fname) }.to_string_lossy().into_owned();
    let end = (0..=name.len().min(MOST)).rev().find(|&length| name.is_char_boundary(name.len() - length))?;
    Some(name[name.len() - end..].to_owned())
}

/// An address in this copy.
extern "C" fn anchor() {}

/// Maps an empty file that bears the mark, for as long as the process lives. Nobody ever looks into it.
fn leave_mark(own: &str) {
    let Ok(name) = CString::new(format!("{MARK}{own}")) else { return };
    // SAFETY: a terminated name. By number, for the function came to glibc later than what we are built for.
    let file = unsafe { libc::syscall(libc::SYS_memfd_create, name.as_ptr(), libc::MFD_CLOEXEC) };
    let Ok(file @ 0..) = libc::c_int::try_from(file) else { return };
    // SAFETY: the call has just opened it for us.
    let file = unsafe { OwnedFd::from_raw_fd(file) };
    // SAFETY: a new mapping at a place of the system's choice, which allows no access.
    unsafe { libc::mmap(ptr::null_mut(), 1, libc::PROT_NONE, libc::MAP_PRIVATE, file.as_raw_fd(), 0) };
}

/// The files of the copies that have left marks.
fn marks(mapped: &str) -> Vec<&str> {
    mapped
        .lines()
        .filter_map(|line| line.split_once(&format!("/memfd:{MARK}")))
        .map(|(_, file)| file.strip_suffix(" (deleted)").unwrap_or(file))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_under_its_name() {
        let own = own_file().unwrap();
        assert!(own.contains("yspay-"), "the test program: {own}");
        let before = std::fs::read_to_string("/proc/self/maps").unwrap();
        assert!(!marks(&before).contains(&"/a b/é.so"));
        leave_mark("/a b/é.so");
        let after = std::fs::read_to_string("/proc/self/maps").unwrap();
        assert!(marks(&after).contains(&"/a b/é.so"), "{after}");
    }
}
