//! How a thread that the system refuses shows, and what to tell.

use std::io::Error;

/// The sentences for a thread that could not be started.
pub(crate) fn refused(purpose: &str, error: &Error) -> String {
    let why = if is_forbidden(error) {
        "That is no limit: a container's seccomp profile forbids the system call clone3, with which newer C libraries start \
         threads. Update the container runtime (Docker has to be 20.10.10 or later) or its profile; whether it is that, \
         docker run --security-opt seccomp=unconfined shows."
    } else {
        "The process or container has reached its limit of threads or memory."
    };
    format!("No thread could be started for {purpose}: {error}. {why}")
}

/// A limit would be another error; threads without privileges are allowed to everybody.
fn is_forbidden(error: &Error) -> bool {
    #[cfg(unix)]
    let number = Some(libc::EPERM);
    #[cfg(not(unix))]
    let number = None;
    number.is_some() && error.raw_os_error() == number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_forbidden_thread_is_told_from_a_limit() {
        let message = |number| refused("the HTTP exchange", &Error::from_raw_os_error(number));
        for limit in [libc::EAGAIN, libc::ENOMEM] {
            assert!(message(limit).contains("limit of threads") && !message(limit).contains("seccomp"));
        }
        let forbidden = message(libc::EPERM);
        assert!(forbidden.contains("for the HTTP exchange") && forbidden.contains("clone3"), "{forbidden}");
        assert!(forbidden.contains("seccomp") && !forbidden.contains("reached its limit"), "{forbidden}");
    }
}
