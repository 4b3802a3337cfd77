//! Why does a signature not fit? Shows the messages of a capture, what of them is signed, and what was done wrong.

#[allow(dead_code, unused_imports)]
mod capture;
