//! `pthread_cancel` of a thread that is inside this library: glibc then unwinds the thread's stack, which Rust does not let
//! pass, and the process ends. So a thread is not cancelled here, but at the next place in its own code that allows it.

/// While it lives, the thread is not cancelled.
pub(super) struct Held {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    before: libc::c_int,
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
mod posix {
    use libc::c_int;

    // The crate `libc` does not have them for these systems; musl's and glibc's headers agree.
    pub(super) const PTHREAD_CANCEL_DISABLE: c_int = if cfg!(target_vendor = "apple") { 0 } else { 1 };

    unsafe extern "C" {
        pub(super) fn pthread_setcancelstate(state: c_int, before: *mut c_int) -> c_int;
    }
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
impl Held {
    pub(super) fn hold() -> Self {
        let mut before = 0;
        // SAFETY: `before` may be written; the call fails for no state that exists.
        unsafe { posix::pthread_setcancelstate(posix::PTHREAD_CANCEL_DISABLE, &mut before) };
        Held { before }
    }
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: the state is one that the thread had; POSIX does not ask for a place for the other, but some systems do.
        unsafe { posix::pthread_setcancelstate(self.before, &mut 0) };
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
impl Held {
    pub(super) fn hold() -> Self {
        Held {}
    }
}
