//! Where the registry of handles lives, as in the library.

#[path = "../../../src/ffi/handle.rs"]
pub(crate) mod handle;

/// Forks are not modelled.
mod fork {
    pub(crate) fn install() {}
}

/// Nor are other copies of the library.
mod copies {
    pub(crate) fn look() {}
}
