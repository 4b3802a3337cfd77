//! Secrets on the stack: what a compiler leaves of them in frames that are gone is overwritten.

use std::hint::black_box;

use zeroize::Zeroize;

/// How far down it is overwritten: deeper than keys are loaded and used, and half of the least stack of yspay.h.
const DEPTH: usize = 64 << 10;

/// Runs `work` and overwrites the stack that it used, also if it panics.
#[inline(never)]
pub(crate) fn scrubbed<T>(work: impl FnOnce() -> T) -> T {
    let _after = Scrub;
    below(work)
}

/// In a frame of its own, so that all of it lies in what is overwritten.
#[inline(never)]
fn below<T>(work: impl FnOnce() -> T) -> T {
    work()
}

struct Scrub;

impl Drop for Scrub {
    #[inline(never)]
    fn drop(&mut self) {
        let mut frames = [0u64; DEPTH / size_of::<u64>()];
        frames.zeroize();
        black_box(&mut frames);
    }
}
