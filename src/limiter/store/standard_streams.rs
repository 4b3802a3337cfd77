//! Descriptors 0 to 2 belong to the host's standard input and output even when they are closed: a connection that the
//! system gives one of them would be written to by every `printf`. Windows gives a handle to nobody else.

/// Refuses a connection to the store while one of them is closed.
#[cfg(unix)]
pub(super) fn check() -> Result<(), String> {
    use std::os::fd::AsFd;
    let (stdin, stdout, stderr) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    // A closed one cannot be copied.
    if [stdin.as_fd(), stdout.as_fd(), stderr.as_fd()].iter().any(|stream| stream.try_clone_to_owned().is_err()) {
        return Err(
            "One of the process's descriptors 0 to 2 is closed, and a connection to the store would take its place as \
             standard input or output. Open /dev/null on it."
                .into(),
        );
    }
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn check() -> Result<(), String> {
    Ok(())
}
