//! Where the registry of handles lives, as in the library.

#[path = "../../../src/ffi/handle.rs"]
pub(crate) mod handle;
