//! How a client comes into being, whichever door it is for.

use super::handle;
use crate::client::Client;
use crate::error::Error;
use crate::stack;

/// Has a client made and gives it a handle.
pub(super) fn new_client(make: impl FnOnce() -> Result<Client, Error>) -> Result<usize, Error> {
    // Before, for another thread may fork while the client is made.
    #[cfg(unix)]
    super::fork::install();
    #[cfg(target_os = "linux")]
    super::copies::look();
    #[cfg(windows)]
    super::pin::stay();
    // The client holds keys: what is left of them on its way to its place is overwritten.
    stack::scrubbed(|| Ok(handle::add_client(make()?)))
}
